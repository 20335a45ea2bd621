"""`POST /api/v1/messages`: keyed text in, keyed text out, the same corridor as JSON (decisions.md 25).

What the text has no word for travels as headers: `Idempotency-Key`, and `On-Behalf-Of` for a system. Whatever
fails is answered in keyed text too (`ER` with its code): who sends keyed text reads keyed text.
"""

from __future__ import annotations

import logging

from litestar import Router, post
from litestar.response import Response

from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable, catalogue
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
TRANSACTION, FINAL = "openclets-transaction", "openclets-final"
"""Headers of an answer, for programs: the transaction's number, and whether later parts may come."""

Headers = list[tuple[bytes, bytes]]

_log = logging.getLogger("openclets.web")


@post("/messages", status_code=200, media_type="text/plain", summary="Ask in keyed text")
async def ask_keyed(request: ApiRequest, service: ServiceGiven) -> Response[str]:
    """Takes `text/plain` in UTF-8; answers in keyed text, errors too (`ER` with their code)."""
    text = ""
    sender: Sender | None = None
    try:
        sender = service.sender(request, "keyed")
        headers = list(request.scope["headers"])
        text = _decoded(await read_body(receive_of(request), headers, TEXT_BYTES_MAX))
        released = await _released(text, headers, sender, service.running.network)
    except (Refused, Unavailable) as error:
        note_refusal(error, sender)
        return _error(error, text)
    except Exception:
        _log.exception("a keyed inquiry failed")
        return _error(Refused("INTERNAL", catalogue()["INTERNAL"].text), text)
    reply = released.reply
    told = {TRANSACTION: reply.transaction, FINAL: "true" if reply.final else "false"}
    return Response(print_reply(released), media_type=KEYED, headers=told)


async def _released(text: str, headers: Headers, sender: Sender, network: Network) -> ReleasedReply:
    try:
        raw = from_keyed(
            text,
            network.vocabulary,
            idempotency_key=_once(headers, "idempotency-key"),
            on_behalf_of=_once(headers, "on-behalf-of"),
        )
    except BadInput as bad:
        await refuse_unread(bad, RawInquiry("", {"text": text}), sender, network)
    return await process_inquiry(raw, sender, network)


def _once(headers: Headers, name: str) -> str:
    """A header's value; empty where it is not sent. Raises BadInput where it is sent twice."""
    sent = [value for header, value in headers if header == name.encode()]
    if len(sent) > 1:
        raise BadInput((Fault(name, "is sent twice", "send the header once", "FIELD_DUPLICATE"),))
    return sent[0].decode("latin-1") if sent else ""


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
