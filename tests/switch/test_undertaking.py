"""From the intent on, something is owed: where the corridor fails, its legs stop and the book is told."""

from __future__ import annotations

import asyncio

import pytest

from openclets.foundation.errors import BrokenInvariant, Refused, Unavailable
from openclets.journal.simulated_store import WriteOutcome
from openclets.records.query import Query
from openclets.switch.process import process_inquiry
from switch.corridor import OFFICER, PLATE, Corridor, Part, answers, fails, found, silent


def failing(corridor: Corridor, failure: type[Exception]) -> type[BaseException]:
    """Ask once; the kind of failure that came of it, once everything left open has been closed."""

    async def story() -> type[BaseException]:
        with pytest.raises(failure) as raised:
            await process_inquiry(PLATE, OFFICER, corridor.network)
        corridor.outcome = WriteOutcome.KEPT
        await corridor.network.left_open.close(corridor.sequencer, corridor, corridor.monotonic())
        return raised.type

    return corridor.run(story())


def losing_the_journal(corridor: Corridor, outcome: WriteOutcome) -> Part:
    """A part during whose answer the journal goes away."""

    async def play(query: Query) -> object:
        corridor.outcome = outcome
        return found()

    return play  # type: ignore[return-value]


def test_a_connector_that_refuses_the_receipt_stops_the_inquiry_and_closes_it() -> None:
    """What can never be is no answer, and no intent stays open over it."""

    async def refusing(query: Query) -> object:
        raise BrokenInvariant("not our receipt")

    corridor = Corridor({"dmv.vehicle": refusing})  # type: ignore[dict-item]
    failing(corridor, BrokenInvariant)
    assert corridor.kinds() == ["InquiryPermitted", "InquiryAbandoned"]


def test_a_reply_that_cannot_be_entered_does_not_leave_and_is_closed_afterwards() -> None:
    """Lost between asking and answering: nothing left, and the book says so once it is back."""
    corridor = Corridor()
    corridor.systems["dmv.vehicle"].part = losing_the_journal(corridor, WriteOutcome.LOST)
    failing(corridor, Unavailable)
    assert corridor.kinds() == ["InquiryPermitted", "InquiryAbandoned"]


def test_a_reply_that_was_entered_after_all_is_left_alone() -> None:
    """Kept though nobody was told: it is the reply, and the same key will show it."""
    corridor = Corridor()
    corridor.systems["dmv.vehicle"].part = losing_the_journal(corridor, WriteOutcome.KEPT_IN_DOUBT)
    failing(corridor, Unavailable)
    assert corridor.kinds() == ["InquiryPermitted", "ReplyReleased"]


def test_an_intent_that_was_entered_after_all_is_closed() -> None:
    """Kept in doubt, asked of nobody: the intent is found and closed."""
    corridor = Corridor()

    async def story() -> None:
        corridor.outcome = WriteOutcome.KEPT_IN_DOUBT
        with pytest.raises(Unavailable):
            await process_inquiry(PLATE, OFFICER, corridor.network)
        corridor.outcome = WriteOutcome.KEPT
        await corridor.network.left_open.close(corridor.sequencer, corridor, corridor.monotonic())

    corridor.run(story())
    assert corridor.asked() == set()
    assert corridor.kinds() == ["InquiryPermitted", "InquiryAbandoned"]


def test_an_intent_that_is_not_there_is_asked_about_until_the_doubt_is_over() -> None:
    """A write whose server is slow to die may turn up a minute later, and no later."""
    corridor = Corridor()

    async def story() -> None:
        corridor.network.left_open.note("00000000-0000-7000-8000-000000000000", corridor.monotonic())
        for wait_s, left in ((1, 1), (50, 1), (20, 0)):
            await asyncio.sleep(wait_s)
            await corridor.network.left_open.close(corridor.sequencer, corridor, corridor.monotonic())
            assert len(corridor.network.left_open) == left

    corridor.run(story())
    assert corridor.kinds() == []


def test_a_refusal_has_its_own_entry_and_leaves_nothing_open() -> None:
    """A withheld answer is closed by its own entry."""
    corridor = Corridor({"dmv.vehicle": answers(found(identifiers={"LIC": "0OWN001", "LIS": "CA"}))})
    failing(corridor, Refused)
    assert len(corridor.network.left_open) == 0
    assert corridor.kinds() == ["InquiryPermitted", "ReplyWithheld"]


def test_legs_that_still_run_are_stopped_when_the_corridor_fails() -> None:
    """Nobody waits a minute for an answer that cannot be shown."""
    corridor = Corridor({"ncic.vehicle": silent, "dmv.vehicle": fails})
    corridor.systems["doj.stolen_vehicle"].part = losing_the_journal(corridor, WriteOutcome.LOST)
    failing(corridor, Unavailable)
    assert corridor.loop.time() < 6
