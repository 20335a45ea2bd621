"""Legs still out when the first parts left: followed to the deadline, given up, and past it for
late answers.

Each arrival is an entry before it is shown. A final reply never becomes unfinished: an answer after
the deadline turns its leg to LATE and changes nothing else but banners and summary. While the journal
or the directory is away, what has arrived waits for it, unseen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.errors import Refused, Unavailable
from openclets.journal.entry import Companion, Entered, EntryDraft, Wrapping
from openclets.records.answer import LegState
from openclets.switch import assembly, entries
from openclets.switch.admission import Place
from openclets.switch.asking import Asking
from openclets.switch.entitlement import Entitled, stand_still
from openclets.switch.inquiry import Inquiry
from openclets.switch.live import LiveTransaction
from openclets.switch.passage import Passage, receipt_shown
from openclets.switch.release import OWN_RECORD, SUBJECT_TABLE, is_own_record, subjects_of
from openclets.switch.reply import Leg, ReleasedReply, Reply, encode_reply
from openclets.switch.ruling import Ruling

T = TypeVar("T")

PATIENCE_S = 60.0
"""How long what arrived waits for a journal or a directory that is away."""
RETRY_S = 0.5

_log = logging.getLogger("openclets.switch.late")


_STILL_SILENT = frozenset({LegState.UNAVAILABLE, LegState.TIMED_OUT, LegState.NOT_ASKED})
"""What a connector says when its own patience ends: of a leg already given up, that is no answer."""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A transaction with legs still out."""

    inquiry: Inquiry
    entitled: Entitled
    ruling: Ruling
    asking: Asking
    intent: Entered
    released: ReleasedReply
    passage: Passage


def follow(outstanding: Outstanding, held: Place) -> None:
    """Follow the open legs in the background, showing each newer reply to whoever watches; `held` is let go
    at their end.
    """
    network = outstanding.passage.network
    live = LiveTransaction(outstanding.inquiry.operator_id, outstanding.released)
    network.live.add(outstanding.passage.transaction, live)
    network.background.follow(_follow(outstanding, live, held))


async def _follow(outstanding: Outstanding, live: LiveTransaction, held: Place) -> None:
    asking, profile = outstanding.asking, outstanding.ruling.plan.profile
    try:
        while asking.pending and (arrived := await asking.next_arrivals(profile.deadline_s)):
            await _show_arrivals(outstanding, live, arrived)
        await _show_arrivals(outstanding, live, asking.take_fresh())
        if asking.pending:
            await _give_up(outstanding, live)
        while asking.pending and (arrived := await asking.next_arrivals(profile.deadline_s + profile.late_s)):
            await _show_arrivals(outstanding, live, arrived)
        await _show_arrivals(outstanding, live, asking.take_fresh())
    except Unavailable as unavailable:
        _log.warning("late answers of %s not entered: %s", outstanding.passage.transaction, unavailable.code)
    except Refused as refused:
        _log.info("late answers of %s withheld: %s", outstanding.passage.transaction, refused.code)
    except Exception:
        _log.exception("following %s failed", outstanding.passage.transaction)
    finally:
        asking.stop()
        held.let_go()
        live.renew(_closed(live.released), done=True)


def _closed(released: ReleasedReply) -> ReleasedReply:
    """What has been released, with whatever is still out given up: nobody follows it any longer."""
    if released.reply.final:
        return released
    reply = assembly.given_up(released.reply, "given up: its answer could not be shown")
    return ReleasedReply(reply, released.receipt, encode_reply(reply))


async def _show_arrivals(outstanding: Outstanding, live: LiveTransaction, arrived: tuple[int, ...]) -> None:
    for n in arrived:
        await _show(outstanding, live, n)


async def _show(outstanding: Outstanding, live: LiveTransaction, n: int) -> None:
    passage, entitled = outstanding.passage, outstanding.entitled
    arrival = outstanding.asking.arrivals[n]
    assert arrival is not None, "a leg that arrived has an arrival"
    await _patiently(passage.network.clock, partial(_directory_is_current, passage))
    await stand_still(outstanding.inquiry, entitled, passage, live.released.reply.legs)
    records = list(arrival.answer.records)
    if is_own_record(records, entitled, passage):
        await passage.withhold(
            entitled.names, "REFUSED_BY_RULE", (OWN_RECORD,), [outstanding.ruling.plan.legs[n].system]
        )
    late = live.released.reply.legs[n].state is LegState.TIMED_OUT
    if late and arrival.answer.state in _STILL_SILENT:
        return
    leg = assembly.answered(outstanding.ruling.plan.legs[n], arrival, entitled.operator.role, late=late)
    reply = _renewed(outstanding, live.released.reply, {n: leg})

    subjects = subjects_of(records, outstanding.inquiry, passage) if records else ()
    refs = tuple(dict.fromkeys(s.ref for s in subjects))
    rows = tuple(Companion(SUBJECT_TABLE, (passage.transaction, s.ref, s.role, s.weight)) for s in subjects)
    wraps = (Wrapping(outstanding.intent.receipt.index, outstanding.intent.body_key),) if refs else ()
    body = msgspec.json.encode({"answer": leg, "banners": reply.banners, "leg": n})
    result = assembly.result_class([leg])
    # Commit point: a late answer is durable before anybody sees it, as the first parts were.
    draft = entries.late_draft(entitled.names, body, result, refs, wraps, rows)
    _renew(outstanding, live, reply, await _entered(passage, draft))


async def _give_up(outstanding: Outstanding, live: LiveTransaction) -> None:
    deadline_s = outstanding.ruling.plan.profile.deadline_s
    given_up = {
        n: assembly.timed_out(outstanding.ruling.plan.legs[n], deadline_s)
        for n, leg in enumerate(live.released.reply.legs)
        if leg.state is LegState.PENDING
    }
    body: dict[str, object] = {"after": int(deadline_s), "legs": sorted(given_up)}
    draft = entries.draft(entries.LEGS_GIVEN_UP, outstanding.entitled.names, body, result_class="INCOMPLETE")
    entered = await _entered(outstanding.passage, draft)
    _renew(outstanding, live, _renewed(outstanding, live.released.reply, given_up), entered)


async def _entered(passage: Passage, draft: EntryDraft) -> Entered:
    (entered,) = await _patiently(passage.network.clock, partial(passage.network.journal.append, draft))
    return entered


async def _directory_is_current(passage: Passage) -> None:
    passage.network.directory.current()


async def _patiently(clock: Clock, attempt: Callable[[], Awaitable[T]]) -> T:
    """Try again while something needed is away. Raises Unavailable after PATIENCE_S seconds of it."""
    give_up_at = clock.monotonic() + PATIENCE_S
    while True:
        try:
            return await attempt()
        except Unavailable:
            if clock.monotonic() >= give_up_at:
                raise
            await asyncio.sleep(RETRY_S)


def _renewed(outstanding: Outstanding, reply: Reply, newer: dict[int, Leg]) -> Reply:
    legs = tuple(newer.get(n, leg) for n, leg in enumerate(reply.legs))
    answers = [
        (n, a.answer) for n, a in enumerate(outstanding.asking.arrivals) if a is not None and legs[n].records
    ]
    return msgspec.structs.replace(
        reply,
        legs=legs,
        final=reply.final or not any(leg.state is LegState.PENDING for leg in legs),
        banners=assembly.banners(outstanding.ruling.plan.legs, answers),
        summary=assembly.summary(legs),
    )


def _renew(outstanding: Outstanding, live: LiveTransaction, reply: Reply, entered: Entered) -> None:
    released = ReleasedReply(reply, receipt_shown(entered, outstanding.intent), encode_reply(reply))
    live.renew(released, done=False)
