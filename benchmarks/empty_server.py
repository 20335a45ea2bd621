"""The demo's own HTTP server with nothing behind it: what an inquiry would cost if nothing were asked.

    python -m benchmarks.empty_server PORT

It takes a request's whole body and answers one fixed object, until it is terminated.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvloop

from openclets.web.serve import Serving

BODY = b'{"answer":"nothing was asked"}'
HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class Empty:
    """An ASGI application that answers everything with the same bytes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})


async def _serve(port: int) -> None:
    await Serving(Empty(), "127.0.0.1", port).begin()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
