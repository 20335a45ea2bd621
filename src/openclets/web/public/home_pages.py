"""The home page: what openclets is, what the log holds now, and how to check it with one command."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from openclets.web import pages
from openclets.web.form_body import PageRequest
from openclets.web.site import SiteGiven


@get("/", include_in_schema=False)
async def home(request: PageRequest, site: SiteGiven) -> Response[str]:
    """The first page anybody sees."""
    return pages.respond(
        site,
        request,
        "public/home.html",
        title="A police records network that can be checked",
        here="/",
    )
