"""Legs asked at once: each answer as it comes, and whatever goes wrong is a state and never "no record"."""

from __future__ import annotations

import asyncio

from openclets.journal.receipt import issue_receipt
from openclets.records.answer import LegState
from openclets.records.query import Asker, Query
from openclets.switch.asking import Asking
from switch.corridor import NO_RECORD, Corridor, Part, answers, fails, found, silent

SYSTEMS = ("dmv.vehicle", "dmv.driver", "dmv.parking")


def asked(*parts: Part | None) -> tuple[Corridor, list[Query | None]]:
    """A corridor whose first systems play `parts`, and the queries to them; None is a leg not asked."""
    corridor = Corridor({name: part for name, part in zip(SYSTEMS, parts, strict=False) if part is not None})
    receipt = issue_receipt("openclets.invalid/tests", 1, bytes(32), "t", b"key")
    asker = Asker("CA9010100", "OFF1", "FIXED1", "", "")
    queries = [
        None if part is None else Query("t", name, "RQ", {"LIC": "0ABC123"}, asker, receipt, 60)
        for name, part in zip(SYSTEMS, parts, strict=False)
    ]
    return corridor, queries


def test_it_returns_when_every_leg_has_answered() -> None:
    """Nobody waits for the deadline when all is in."""
    corridor, queries = asked(answers(found(), 0.2), answers(NO_RECORD, 0.5))

    async def story() -> None:
        asking = Asking(corridor.network.systems, queries, corridor)
        await asking.all_or(5)
        assert corridor.loop.time() == 0.5
        assert asking.pending == 0
        states = [arrival.answer.state for arrival in asking.arrivals if arrival]
        assert states == [LegState.RECORD, LegState.NO_RECORD]
        assert [arrival.elapsed_ms for arrival in asking.arrivals if arrival] == [200, 500]

    corridor.run(story())


def test_it_returns_at_the_time_given_with_what_is_there() -> None:
    """A silent leg has no arrival: it is pending, and not "no record"."""
    corridor, queries = asked(silent, answers(found(), 1))

    async def story() -> None:
        asking = Asking(corridor.network.systems, queries, corridor)
        await asking.all_or(5)
        assert corridor.loop.time() == 5
        assert asking.arrivals[0] is None and asking.arrivals[1] is not None
        assert asking.pending == 1
        asking.stop()
        assert asking.pending == 0

    corridor.run(story())


def test_a_leg_that_is_not_asked_reaches_nobody() -> None:
    """A None query keeps its place and sends nothing."""
    corridor, queries = asked(None, answers(found()))

    async def story() -> None:
        asking = Asking(corridor.network.systems, queries, corridor)
        await asking.all_or(5)
        assert asking.arrivals[0] is None and asking.arrivals[1] is not None

    corridor.run(story())
    assert corridor.asked() == {"dmv.driver"}


def test_a_connector_that_fails_is_a_system_that_did_not_answer() -> None:
    """An exception nobody foresaw is UNAVAILABLE, and costs the other legs nothing."""
    corridor, queries = asked(fails, answers(found()))

    async def story() -> None:
        asking = Asking(corridor.network.systems, queries, corridor)
        await asking.all_or(5)
        states = [arrival.answer.state for arrival in asking.arrivals if arrival]
        assert states == [LegState.UNAVAILABLE, LegState.RECORD]
        assert asking.broken is None

    corridor.run(story())


def test_arrivals_are_given_once_each() -> None:
    """What was taken is not given again; the wait ends with the first that comes."""
    corridor, queries = asked(answers(found(), 1), answers(found(), 2), answers(found(), 9))

    async def story() -> None:
        asking = Asking(corridor.network.systems, queries, corridor)
        assert await asking.next_arrivals(15) == (0,)
        assert await asking.next_arrivals(15) == (1,)
        assert await asking.next_arrivals(5) == ()
        assert await asking.next_arrivals(15) == (2,)
        assert asking.take_fresh() == ()

    corridor.run(story())


def test_what_answers_after_the_asking_stopped_is_not_taken() -> None:
    """A leg given up for good changes nothing any more."""
    corridor, queries = asked(answers(found(), 3))

    async def story() -> None:
        asking = Asking(corridor.network.systems, queries, corridor)
        await asyncio.sleep(1)
        asking.stop()
        await asyncio.sleep(5)
        assert asking.arrivals == [None]

    corridor.run(story())
