"""`POST /api/v1/feeds/duty`: police work on record, from dispatch and roster systems (decisions.md 13)."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar import Router, post
from litestar.response import Response

from openclets.directory.standing import check_standing
from openclets.duty.entries import feed_refused
from openclets.duty.receive import take
from openclets.foundation.errors import Refused, RuleCited
from openclets.journal.entry import Receipt
from openclets.switch.inquiry import Sender
from openclets.web.api.door import read_body
from openclets.web.api.service import ApiRequest, ServiceGiven, receive_of
from openclets.wiring import Running

FEED_BYTES_MAX = 16 * 1024 * 1024
FEED_S = 60.0
MACHINES_ONLY = RuleCited(
    "feed-from-machine",
    "Police work is reported by a system enrolled for it, not by a person.",
    "decisions.md 13",
)


@post("/duty", status_code=200, summary="Report police work (NDJSON, upsert by source id)")
async def report_duty(request: ApiRequest, service: ServiceGiven) -> Response[dict[str, Any]]:
    """One fact a line. A feed with any fault changes nothing and names each. The taking of a feed is an
    entry, and so is its refusal.
    """
    sender = service.sender(request)
    body = b""
    try:
        _check_sender(sender, service.running)
        body = await read_body(receive_of(request), list(request.scope["headers"]), FEED_BYTES_MAX, FEED_S)
        return Response(await _taken(body, sender, service.running))
    except Refused as refused:
        digest = hashlib.sha256(body).hexdigest() if body else ""
        draft = feed_refused(refused, digest, sender.operator_id, sender.terminal_id)
        (entered,) = await service.running.network.journal.append(draft)
        refused.receipt = _shown(entered.receipt)
        raise


def _check_sender(sender: Sender, running: Running) -> None:
    """Only a system reports, and only one that may transact now. Raises Refused."""
    if not sender.machine:
        raise Refused("REFUSED_BY_RULE", MACHINES_ONLY.text, rules=(MACHINES_ONLY,))
    view = running.network.directory.current()
    faults = check_standing(view, sender.operator_id, sender.terminal_id, running.clock.now()).faults
    if faults:
        raise Refused("NOT_ENTITLED", faults[0].text, rules=faults)


async def _taken(body: bytes, sender: Sender, running: Running) -> dict[str, Any]:
    journal, now = running.network.journal, running.clock.now()
    taken = await take(running.duty, journal, body, sender.operator_id, now)
    return {
        "facts": taken.counts,
        "changed": taken.changed,
        "sha256": taken.sha256,
        "receipt": None if taken.receipt is None else _shown(taken.receipt),
    }


def _shown(receipt: Receipt) -> dict[str, object]:
    return {"origin": receipt.origin, "index": receipt.index, "entry_sha256": receipt.entry_sha256}


feeds_router = Router("/feeds", route_handlers=[report_duty], tags=["feeds"])
