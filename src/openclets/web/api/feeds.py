"""`POST /api/v1/feeds/duty`: police work on record, from dispatch and roster systems (decisions.md 13)."""

from __future__ import annotations

from typing import Any

from litestar import Router, post
from litestar.response import Response

from openclets.duty.receive import take
from openclets.foundation.errors import Refused, RuleCited
from openclets.web.api.service import ApiRequest, ServiceGiven

FEED_BYTES_MAX = 16 * 1024 * 1024
MACHINES_ONLY = RuleCited(
    "feed-from-machine",
    "Police work is reported by a system enrolled for it, not by a person.",
    "decisions.md 13",
)


@post(
    "/duty",
    status_code=200,
    summary="Report police work (NDJSON, upsert by source id)",
    request_max_body_size=FEED_BYTES_MAX,
)
async def report_duty(request: ApiRequest, service: ServiceGiven) -> Response[dict[str, Any]]:
    """One fact a line. A feed with any fault changes nothing and names each; the taking of a feed
    is an entry.
    """
    sender = service.sender(request)
    if not sender.machine:
        raise Refused("REFUSED_BY_RULE", MACHINES_ONLY.text, rules=(MACHINES_ONLY,))
    running = service.running
    taken = await take(
        running.duty, running.network.journal, await request.body(), sender.operator_id, running.clock.now()
    )
    receipt = taken.receipt
    return Response(
        {
            "facts": taken.counts,
            "changed": taken.changed,
            "sha256": taken.sha256,
            "receipt": None
            if receipt is None
            else {"origin": receipt.origin, "index": receipt.index, "entry_sha256": receipt.entry_sha256},
        }
    )


feeds_router = Router("/feeds", route_handlers=[report_duty], tags=["feeds"])
