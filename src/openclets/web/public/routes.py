"""The public site's contents page."""

from __future__ import annotations

from litestar import Router
from litestar.di import Provide

from openclets.web.error_pages import page_exception_handlers
from openclets.web.form_body import BODY_BYTES_MAX
from openclets.web.public import home_pages, verify_pages
from openclets.web.site import Site
from openclets.web.static_files import static_file
from openclets.web.theme_pages import choose_theme


def public_router(site: Site) -> Router:
    """Everything that needs no log-in: home, `/verify`, the theme, and the files every page uses."""
    return Router(
        path="/",
        route_handlers=[
            home_pages.home,
            verify_pages.verify_page,
            verify_pages.verify,
            verify_pages.proof_file,
            choose_theme,
            static_file,
        ],
        dependencies={"site": Provide(lambda: site, sync_to_thread=False)},
        exception_handlers=page_exception_handlers(site),
        request_max_body_size=BODY_BYTES_MAX,
    )
