"""Logging in and out, and taking a seat at another terminal. The use notice comes before access (CJIS AC-8).

A one-time link only shows a button: programs that fetch links ahead of people do not use it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from openclets.foundation.errors import Refused
from openclets.web import pages
from openclets.web.error_pages import words_of
from openclets.web.form_body import PageRequest, read_form, read_session_form
from openclets.web.site import SessionGiven, Site, SiteGiven
from openclets.web.terminal import run_pages
from openclets.web.terminal.log_in_session import ended_cookie, present_session, session_cookie
from openclets.web.terminal.run_form import typed_form

HOME = "/terminal/"
LOG_IN = "/terminal/log-in"
_KEPT = "kept."


@get("/log-in", include_in_schema=False)
async def log_in_form(request: PageRequest, site: SiteGiven) -> Response[str] | Redirect:
    """The use notice and the form; somebody already logged in goes on."""
    onward = pages.own_path(request.query_params.get("next", ""), HOME)
    if await present_session(site, request) is not None:
        return pages.see_other(onward)
    return show_log_in(site, request, onward=onward)


@post("/log-in", include_in_schema=False, status_code=200)
async def log_in(request: PageRequest, site: SiteGiven) -> Response[str] | Redirect:
    """Log in by operator id and password. What was typed before the log-in ended comes back in its form."""
    form = await read_form(request)
    onward = pages.own_path(form.get("next", ""), HOME)
    operator_id = form.get("operator_id", "").strip()
    kept = kept_fields(form)
    try:
        session = await site.counter.log_in(operator_id, form.get("password", ""), _source(request))
    except Refused as refusal:
        return show_log_in(
            site, request, onward=onward, operator_id=operator_id, kept=kept, refusal=refusal, code=401
        )
    if not kept:
        return pages.see_other(onward, cookies=(session_cookie(site, session),))
    # What was typed comes back to be read and run again by hand: a stale plate must not run itself.
    answer = await run_pages.show_run(site, request, session, typed_form(kept), returned=True)
    answer.set_cookie(session_cookie(site, session))
    return answer


@get("/log-in/{link:str}", include_in_schema=False)
async def log_in_link(request: PageRequest, site: SiteGiven, link: FromPath[str]) -> Response[str]:
    """The notice and one button; reading this page uses nothing up."""
    return pages.respond(site, request, "terminal/log_in_link.html", title="Log in", here=LOG_IN, link=link)


@post("/log-in/{link:str}", include_in_schema=False, status_code=303)
async def log_in_by_link(
    request: PageRequest, site: SiteGiven, link: FromPath[str]
) -> Response[str] | Redirect:
    """Use the link up and log in."""
    await read_form(request)
    try:
        session = await site.counter.log_in_by_link(link, _source(request))
    except Refused as refusal:
        return show_log_in(site, request, onward=HOME, refusal=refusal, spent_link=True, code=401)
    return pages.see_other(HOME, cookies=(session_cookie(site, session),))


@post("/log-out", include_in_schema=False, status_code=303)
async def log_out(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Redirect:
    """End the session."""
    await read_session_form(request, session)
    await site.counter.log_out(session)
    return pages.see_other(LOG_IN, cookies=(ended_cookie(site),))


@get("/seat", include_in_schema=False)
async def seat_form(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Response[str]:
    """Which terminal the operator sits at."""
    return pages.respond(
        site, request, "terminal/seat.html", title="Your terminal", here="/terminal/seat", session=session
    )


@post("/seat", include_in_schema=False, status_code=303)
async def take_seat(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Redirect:
    """Sit at another terminal."""
    form = await read_session_form(request, session)
    moved = await site.counter.sit_at(form.get("terminal", ""), session)
    return pages.see_other(HOME, cookies=(session_cookie(site, moved),))


def show_log_in(
    site: Site,
    request: PageRequest,
    *,
    onward: str,
    operator_id: str = "",
    kept: Mapping[str, str] | None = None,
    refusal: Refused | None = None,
    spent_link: bool = False,
    code: int = 200,
) -> Response[str]:
    """The page to log in; `kept` are fields of a form that is to come back afterwards."""
    return pages.respond(
        site,
        request,
        "terminal/log_in.html",
        title="Log in",
        here=LOG_IN,
        code=code,
        onward=onward,
        operator_id=operator_id,
        kept=kept or {},
        words=words_of(refusal) if refusal else None,
        spent_link=spent_link,
    )


async def ask_to_log_in(site: Site, request: PageRequest) -> Response[str] | Redirect:
    """Somebody came without a session. A form that was sent is kept in the log-in form, less its tokens."""
    path = request.url.path
    if request.method != "POST":
        onward = f"{path}?{request.url.query}" if request.url.query else path
        return pages.see_other(f"{LOG_IN}?next={quote(onward)}")
    form = await read_form(request)
    kept = {name: value for name, value in form.items() if name not in ("form_token", "idempotency_key")}
    return show_log_in(site, request, onward=HOME, kept=kept, code=401)


def kept_fields(form: Mapping[str, str]) -> dict[str, str]:
    """The fields kept over a log-in, under their own names again."""
    return {name.removeprefix(_KEPT): value for name, value in form.items() if name.startswith(_KEPT)}


def _source(request: PageRequest) -> str:
    return request.client.host if request.client else ""
