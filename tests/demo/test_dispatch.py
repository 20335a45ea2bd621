"""The dispatch process: tells what has happened, once, and again when it did not arrive."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from openclets.demo.dispatch import BACKFILL_DAYS, Dispatch, facts_of, live
from openclets.demo.world import make_world
from openclets.demo.world.police_work import PoliceWork
from openclets.duty.feed import read_feed
from openclets.duty.work import Assignment, DutyRecord, Incident, Shift, Stop
from openclets.foundation.clock import SetClock
from openclets.foundation.errors import Unavailable

TODAY = date(2026, 11, 22)
WORLD = make_world("small", 1, TODAY)
WORK = PoliceWork(WORLD)
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


class Door:
    """Takes batches as the server does; `shut` makes it unavailable."""

    def __init__(self) -> None:
        self.facts: dict[tuple[type[DutyRecord], str], DutyRecord] = {}
        self.batches = 0
        self.shut = False
        self.now = NOON

    async def post(self, body: bytes) -> None:
        if self.shut:
            raise Unavailable("SERVER_UNREACHABLE", "the server does not answer")
        self.batches += 1
        for record in read_feed(body.split(b"\n"), self.now).records:
            self.facts[type(record), record.id] = record

    def of(self, noun: type[DutyRecord]) -> list[DutyRecord]:
        return [record for (kind, _), record in self.facts.items() if kind is noun]


def open_at(door: Door, at: datetime) -> list[Incident]:
    return [
        incident
        for incident in door.of(Incident)
        if isinstance(incident, Incident)
        and incident.opened <= at
        and (incident.closed is None or incident.closed > at)
    ]


def test_the_first_report_reaches_back_two_weeks() -> None:
    """Detection and the terminal have a past to look at from the first minute."""
    door = Door()
    asyncio.run(Dispatch(WORLD).report(NOON, door.post))
    days = {incident.opened.date() for incident in door.of(Incident) if isinstance(incident, Incident)}
    assert min(days) <= TODAY - timedelta(days=BACKFILL_DAYS - 1)
    assert len(door.of(Incident)) > 14 * 20


def test_nothing_is_told_before_it_happens() -> None:
    """Only rosters and court days are known ahead."""
    door = Door()
    asyncio.run(Dispatch(WORLD).report(NOON, door.post))
    for record in door.facts.values():
        if isinstance(record, Incident):
            assert record.opened <= NOON and (record.closed is None or record.closed <= NOON)
        if isinstance(record, Assignment):
            assert record.starts <= NOON and (record.ends is None or record.ends <= NOON)
        if isinstance(record, Stop):
            assert record.at <= NOON


def test_each_fact_is_told_once_and_again_when_it_changes() -> None:
    """An incident told open is told again when it closes; nothing else is repeated."""
    door, dispatch = Door(), Dispatch(WORLD)

    async def story() -> tuple[int, int]:
        await dispatch.report(NOON, door.post)
        told = door.batches
        await dispatch.report(NOON, door.post)
        quiet = door.batches - told
        before = {incident.id for incident in open_at(door, NOON)}
        door.now = NOON + timedelta(hours=6)
        await dispatch.report(door.now, door.post)
        after = {incident.id for incident in open_at(door, door.now)}
        return quiet, len(before - after)

    quiet, closed = asyncio.run(story())
    assert quiet == 0
    assert closed > 0


def test_what_did_not_arrive_is_told_at_the_next_waking() -> None:
    """The server may be down for a while; the past is not lost by it."""
    door, dispatch = Door(), Dispatch(WORLD)
    door.shut = True
    assert asyncio.run(dispatch.report(NOON, door.post)) is False
    door.shut = False
    assert asyncio.run(dispatch.report(NOON, door.post)) is True
    whole = Door()
    asyncio.run(Dispatch(WORLD).report(NOON, whole.post))
    assert door.facts == whole.facts


@pytest.mark.parametrize("hour", range(0, 48, 7))
def test_every_policing_agency_has_an_open_incident_at_any_hour(hour: int) -> None:
    """A visitor at three in the morning has an incident to name, too."""
    door = Door()
    door.now = NOON + timedelta(hours=hour)
    asyncio.run(Dispatch(WORLD).report(door.now, door.post))
    agencies = Counter(incident.agency_ori for incident in open_at(door, door.now))
    assert all(agencies[precinct.agency.ori] for precinct in WORLD.precincts if precinct.polices)


@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_operators_named_work_around_the_clock(hour: int) -> None:
    """Those of demo.json are on shift whenever they are tried."""
    now = NOON + timedelta(hours=hour)
    door = Door()
    door.now = now
    asyncio.run(Dispatch(WORLD, ["SPDO001", "LOAD0001"]).report(now, door.post))
    working = {s.operator_id for s in door.of(Shift) if isinstance(s, Shift) and s.starts <= now <= s.ends}
    assert {"SPDO001", "LOAD0001"} <= working


def test_a_day_is_the_same_whenever_it_is_asked_for() -> None:
    """Reproducible by seed and date, by two who never met."""
    mine = [msgspec.json.encode(fact) for fact in facts_of(WORK, TODAY, NOON)]
    again = [
        msgspec.json.encode(fact) for fact in facts_of(PoliceWork(make_world("small", 1, TODAY)), TODAY, NOON)
    ]
    assert mine == again
    assert mine != [msgspec.json.encode(fact) for fact in facts_of(WORK, TODAY - timedelta(days=1), NOON)]


def test_officers_sent_are_on_shift_and_never_suspended() -> None:
    """An assignment off shift would look like misuse that was never planted."""
    suspended = {operator.id for operator in WORLD.operators if operator.suspended}
    for day in (TODAY - timedelta(days=back) for back in range(14)):
        shifts = [*WORK.shifts(day - timedelta(days=1)), *WORK.shifts(day)]
        for incident in WORK.incidents(day):
            assert incident.sent, incident.number
            for operator, _, _, _ in incident.sent:
                assert operator not in suspended
                assert any(s.operator_id == operator and s.starts <= incident.opened < s.ends for s in shifts)


def test_calls_follow_the_hours_of_the_day() -> None:
    """More in the afternoon than before dawn, and a plausible number a year."""
    local = Counter(
        (incident.opened - timedelta(hours=8)).hour
        for back in range(60)
        for incident in WORK.incidents(TODAY - timedelta(days=back))
        if TODAY - timedelta(days=back) > date(2026, 11, 1)
    )
    assert sum(local[h] for h in range(13, 19)) > 2 * sum(local[h] for h in range(2, 8))
    yearly = sum(local.values()) / 21 * 365
    assert 0.5 < yearly / len(WORLD.persons) < 1.0


def test_live_goes_on_when_the_door_is_shut_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process outlives the server it reports to."""
    door = Door()
    door.shut = True
    clock = SetClock(NOON)

    async def wake(seconds: float) -> None:
        clock.advance(seconds)
        door.shut = False
        if door.facts:
            raise asyncio.CancelledError

    monkeypatch.setattr("openclets.demo.dispatch.asyncio.sleep", wake)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(live(WORLD, clock, door.post))
    assert door.of(Incident)
