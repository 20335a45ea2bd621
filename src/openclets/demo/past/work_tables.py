"""Rows of the exchange that police work leaves behind, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from openclets.demo.past.people_tables import Row, instant
from openclets.demo.world.broadcasts import broadcasts_of
from openclets.demo.world.chance import stream
from openclets.demo.world.police_work import LivedIncident, PoliceWork


def incidents_with_standing(work: PoliceWork, day: date) -> tuple[LivedIncident, ...]:
    """Everything opened on that day, the standing details first."""
    standing = (work.standing(precinct, day) for precinct in work.world.precincts)
    return (*(each for each in standing if each is not None), *work.incidents(day))


def shifts(work: PoliceWork, day: date) -> Iterator[Row]:
    for shift in work.shifts(day):
        yield (shift.operator_id, shift.starts, shift.ends)


def incidents(work: PoliceWork, day: date) -> Iterator[Row]:
    for lived in incidents_with_standing(work, day):
        ori = work.world.precincts[lived.precinct].agency.ori
        yield (lived.number, ori, lived.opened, lived.closed, lived.nature)


def assignments(work: PoliceWork, day: date) -> Iterator[Row]:
    for lived in incidents_with_standing(work, day):
        for operator, _, starts, ends in lived.sent:
            yield (lived.number, operator, starts, ends)


def incident_parties(work: PoliceWork, day: date) -> Iterator[Row]:
    for lived in work.incidents(day):
        told: set[tuple[int, str]] = set()
        for party in lived.parties:
            if (party.person, party.role) not in told:
                told.add((party.person, party.role))
                yield (lived.number, work.world.persons[party.person].id, party.role, party.recorded_at)


def broadcasts(work: PoliceWork, day: date) -> Iterator[Row]:
    for lived in broadcasts_of(work.world, day):
        yield (work.world.persons[lived.person].id, lived.starts, lived.ends)


def events(work: PoliceWork, first: date, last: date) -> Iterator[Row]:
    """What happened outside the log in those days: orders filed, couples parted, hearings, now and then
    news."""
    world = work.world
    for order in world.orders:
        restrained = world.persons[order.restrained].id
        ori = f"{order.court[:5]}0000"
        if first <= order.issued <= last:
            yield (restrained, ori, instant(order.issued), "filing")
        if order.ex_partners and first <= order.issued - timedelta(days=30) <= last:
            yield (
                world.persons[order.protected].id,
                None,
                instant(order.issued - timedelta(days=30)),
                "separation",
            )
    chance = stream(world.seed, "events")
    known = [world.persons[history.subject].id for history in world.histories]
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        at: datetime = instant(day) + timedelta(hours=17)
        for _ in range(2):
            if known and chance.random() < 0.6:
                kind = "hearing" if chance.random() < 0.9 else "news"
                yield (chance.choice(known), world.precincts[0].agency.ori, at, kind)
