"""What a page says when something failed: what happened and what to do, in words, never a stack trace.

Words come from `foundation/errors.toml`. A form that can be corrected is shown again by its own page, with
what was typed; this is the page for the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from litestar.exceptions import HTTPException
from litestar.response import Response

from openclets.foundation.errors import BadInput, ErrorText, Refused, Unavailable, catalogue
from openclets.foundation.identifiers import uuid7
from openclets.web import pages
from openclets.web.form_body import PageRequest
from openclets.web.site import Site

_log = logging.getLogger("openclets.web")

_CODE_OF_HTTP = {
    400: "INPUT_INVALID",
    401: "NOT_AUTHENTICATED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    414: "URL_TOO_LONG",
    415: "MEDIA_TYPE",
}

PageHandler = Callable[[PageRequest, Exception], Response[str]]


def page_exception_handlers(site: Site) -> dict[int | type[Exception], PageHandler]:
    """For Litestar's `exception_handlers` of a router of pages: every failure becomes a page in words."""

    def answer(request: PageRequest, failure: Exception) -> Response[str]:
        return error_page(site, request, failure)

    return {Refused: answer, Unavailable: answer, HTTPException: answer, Exception: answer}


def error_page(site: Site, request: PageRequest, failure: Exception) -> Response[str]:
    """The page for one failure, with the code's HTTP number; what went wrong inside stays in our own log."""
    reference = ""
    if not isinstance(failure, Refused | Unavailable | HTTPException):
        reference = uuid7(site.clock.now(), site.randomness)
        _log.error("page failed, reference %s", reference, exc_info=failure)
    words = words_of(failure)
    return pages.respond(
        site,
        request,
        "shared/error.html",
        title=words.text.rstrip("."),
        here="/",
        code=words.http,
        headers=_headers(failure, words),
        words=words,
        faults=failure.faults if isinstance(failure, BadInput) else (),
        rules=failure.rules if isinstance(failure, Refused) else (),
        reference=reference,
    )


def words_of(failure: Exception) -> ErrorText:
    """The catalogue's row for a failure; an unknown one is INTERNAL."""
    if isinstance(failure, Refused | Unavailable):
        code = failure.code
    elif isinstance(failure, HTTPException):
        code = _CODE_OF_HTTP.get(failure.status_code, "INTERNAL")
    else:
        code = "INTERNAL"
    return catalogue().get(code) or catalogue()["INTERNAL"]


def _headers(failure: Exception, words: ErrorText) -> dict[str, str]:
    if isinstance(failure, Unavailable):
        return {"Retry-After": str(failure.retry_after_s)}
    # The rest of a body too large was not read, so the connection can carry nothing after it.
    return {"Connection": "close"} if words.code == "BODY_TOO_LARGE" else {}
