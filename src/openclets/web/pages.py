"""From a template and its values to an HTML answer. Templates escape all and refuse an unknown name.

Each slice of `web` keeps its templates beside its code; their names begin with it: `terminal/run.html`.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from litestar.datastructures import Cookie
from litestar.response import Redirect, Response

from openclets.web.counter import Session
from openclets.web.form_body import PageRequest
from openclets.web.site import Site
from openclets.web.static_files import asset_path

THEMES = ("day", "night", "red")
THEME_COOKIE = "openclets-theme"
PUBLIC_ZONE = "America/Los_Angeles"


@cache
def environment() -> Environment:
    """The one Jinja environment of all pages."""
    made = Environment(
        loader=PrefixLoader(
            {
                "shared": PackageLoader("openclets.web", "templates"),
                "terminal": PackageLoader("openclets.web.terminal", "templates"),
                "public": PackageLoader("openclets.web.public", "templates"),
            }
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset_path
    made.filters["day"] = lambda at, zone: _in_zone(at, zone).strftime("%b %-d, %Y")
    made.filters["clock"] = lambda at, zone: _in_zone(at, zone).strftime("%H:%M:%S")
    made.filters["day_and_clock"] = lambda at, zone: _in_zone(at, zone).strftime("%b %-d, %Y, %H:%M:%S %Z")
    made.filters["took"] = lambda ms: f"{ms / 1000:.1f} s" if ms >= 100 else f"{ms:.0f} ms"
    made.filters["sentence"] = _sentence
    made.filters["number"] = lambda count: f"{count:,}"
    return made


def page(template: str, **values: object) -> str:
    """The text of a page. Raises jinja2.UndefinedError when the template asks for a value not given."""
    return environment().get_template(template).render(**values)


def respond(
    site: Site,
    request: PageRequest,
    template: str,
    *,
    title: str,
    here: str,
    session: Session | None = None,
    code: int = 200,
    headers: dict[str, str] | None = None,
    **values: object,
) -> Response[str]:
    """A page inside the common frame. `here` is the path that shows this page again when it is read (GET)."""
    theme = theme_of(request)
    text = page(
        template,
        title=title,
        here=here,
        session=session,
        theme=theme,
        next_theme=THEMES[(THEMES.index(theme) + 1) % len(THEMES)] if theme else "night",
        invented=site.invented,
        log=site.counter.log_summary(),
        zone=session.time_zone if session else PUBLIC_ZONE,
        **values,
    )
    return Response(text, status_code=code, media_type="text/html", headers=headers)


def theme_of(request: PageRequest) -> str:
    """The theme this browser asked for, or empty text: then the device's own preference decides."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""


def theme_cookie(theme: str, *, secure: bool) -> Cookie:
    """Remembers a theme on this device for a year. It holds nothing else, and scripts may read it."""
    return Cookie(key=THEME_COOKIE, value=theme, path="/", max_age=31536000, samesite="lax", secure=secure)


def see_other(path: str, *, cookies: tuple[Cookie, ...] = ()) -> Redirect:
    """After a form: read this page next."""
    return Redirect(path, status_code=303, cookies=list(cookies))


def own_path(path: str, fallback: str) -> str:
    """`path` if it is a path of this site, else `fallback`, so that no form can send a browser elsewhere."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and path.isprintable() and path.isascii() else fallback


def _sentence(text: str) -> str:
    """A part of a fault as a sentence of its own."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "?", "!")) else f"{whole}."


def _in_zone(at: datetime | str, zone: str) -> datetime:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(ZoneInfo(zone))
