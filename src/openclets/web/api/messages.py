"""`POST /api/v1/messages`: keyed text in, keyed text out, the same corridor as JSON (decisions.md 25).

Whatever fails is answered in keyed text too (`ER` with its code): who sends keyed text reads keyed text.
"""

from __future__ import annotations

import logging

from litestar import Router, post
from litestar.response import Response

from openclets.foundation.errors import BadInput, Refused, Unavailable, catalogue
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.keyed_inquiry import from_keyed
from openclets.switch.keyed_reply import print_error, print_reply
from openclets.switch.network import Network
from openclets.switch.process import process_inquiry, refuse_unread
from openclets.switch.reply import ReleasedReply
from openclets.web.api.door import read_body
from openclets.web.api.errors import answer_error
from openclets.web.api.security_log import note_refusal
from openclets.web.api.service import ApiRequest, ServiceGiven, receive_of

TEXT_BYTES_MAX = 64 * 1024
KEYED = "text/plain"

_log = logging.getLogger("openclets.web")


@post("/messages", status_code=200, media_type="text/plain", summary="Ask in keyed text")
async def ask_keyed(request: ApiRequest, service: ServiceGiven) -> Response[str]:
    """Takes `text/plain` in UTF-8; answers in keyed text, errors too (`ER` with their code)."""
    text = ""
    sender: Sender | None = None
    try:
        sender = service.sender(request, "keyed")
        body = await read_body(receive_of(request), list(request.scope["headers"]), TEXT_BYTES_MAX)
        text = _decoded(body)
        released = await _released(text, sender, service.running.network)
    except (Refused, Unavailable) as error:
        note_refusal(error, sender)
        return _error(error, text)
    except Exception:
        _log.exception("a keyed inquiry failed")
        return _error(Refused("INTERNAL", catalogue()["INTERNAL"].text), text)
    return Response(print_reply(released), media_type=KEYED)


async def _released(text: str, sender: Sender, network: Network) -> ReleasedReply:
    try:
        raw = from_keyed(text, network.vocabulary)
    except BadInput as bad:
        await refuse_unread(bad, RawInquiry("", {"text": text}), sender, network)
    return await process_inquiry(raw, sender, network)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("ENCODING_INVALID", catalogue()["ENCODING_INVALID"].text) from None


def _error(error: Refused | Unavailable, text: str) -> Response[str]:
    """`ER` in words, with the HTTP code and the headers that the same error has in JSON."""
    as_json = answer_error(error)
    headers = {name: value for name, value in as_json.headers if name != "content-type"}
    return Response(print_error(error, text), status_code=as_json.http, media_type=KEYED, headers=headers)


messages_router = Router("/", route_handlers=[ask_keyed], tags=["inquiries"])
