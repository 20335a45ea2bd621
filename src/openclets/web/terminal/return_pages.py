"""The returns: one verdict, a card a source, hits pinned on top; and the page of one hit.

Verdict first, then facts, then the source's own words. Every hit says to confirm it and can be acknowledged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from openclets.foundation.errors import Refused
from openclets.foundation.identifiers import uuid7
from openclets.switch.reply import Banner, Leg
from openclets.web import pages
from openclets.web.counter import Delivery, Session
from openclets.web.form_body import PageRequest, read_session_form
from openclets.web.site import SessionGiven, Site, SiteGiven
from openclets.web.terminal import topics
from openclets.web.terminal.facts import FactShown, facts_shown
from openclets.web.terminal.run_form import RunForm, explained_as, usual_values
from openclets.web.terminal.verdict import Verdict, in_page_order, is_hit, verdict, whole


@dataclass(frozen=True, slots=True)
class RecordShown:
    """One record on a card."""

    facts: tuple[FactShown, ...]
    matched_on: str


@dataclass(frozen=True, slots=True)
class Card:
    """One source's part of the answer. `position` is its place in the reply; `read`: its hit was read."""

    position: int
    leg: Leg
    verdict: Verdict
    records: tuple[RecordShown, ...]
    cautions: tuple[Banner, ...]
    hit: bool
    read: bool


@get("/returns/{transaction:str}", include_in_schema=False)
async def returns_page(
    request: PageRequest, site: SiteGiven, session: SessionGiven, transaction: FromPath[str]
) -> Response[str]:
    """The returns of a look-up made before; reading them again is an entry."""
    return await show_returns(site, request, session, await site.counter.reread(transaction, session))


@get("/hit/{transaction:str}/{position:int}", include_in_schema=False)
async def hit_page(
    request: PageRequest,
    site: SiteGiven,
    session: SessionGiven,
    transaction: FromPath[str],
    position: FromPath[int],
) -> Response[str]:
    """One hit alone. Raises Refused(NOT_FOUND) for a part of the answer that is no hit."""
    delivery = await site.counter.reread(transaction, session)
    cards = [card for card in cards_of(delivery) if card.hit]
    at = next((n for n, card in enumerate(cards) if card.position == position), None)
    if at is None:
        raise Refused("NOT_FOUND", "There is no hit under that number.")
    return pages.respond(
        site,
        request,
        "terminal/hit.html",
        title=cards[at].verdict.sentence,
        here=f"/terminal/hit/{transaction}/{position}",
        session=session,
        delivery=delivery,
        card=cards[at],
        following=cards[at + 1] if at + 1 < len(cards) else None,
        count=len(cards),
        number_of_hit=at + 1,
    )


@post("/hit/{transaction:str}/{position:int}/read", include_in_schema=False, status_code=303)
async def read_hit(
    request: PageRequest,
    site: SiteGiven,
    session: SessionGiven,
    transaction: FromPath[str],
    position: FromPath[int],
) -> Redirect:
    """ "I have read this": entered, so that "I never saw it" can be checked."""
    await read_session_form(request, session)
    await site.counter.acknowledge(transaction, position, session)
    return pages.see_other(f"/terminal/hit/{transaction}/{position}")


async def show_returns(
    site: Site, request: PageRequest, session: Session, delivery: Delivery
) -> Response[str]:
    """The page of a whole answer, with a form for the next look-up beside it."""
    reply = delivery.reply
    topic, way = topics.topic_asking(reply.message_key, frozenset(delivery.asked))
    incidents = await site.counter.incidents(session)
    why, words = explained_as(delivery.incident, delivery.reason, incidents)

    def form_with(values: Mapping[str, str]) -> RunForm:
        key = uuid7(site.clock.now(), site.randomness)
        return RunForm(topic, way, values, why, words, delivery.purpose_code, delivery.attention, key)

    here = f"/terminal/returns/{reply.transaction}"
    return pages.respond(
        site,
        request,
        "terminal/returns.html",
        title=f"{whole(reply).word}: {topic.label.lower()}",
        here=here,
        session=session,
        # The address of the answer itself, so that "back" and "reload" read it again and never ask again.
        headers={"HX-Push-Url": here},
        delivery=delivery,
        whole=whole(reply),
        cards=cards_of(delivery),
        topic=topic,
        way=way,
        groups=topics.grouped(),
        form=form_with(usual_values(way)),
        again=form_with(delivery.asked),
        incidents=incidents,
        purposes=topics.purposes_of(way.key),
        places={},
    )


def cards_of(delivery: Delivery) -> tuple[Card, ...]:
    """The cards of an answer in page order."""
    reply = delivery.reply
    return tuple(
        Card(
            position=position,
            leg=leg,
            verdict=verdict(leg, reply.banners),
            records=tuple(RecordShown(facts_shown(record), record.matched_on) for record in leg.records),
            cautions=tuple(b for b in reply.banners if b.system == leg.system and b.kind != "HIT"),
            hit=is_hit(leg),
            read=position in delivery.read_legs,
        )
        for position, leg in in_page_order(reply)
    )
