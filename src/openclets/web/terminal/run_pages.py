"""Running a look-up: the form, the one-line keyed box, and what comes of them on one page.

A look-up that is refused or cannot be read shows the form again with what was typed, and says why.
"""

from __future__ import annotations

from dataclasses import replace

from litestar import get, post
from litestar.response import Redirect, Response

from openclets.foundation.errors import BadInput, Refused, Unavailable
from openclets.foundation.identifiers import uuid7
from openclets.web import cross_site, pages
from openclets.web.counter import Delivery, KeyedLine, Session
from openclets.web.error_pages import words_of
from openclets.web.form_body import PageRequest, read_form
from openclets.web.site import SessionGiven, Site, SiteGiven
from openclets.web.terminal import topics
from openclets.web.terminal.return_pages import show_returns
from openclets.web.terminal.run_form import RunForm, blank_form, control_labels, fault_places, typed_form
from openclets.web.terminal.verdict import result_word

HOME = "/terminal/"
RECENT_ROWS = 5


@get("/", include_in_schema=False)
async def run_page(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Response[str]:
    """The form for what is to be looked up (`?look=`), by which identifier (`?by=`)."""
    topic = topics.topic_named(request.query_params.get("look", ""))
    way = topic.way(request.query_params.get("by", ""))
    incidents = await site.counter.incidents(session)
    return await show_run(site, request, session, blank_form(topic, way, incidents, _fresh_key(site)))


@get("/run", include_in_schema=False)
async def run_address() -> Redirect:
    """The address a form was sent to, opened by hand: back to the form."""
    return pages.see_other(HOME)


@post("/run", include_in_schema=False, status_code=200)
async def run(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Response[str]:
    """Ask, and show the returns."""
    posted = await read_form(request)
    form = typed_form(posted)
    try:
        cross_site.check_form_token(posted, session)
        delivery = await site.counter.run(form.as_inquiry(), session)
    except (Refused, Unavailable) as failure:
        return await show_run(site, request, session, form, failure=failure)
    return await _answered(site, request, session, delivery)


@post("/keyed", include_in_schema=False, status_code=200)
async def run_keyed(request: PageRequest, site: SiteGiven, session: SessionGiven) -> Response[str]:
    """Ask by keyed text, as `RQ.LIC/0ABC123.LIS/CA`, and show the returns."""
    posted = await read_form(request)
    form = typed_form(posted)
    text = posted.get("keyed", "")
    try:
        cross_site.check_form_token(posted, session)
        line = KeyedLine(text.strip(), form.incident, form.reason, form.idempotency_key)
        delivery = await site.counter.run_keyed(line, session)
    except (Refused, Unavailable) as failure:
        return await show_run(site, request, session, form, keyed=text, failure=failure)
    return await _answered(site, request, session, delivery)


async def show_run(
    site: Site,
    request: PageRequest,
    session: Session,
    form: RunForm,
    *,
    keyed: str = "",
    failure: Refused | Unavailable | None = None,
    returned: bool = False,
) -> Response[str]:
    """The run page with this form. `failure` is what came of running it; `returned`: kept over a log-in."""
    faults = failure.faults if isinstance(failure, BadInput) else ()
    words = words_of(failure) if failure else None
    return pages.respond(
        site,
        request,
        "terminal/run.html",
        title="Run a look-up" if failure is None else f"Not run: {form.topic.label.lower()}",
        here=f"{HOME}?look={form.topic.name}&by={form.way.name}",
        session=session,
        code=words.http if words else 200,
        groups=topics.grouped(),
        # A corrected form is a new inquiry: under the old key it would be taken for a changed repetition.
        form=form if failure is None else replace(form, idempotency_key=_fresh_key(site)),
        keyed=keyed,
        incidents=await site.counter.incidents(session),
        recent=(await site.counter.history(session))[:RECENT_ROWS],
        failure=failure,
        words=words,
        faults=faults,
        places=fault_places(faults, form) if not keyed else {"keyed": list(faults)},
        labels=control_labels(form),
        rules=failure.rules if isinstance(failure, Refused) else (),
        returned=returned,
        result_word=result_word,
        purposes=topics.purposes_of(form.way.key),
    )


async def _answered(site: Site, request: PageRequest, session: Session, delivery: Delivery) -> Response[str]:
    return await show_returns(site, request, session, delivery)


def _fresh_key(site: Site) -> str:
    return uuid7(site.clock.now(), site.randomness)
