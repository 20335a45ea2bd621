"""My look-ups of this shift: what auditors will see too; those that still owe a reason stand on top."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Redirect, Response

from openclets.foundation.errors import BadInput
from openclets.web import pages
from openclets.web.counter import Session
from openclets.web.error_pages import words_of
from openclets.web.form_body import PageRequest, read_session_form
from openclets.web.site import SessionGiven, Site, SiteGiven
from openclets.web.terminal.verdict import result_word

HERE = "/terminal/history"


@get("/history", include_in_schema=False)
async def history_page(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Response[str]:
    """The list."""
    return await _show(site, request, session, given=request.query_params.get("given", ""))


@post("/history/reason", include_in_schema=False, status_code=303)
async def give_reason(
    request: PageRequest, site: SiteGiven, session: SessionGiven
) -> Response[str] | Redirect:
    """Give the reason one look-up owes."""
    form = await read_session_form(request, session)
    transaction = form.get("transaction", "")
    try:
        await site.counter.give_reason(
            transaction, form.get("reason", "").strip(), form.get("incident", "").strip(), session
        )
    except BadInput as failure:
        return await _show(site, request, session, failure=failure, transaction=transaction, form=form)
    return pages.see_other(f"{HERE}?given=1")


async def _show(
    site: Site,
    request: PageRequest,
    session: Session,
    *,
    given: str = "",
    failure: BadInput | None = None,
    transaction: str = "",
    form: dict[str, str] | None = None,
) -> Response[str]:
    rows = await site.counter.history(session)
    return pages.respond(
        site,
        request,
        "terminal/history.html",
        title="My look-ups",
        here=HERE,
        session=session,
        code=words_of(failure).http if failure else 200,
        owing=[row for row in rows if row.reason_owed],
        rows=[row for row in rows if not row.reason_owed],
        incidents=await site.counter.incidents(session),
        result_word=result_word,
        given=given == "1",
        faults=failure.faults if failure else (),
        faulty=transaction,
        typed=form or {},
    )
