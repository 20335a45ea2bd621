"""What HTTP itself asks of every address: a path that reads one way, a body that ends, HEAD, Allow.

It knows no route; the router behind it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from openclets.foundation.errors import Refused, catalogue
from openclets.web.api.errors import answer_error

URL_BYTES_MAX = 8_192
BODY_S = 60.0
"""How long the body of anything may take; doors that expect less allow less."""

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]


class Edge:
    """ASGI middleware before the router.

    An address that cannot be read is refused, HEAD is answered as GET is but for the body, and 405 names
    the methods that are offered (RFC 9110, 9.3.2 and 15.5.6).
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = address_fault(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        if fault:
            await _send_error(send, fault)
            return
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        await self._app(scope, _in_time(receive), self._naming_methods(scope, send))

    def _naming_methods(self, scope: Scope, send: Send) -> Send:
        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                allowed = await self._allowed(scope)
                message = {**message, "headers": [*message["headers"], *allowed]}
            await send(message)

        return send_named

    async def _allowed(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """What the router answers to OPTIONS at the same address, as far as it concerns methods."""
        heard: list[tuple[bytes, bytes]] = []

        async def hear(message: Message) -> None:
            heard.extend(message.get("headers", ()))

        await self._app({**scope, "method": "OPTIONS"}, _nothing, hear)
        return [(name, value) for name, value in heard if name.lower() == b"allow"]


def address_fault(path: bytes, after_path: bytes) -> str:
    """The code for an address that is too long, or whose path two readers could read in two ways."""
    if len(path) + len(after_path) > URL_BYTES_MAX:
        return "URL_TOO_LONG"
    if b"%" in path:
        try:
            readable = unquote_to_bytes(path).decode("utf-8").isprintable()
        except UnicodeDecodeError:
            readable = False
        if not readable:
            return "URL_INVALID"
    return ""


def _in_time(receive: Receive) -> Receive:
    """`receive`, with a body that must be whole within BODY_S seconds of the first asking."""
    until: float | None = None
    is_whole = False

    async def receive_in_time() -> Message:
        nonlocal until, is_whole
        if is_whole:
            return await receive()
        until = until or asyncio.get_running_loop().time() + BODY_S
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise Refused("BODY_TIMEOUT", catalogue()["BODY_TIMEOUT"].text) from None
        is_whole = not message.get("more_body", False)
        return message

    return receive_in_time


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send_error(send: Send, code: str) -> None:
    answer = answer_error(Refused(code, catalogue()[code].text))
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.http, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
