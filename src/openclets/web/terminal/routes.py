"""The terminal site's contents page: every address, and what happens when nobody is logged in."""

from __future__ import annotations

from litestar import Router
from litestar.di import Provide
from litestar.response import Redirect, Response

from openclets.web.error_pages import page_exception_handlers
from openclets.web.form_body import BODY_BYTES_MAX, PageRequest
from openclets.web.site import Site
from openclets.web.terminal import history_pages, log_in_pages, return_pages, run_pages
from openclets.web.terminal.log_in_session import present_session, provide_session


def terminal_router(site: Site) -> Router:
    """Everything under `/terminal`."""

    async def log_in_first(request: PageRequest) -> Response[str] | Redirect | None:
        if await present_session(site, request) is not None:
            return None
        return await log_in_pages.ask_to_log_in(site, request)

    logged_in = Router(
        path="/",
        route_handlers=[
            run_pages.run_page,
            run_pages.run_address,
            run_pages.run,
            run_pages.run_keyed,
            return_pages.returns_page,
            return_pages.hit_page,
            return_pages.read_hit,
            history_pages.history_page,
            history_pages.give_reason,
            log_in_pages.log_out,
            log_in_pages.seat_form,
            log_in_pages.take_seat,
        ],
        before_request=log_in_first,
        dependencies={"session": Provide(provide_session)},
    )
    return Router(
        path="/terminal",
        route_handlers=[
            log_in_pages.log_in_form,
            log_in_pages.log_in,
            log_in_pages.log_in_link,
            log_in_pages.log_in_by_link,
            logged_in,
        ],
        dependencies={"site": Provide(lambda: site, sync_to_thread=False)},
        exception_handlers=page_exception_handlers(site),
        request_max_body_size=BODY_BYTES_MAX,
    )
