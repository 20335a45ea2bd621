"""`POST /api/v1/messages`: keyed text in, keyed text out, the same corridor as JSON (decisions.md 25)."""

from __future__ import annotations

from litestar import Router, post
from litestar.response import Response

from openclets.foundation.errors import BadInput, Refused, Unavailable, catalogue
from openclets.switch.inquiry import RawInquiry
from openclets.switch.keyed_inquiry import from_keyed
from openclets.switch.keyed_reply import print_error, print_reply
from openclets.switch.process import process_inquiry, refuse_unread
from openclets.web.api.service import ApiRequest, ServiceGiven

TEXT_BYTES_MAX = 64 * 1024


@post(
    "/messages",
    status_code=200,
    media_type="text/plain",
    summary="Ask in keyed text",
    request_max_body_size=TEXT_BYTES_MAX,
)
async def ask_keyed(request: ApiRequest, service: ServiceGiven) -> Response[str]:
    """Takes `text/plain` in UTF-8; answers in keyed text, errors too (`ER` with their code)."""
    network = service.running.network
    text = ""
    try:
        sender = service.sender(request, "keyed")
        try:
            text = (await request.body()).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("ENCODING_INVALID", catalogue()["ENCODING_INVALID"].text) from None
        try:
            raw = from_keyed(text, network.vocabulary)
        except BadInput as bad:
            await refuse_unread(bad, RawInquiry("", {"text": text}), sender, network)
        released = await process_inquiry(raw, sender, network)
    except (Refused, Unavailable) as error:
        return Response(
            print_error(error, text),
            status_code=catalogue()[error.code].http,
            media_type="text/plain; charset=utf-8",
        )
    return Response(print_reply(released), media_type="text/plain; charset=utf-8")


messages_router = Router("/", route_handlers=[ask_keyed], tags=["inquiries"])
