"""Serves the application in the present event loop, until it is stopped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from openclets.foundation.errors import Unavailable

Answers = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application: scope, receive, send."""

HEADER_READ_TIMEOUT_MS = 10_000
"""A client that has not sent its headers by then is cut off (corpus B217)."""


def free_port(host: str, port: int) -> int:
    """`port`, or a free one for 0. Raises Unavailable(`PORT_IN_USE`) when somebody listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise Unavailable(
                "PORT_IN_USE", f"Something already listens at {host}:{port}: {taken.strerror}."
            ) from taken
        return int(probe.getsockname()[1])


class Serving:
    """The listener. `begin` returns once it accepts connections; `end` lets answers under way go out."""

    def __init__(self, app: Answers, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._server = Server(
            _Target(app),
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_READ_TIMEOUT_MS),
            websockets=False,
            log_enabled=False,
            backlog=1024,
        )
        self._task: asyncio.Task[None] | None = None

    async def begin(self, patience_s: float = 10.0) -> None:
        """Start listening. Raises Unavailable when it does not."""
        self._task = asyncio.get_running_loop().create_task(self._server.serve())
        deadline = asyncio.get_running_loop().time() + patience_s
        while asyncio.get_running_loop().time() < deadline and not self._task.done():
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return
        raise Unavailable("PORT_IN_USE", f"The server could not listen at {self.host}:{self.port}.")

    async def end(self) -> None:
        """Stop listening."""
        if self._task is None:
            return
        self._server.stop()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(5):
                await asyncio.shield(self._task)
        except TimeoutError:
            self._task.cancel()


class _Target:
    """The server asks for a plain callable."""

    def __init__(self, app: Answers) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)
