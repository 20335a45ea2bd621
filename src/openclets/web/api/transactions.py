"""`/api/v1/transactions/{id}`: read one again, watch its legs arrive, fetch its proof."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response, Stream

from openclets.foundation.errors import Refused, catalogue
from openclets.journal.leaf import leaf_hash
from openclets.switch.reply import ReleasedReply
from openclets.web.api.service import ApiRequest, ServiceGiven

KEEP_ALIVE_S = 15.0


@get("/{transaction:str}", summary="Read one transaction again (an entry each time)")
async def read_again(
    request: ApiRequest, service: ServiceGiven, transaction: FromPath[str]
) -> Response[bytes]:
    """The reply as it stands now, in the form of `POST /api/v1/inquiries`."""
    sender = service.sender(request)
    released = await service.running.rereading.again(transaction, sender, "by transaction number")
    return Response(released.wire(), media_type="application/json")


@get("/{transaction:str}/events", summary="Watch the legs of one transaction arrive")
async def watch(request: ApiRequest, service: ServiceGiven, transaction: FromPath[str]) -> Stream:
    """Server-sent events: `reply` with the whole reply each time it changes, then `end`."""
    sender = service.sender(request)
    first = await service.running.rereading.again(transaction, sender, "by watching it")
    live = service.running.network.live.find(transaction)

    async def events() -> AsyncIterator[bytes]:
        if live is None:
            yield _event("reply", first)
        else:
            async for newer in _with_signs_of_life(live.changes()):
                yield _event("reply", newer) if newer is not None else b": still waiting\n\n"
        yield b"event: end\ndata: {}\n\n"

    return Stream(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@get(
    "/{transaction:str}/proof", summary="The offline proof that the reply's entry is in the log (tlog-proof)"
)
async def proof(request: ApiRequest, service: ServiceGiven, transaction: FromPath[str]) -> Response[str]:
    """C2SP tlog-proof text; 202 with `Retry-After: 1` while no checkpoint covers the entry yet."""
    sender = service.sender(request)
    entries = await service.running.rereading.own_entries(transaction, sender)
    answers = [e for e in entries if e.leaf_class in (2, 3)]
    if not answers:
        raise Refused("NOT_FOUND", catalogue()["NOT_FOUND"].text)
    newest = answers[-1]
    found = await asyncio.to_thread(service.running.log_folder.proof, newest.index)
    if found is None:
        return Response("", status_code=202, media_type="text/plain", headers={"Retry-After": "1"})
    headers = {
        "Content-Disposition": f'attachment; filename="entry-{newest.index}.tlog-proof"',
        "X-Entry-SHA256": leaf_hash(newest.leaf()).hex(),
    }
    return Response(found.encode(), media_type="text/plain", headers=headers)


async def _with_signs_of_life(changes: AsyncIterator[ReleasedReply]) -> AsyncIterator[ReleasedReply | None]:
    """Each change as it comes; None whenever KEEP_ALIVE_S have passed without one."""
    pending: asyncio.Future[ReleasedReply | None] = asyncio.ensure_future(anext(changes, None))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=KEEP_ALIVE_S)
            if not done:
                yield None
            elif (newer := pending.result()) is None:
                return
            else:
                yield newer
                pending = asyncio.ensure_future(anext(changes, None))
    finally:
        # Who watched may have gone; nobody waits for them any longer.
        pending.cancel()


def _event(name: str, released: ReleasedReply) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + released.wire() + b"\n\n"


transactions_router = Router(
    "/transactions", route_handlers=[read_again, watch, proof], tags=["transactions"]
)
