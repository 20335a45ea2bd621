"""`POST /api/v1/inquiries`, the hot path: straight from the socket to the corridor and back.

The router of pages is not asked; everything else about the address (documentation, other methods)
is its affair.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from openclets.foundation.errors import Refused, Unavailable
from openclets.switch.inquiry import Sender
from openclets.switch.network import Network
from openclets.switch.process import process_inquiry, refuse_unread
from openclets.web.api.bearer import sender_of
from openclets.web.api.door import Receive, UnreadShape, read_body, read_inquiry
from openclets.web.api.errors import ErrorAnswer, answer_error, internal_error
from openclets.web.api.security_log import note_refusal

PATH = "/api/v1/inquiries"

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logging.getLogger("openclets.web")
_JSON_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


async def answer_inquiry(scope: Scope, receive: Receive, send: Send, network: Network) -> int:
    """Answer one inquiry over ASGI; the HTTP code answered. Every failure leaves in the one error shape."""
    sender: Sender | None = None
    try:
        view, now = network.directory.current(), network.clock.now()
        sender = sender_of(scope["headers"], view, now, peer=scope.get("client"))
        body = await answer_body(await read_body(receive, scope["headers"]), sender, network)
    except (Refused, Unavailable) as error:
        note_refusal(error, sender)
        return await send_error(send, answer_error(error))
    except Exception:
        _log.exception("an inquiry failed")
        return await send_error(send, internal_error())
    await send({"type": "http.response.start", "status": 200, "headers": _JSON_HEADERS})
    await send({"type": "http.response.body", "body": body})
    return 200


async def answer_body(body: bytes, sender: Sender, network: Network) -> bytes:
    """The reply to the inquiry in `body`, as JSON. A body that is not an inquiry is a refusal with
    its entry.
    """
    try:
        raw = read_inquiry(body)
    except UnreadShape as unread:
        await refuse_unread(unread, unread.raw, sender, network)
    return (await process_inquiry(raw, sender, network)).wire()


async def send_error(send: Send, answer: ErrorAnswer) -> int:
    """Send an error as it is; its HTTP code."""
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.http, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
    return answer.http
