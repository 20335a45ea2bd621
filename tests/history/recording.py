"""Recording a history of a network in the test's own process: ask and listen to the end, then collect."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import httpx
import msgspec

from history.checker import Entry, Heard, History, Reached
from openclets.adapters.http_json.outside import LoggedMessage
from openclets.directory.operator import Operator
from openclets.foundation.database import Role
from openclets.journal.leaf import encode_leaf, leaf_hash
from stories.served import OFFICER, Network


async def ask_to_the_end(network: Network, body: dict[str, Any], operator: Operator = OFFICER) -> Heard:
    """One inquiry, and every newer reply of it until the network has no more to say."""
    try:
        answer = await network.ask(body, operator)
    except httpx.HTTPError as broken:
        return Heard(operator.id, code=type(broken).__name__, ended=False)
    if answer.status_code != 200:
        error = answer.json()["error"]
        return Heard(operator.id, code=error["code"], receipt=error.get("receipt"))
    first = answer.json()
    if first["final"]:
        return Heard(operator.id, (first,))
    replies = [first]
    path = f"/api/v1/transactions/{first['transaction']}/events"
    ended = False
    try:
        async with network.http.stream("GET", path, headers=network.bearer(operator)) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: {") and line != "data: {}":
                    replies.append(json.loads(line[6:]))
                ended = ended or line == "event: end"
    except httpx.HTTPError:
        ended = False
    return Heard(operator.id, tuple(replies), ended=ended)


async def collected(
    network: Network, heard: list[Heard], outside_url: str, outside: frozenset[str]
) -> History:
    """What was heard, beside all that is entered and all that the outside process logged."""
    await asyncio.wait_for(network.running.network.background.finished(), 60)
    async with httpx.AsyncClient() as http:
        lines = (await http.get(f"{outside_url}/log")).content.splitlines() if outside_url else []
    logged = [msgspec.json.decode(line, type=LoggedMessage) for line in lines]
    return History(
        tuple(heard),
        await asyncio.to_thread(_entries, network),
        tuple(
            Reached(
                datetime.fromisoformat(one.at),
                one.transaction,
                one.system,
                one.operator_id,
                one.entry_index,
                one.entry_sha256,
                one.state,
            )
            for one in logged
        ),
        outside,
    )


def _entries(network: Network) -> tuple[Entry, ...]:
    with network.running.database.connect(Role.READER) as connection:
        rows = connection.execute(
            "SELECT index, at, kind, coalesce(transaction::text, ''), operator_id, result_class,"
            " leaf_class, flags, commitment FROM journal.entry ORDER BY index"
        ).fetchall()
    return tuple(Entry(*row[:6], leaf_hash(encode_leaf(row[6], row[7], bytes(row[8]))).hex()) for row in rows)
