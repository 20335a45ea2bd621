"""From the browser's cookie to the session it opens, and back; one cookie a site (decisions.md 24)."""

from __future__ import annotations

from litestar.datastructures import Cookie

from openclets.foundation.errors import Refused
from openclets.web.counter import Session
from openclets.web.form_body import PageRequest
from openclets.web.site import Site, SiteGiven


def cookie_name(site: Site) -> str:
    """With TLS the browser itself holds the cookie to this host, to TLS and to the whole path (`__Host-`)."""
    return "__Host-openclets-terminal" if site.secure_cookies else "openclets-terminal"


def session_cookie(site: Site, session: Session) -> Cookie:
    """The cookie of a new session: unreadable to scripts, never sent with a request another site caused."""
    return Cookie(
        key=cookie_name(site),
        value=session.cookie,
        path="/",
        httponly=True,
        samesite="strict",
        secure=site.secure_cookies,
    )


def ended_cookie(site: Site) -> Cookie:
    """Takes the cookie back."""
    return Cookie(
        key=cookie_name(site),
        value="",
        path="/",
        max_age=0,
        httponly=True,
        samesite="strict",
        secure=site.secure_cookies,
    )


async def present_session(site: Site, request: PageRequest) -> Session | None:
    """The session of this request, if any."""
    cookie = request.cookies.get(cookie_name(site), "")
    return await site.counter.session(cookie) if cookie else None


async def provide_session(request: PageRequest, site: SiteGiven) -> Session:
    """For handlers behind the log-in. Raises Refused(NOT_AUTHENTICATED) if it ended a moment ago."""
    session = await present_session(site, request)
    if session is None:
        raise Refused("NOT_AUTHENTICATED", "The log-in has ended.")
    return session
