"""One ASGI application: the hot path answered here, everything else by the router of pages and programs.

The sites share a port in the demo (decisions.md 24). Every answer of the router carries the security
headers; every failure of the programs' side has the one error shape.
"""

from __future__ import annotations

import logging
from typing import Any

from litestar import Litestar, Router, post
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.response import Response

from openclets.foundation.errors import Refused, Unavailable, catalogue
from openclets.web.api import inquiries
from openclets.web.api.door import Receive, read_body
from openclets.web.api.errors import ErrorAnswer, answer_error, internal_error
from openclets.web.api.feeds import feeds_router
from openclets.web.api.health import healthz, readyz
from openclets.web.api.inquiries import Scope, Send, answer_body, answer_inquiry
from openclets.web.api.messages import messages_router
from openclets.web.api.openapi import openapi
from openclets.web.api.public_log import log_router
from openclets.web.api.security_log import note_refusal
from openclets.web.api.service import ApiRequest, Service, ServiceGiven, receive_of
from openclets.web.api.transactions import transactions_router
from openclets.web.edge import Edge
from openclets.web.error_pages import error_page
from openclets.web.headers import SecurityHeaders
from openclets.web.metrics import Tally
from openclets.web.public.routes import public_router
from openclets.web.site import Site
from openclets.web.terminal.routes import terminal_router
from openclets.wiring import Running

PROGRAMS = ("/api", "/log", "/data", "/healthz", "/readyz", "/metrics")

_log = logging.getLogger("openclets.web")


class Application:
    """What the server runs. `tally` counts its inquiries."""

    def __init__(self, running: Running, site: Site) -> None:
        self._network = running.network
        self._clock = running.clock
        self.tally = Tally()
        self._rest = Edge(SecurityHeaders(_router(Service(running), site)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == inquiries.PATH and scope["method"] == "POST":
            begun = self._clock.monotonic()
            http = await answer_inquiry(scope, receive, send, self._network)
            self.tally.answered(http, self._clock.monotonic() - begun)
            return
        await self._rest(scope, receive, send)


@post("/inquiries", status_code=200, summary="Ask one inquiry", tags=["inquiries"])
async def ask(request: ApiRequest, service: ServiceGiven) -> Response[bytes]:
    """The documented form of the hot path; the server answers the address before the router is reached."""
    sender = service.sender(request)
    try:
        body = await read_body(receive_of(request), list(request.scope["headers"]))
        reply = await answer_body(body, sender, service.running.network)
    except Refused as refused:
        note_refusal(refused, sender)
        raise
    return Response(reply, media_type="application/json")


def _router(service: Service, site: Site) -> Litestar:
    api = Router(
        "/api/v1",
        route_handlers=[ask, messages_router, transactions_router, feeds_router],
        dependencies={"service": Provide(lambda: service, sync_to_thread=False)},
        exception_handlers={Refused: _shown, Unavailable: _shown, HTTPException: _http, Exception: _internal},
    )
    bare = Router(
        "/",
        route_handlers=[log_router, healthz, readyz, openapi],
        dependencies={"service": Provide(lambda: service, sync_to_thread=False)},
        exception_handlers={Refused: _shown, Unavailable: _shown, HTTPException: _http, Exception: _internal},
    )

    def nowhere(request: ApiRequest, error: Exception) -> Response[Any]:
        """An address of no route: words for people, the one error shape for programs."""
        for_programs = request.url.path.startswith(PROGRAMS)
        return _http(request, error) if for_programs else error_page(site, request, error)

    return Litestar(
        route_handlers=[api, bare, terminal_router(site), public_router(site)],
        openapi_config=None,
        exception_handlers={
            Refused: _shown,
            Unavailable: _shown,
            HTTPException: nowhere,
            Exception: _internal,
        },
        logging_config=None,
    )


_CODES = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    415: "MEDIA_TYPE",
    414: "URL_TOO_LONG",
}


def _shown(request: ApiRequest, error: Exception) -> Response[bytes]:
    assert isinstance(error, Refused | Unavailable)
    return _response(answer_error(error))


def _http(request: ApiRequest, error: Exception) -> Response[bytes]:
    code = _CODES.get(getattr(error, "status_code", 500))
    if code is None and getattr(error, "status_code", 500) < 500:
        code = "INPUT_INVALID"
    return _response(answer_error(_refused(code)) if code else internal_error())


def _internal(request: ApiRequest, error: Exception) -> Response[bytes]:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _response(internal_error())


def _response(answer: ErrorAnswer) -> Response[bytes]:
    headers: dict[str, Any] = {n: v for n, v in answer.headers if n != "content-type"}
    return Response(answer.body, status_code=answer.http, media_type="application/json", headers=headers)


def _refused(code: str) -> Refused:
    return Refused(code, catalogue()[code].text)
