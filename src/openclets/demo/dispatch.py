"""The invented state's dispatch system: lives its incidents and shifts in real time and reports them as a
feed.

It sends what an agency's system would send, over the same door (`POST /api/v1/feeds/duty`), and knows the
network no better than that. What happens follows from the world and the date; when it is told follows
from the clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from openclets.demo.world.agencies import Precinct
from openclets.demo.world.broadcasts import broadcasts_of
from openclets.demo.world.chance import stream
from openclets.demo.world.police_work import LivedIncident, PoliceWork
from openclets.demo.world.world import World
from openclets.duty.work import Assignment, Broadcast, CourtDay, DutyRecord, Incident, Shift, Stop, Unit
from openclets.foundation.clock import Clock
from openclets.foundation.errors import Unavailable

_log = logging.getLogger("openclets.demo.dispatch")

BACKFILL_DAYS = 14
OPEN_DAYS = 3
"""Nothing that began longer ago changes any more."""
LINES_A_BATCH = 2_000
WAKE_S = 10.0
RETRY_S = 2.0
ZONE = ZoneInfo("America/Los_Angeles")

Post = Callable[[bytes], Awaitable[object]]
"""Sends one NDJSON batch. Raises Unavailable when it did not arrive; the same batch is then sent again."""


async def live(
    world: World, clock: Clock, post: Post, *, on_shift: Collection[str] = (), wake_s: float = WAKE_S
) -> None:
    """Report the last 14 days, then whatever happens, until cancelled.

    `on_shift` are operators who work around the clock, so that a visitor can try them at any hour. What
    cannot be sent is sent at the next waking; nothing is lost while this runs, and a restart tells it all
    again (an upsert).
    """
    dispatch = Dispatch(world, on_shift)
    while True:
        sent_all = await dispatch.report(clock.now(), post)
        await asyncio.sleep(wake_s if sent_all else RETRY_S)


class Dispatch:
    """What has been told so far. `report` tells the rest."""

    def __init__(self, world: World, on_shift: Collection[str] = ()) -> None:
        self._work = PoliceWork(world)
        self._on_shift = frozenset(on_shift)
        self._told: dict[date, dict[tuple[str, str], bytes]] = {}
        self._told_the_past = False

    async def report(self, now: datetime, post: Post) -> bool:
        """Post every fact that is new or differs from what was told; False where a batch did not arrive."""
        today = now.astimezone(ZONE).date()
        first = today - timedelta(days=OPEN_DAYS if self._told_the_past else BACKFILL_DAYS)
        fresh = [told for day in _days(first, today + timedelta(days=1)) for told in self._untold(day, now)]
        for start in range(0, len(fresh), LINES_A_BATCH):
            batch = fresh[start : start + LINES_A_BATCH]
            try:
                await post(b"\n".join(line for _, _, line in batch))
            except Unavailable as error:
                _log.warning("the duty feed did not arrive: %s", error.message)
                return False
            for day, key, line in batch:
                self._told.setdefault(day, {})[key] = line
        for day in [day for day in self._told if day < today - timedelta(days=OPEN_DAYS)]:
            del self._told[day]
        self._told_the_past = True
        return True

    def _untold(self, day: date, now: datetime) -> Iterator[tuple[date, tuple[str, str], bytes]]:
        told = self._told.get(day, {})
        for record in facts_of(self._work, day, now, self._on_shift):
            key, line = (type(record).__name__, record.id), msgspec.json.encode(record)
            if told.get(key) != line:
                yield day, key, line


def facts_of(
    work: PoliceWork, day: date, now: datetime, on_shift: Collection[str] = ()
) -> Iterator[DutyRecord]:
    """What that day's police work looks like to a dispatch system at `now`: nothing that has not begun,
    but rosters.

    Pure: two calls with equal arguments give equal facts.
    """
    yield from _roster(work, day, on_shift)
    yield from _court_days(work, day)
    yield from _broadcasts(work, day, now)
    standing = [work.standing(precinct, day) for precinct in work.world.precincts]
    for incident in (*(each for each in standing if each is not None), *work.incidents(day)):
        if incident.opened <= now:
            yield from _of_incident(work.world.precincts[incident.precinct], incident, now)


def _of_incident(precinct: Precinct, lived: LivedIncident, now: datetime) -> Iterator[DutyRecord]:
    ori = precinct.agency.ori
    yield Incident(
        id=lived.number,
        incident_id=lived.number,
        agency_ori=ori,
        opened=lived.opened,
        closed=_past(lived.closed, now),
        nature=lived.nature,
        place=lived.place,
    )
    for operator, call_sign, starts, ends in lived.sent:
        if starts <= now:
            yield Assignment(
                id=f"{lived.number}-{operator}",
                incident_id=lived.number,
                agency_ori=ori,
                operator_id=operator,
                call_sign=call_sign,
                starts=starts,
                ends=_past(ends, now),
            )
    if lived.is_stop and lived.sent and lived.sent[0][2] <= now:
        operator, _, at, _ = lived.sent[0]
        yield Stop(
            id=f"{lived.number}-STOP",
            operator_id=operator,
            agency_ori=ori,
            at=at,
            place=lived.place,
            incident_id=lived.number,
        )


def _roster(work: PoliceWork, day: date, on_shift: Collection[str]) -> Iterator[DutyRecord]:
    for shift in work.shifts(day):
        yield Shift(
            id=f"{shift.operator_id}-{day}",
            operator_id=shift.operator_id,
            agency_ori=shift.agency_ori,
            starts=shift.starts,
            ends=shift.ends,
        )
        if shift.call_sign:
            yield Unit(
                id=f"{shift.operator_id}-{day}",
                call_sign=shift.call_sign,
                agency_ori=shift.agency_ori,
                operator_ids=(shift.operator_id,),
                starts=shift.starts,
                ends=shift.ends,
            )
    midnight = datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)
    for posting in work.world.postings:
        if posting.operator.id in on_shift:
            for half in (0, 1):
                yield Shift(
                    id=f"{posting.operator.id}-{day}-EXTRA-{half}",
                    operator_id=posting.operator.id,
                    agency_ori=posting.operator.agency_ori,
                    starts=midnight + half * timedelta(hours=12),
                    ends=midnight + (half + 1) * timedelta(hours=12, minutes=30),
                )


def _court_days(work: PoliceWork, day: date) -> Iterator[DutyRecord]:
    if day.weekday() >= 5:
        return
    chance = stream(work.world.seed, f"court days {day}")
    for posting in work.world.postings:
        due = chance.random() < 0.04
        if due and posting.operator.role in {"officer", "detective"} and not posting.operator.suspended:
            precinct = work.world.precincts[posting.precinct]
            yield CourtDay(
                id=f"{posting.operator.id}-{day}",
                operator_id=posting.operator.id,
                agency_ori=posting.operator.agency_ori,
                on=day,
                court=f"CA{precinct.county}015J DEPT {chance.randrange(1, 20)}",
                case_number=f"{day:%y}CR{chance.randrange(10_000, 99_999)}",
            )


def _broadcasts(work: PoliceWork, day: date, now: datetime) -> Iterator[DutyRecord]:
    for lived in broadcasts_of(work.world, day):
        if lived.starts <= now:
            yield Broadcast(
                id=lived.id,
                agency_ori=lived.agency_ori,
                starts=lived.starts,
                ends=lived.ends,
                text=lived.text,
                plate=work.world.vehicles[lived.vehicle].plate if lived.vehicle is not None else "",
                subject_ref=work.world.persons[lived.person].id,
            )


def _past(at: datetime, now: datetime) -> datetime | None:
    return at if at <= now else None


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)
