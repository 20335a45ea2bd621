"""`/healthz`: the process lives. `/readyz`: the journal is writable, the directory current, the
checkpoint fresh.
"""

from __future__ import annotations

import os

from litestar import get
from litestar.response import Response

from openclets.foundation.errors import Unavailable
from openclets.web.api.service import ServiceGiven

BEHIND_MAX = 20_000
"""Entries the published log may lag behind: two seconds of the highest load measured."""


@get("/healthz", summary="The process lives", tags=["operations"])
async def healthz() -> Response[dict[str, str]]:
    """Always 200 while the process can answer at all."""
    return Response({"state": "alive"})


@get("/readyz", summary="The process can answer inquiries", tags=["operations"])
async def readyz(service: ServiceGiven) -> Response[dict[str, object]]:
    """200 when every part is in order, 503 with the parts that are not."""
    running = service.running
    try:
        running.directory.current()
        directory = True
    except Unavailable:
        directory = False
    behind = running.publisher.known_size - running.publisher.published_size
    parts = {
        "journal_writable": running.sequencer.is_writable,
        "directory_current": directory,
        "log_published": behind <= BEHIND_MAX,
        "keys_reachable": os.access(running.settings.data_dir / "keys" / "signing.key", os.R_OK),
    }
    ready = all(parts.values())
    return Response(
        {"ready": ready, **parts, "entries_not_published": behind}, status_code=200 if ready else 503
    )
