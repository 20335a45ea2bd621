"""Day, night or red: chosen by a form without scripts, by F9 with them; kept on the device in a cookie."""

from __future__ import annotations

from litestar import post
from litestar.response import Redirect

from openclets.foundation.errors import BadInput, Fault
from openclets.web import pages
from openclets.web.form_body import PageRequest, read_form
from openclets.web.site import SiteGiven


@post("/theme", include_in_schema=False, status_code=303)
async def choose_theme(request: PageRequest, site: SiteGiven) -> Redirect:
    """Set the theme and show the page again."""
    form = await read_form(request)
    theme = form.get("theme", "")
    if theme not in pages.THEMES:
        raise BadInput((Fault("theme", "no such theme", f"Choose one of {', '.join(pages.THEMES)}."),))
    cookie = pages.theme_cookie(theme, secure=site.secure_cookies)
    return pages.see_other(pages.own_path(form.get("here", ""), "/"), cookies=(cookie,))
