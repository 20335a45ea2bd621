"""The police work of the invented state, day by day: who works when, what happens, who is sent, who is in it.

A day is the same whenever it is asked for: it follows from the world's seed and the date alone. Days are
legal days of the agency's zone; instants are UTC. Nothing here looks anybody up.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec

from openclets.demo.world.agencies import Precinct
from openclets.demo.world.chance import Weighted, poisson, stream
from openclets.demo.world.staff import Posting
from openclets.demo.world.world import World

CALLS_PER_PERSON_A_YEAR = 0.75
STANDING = timedelta(hours=48)
"""A standing detail is opened every midnight and kept so long, so that one is open at any moment."""
STANDING_NATURE = {"police": "EXTRA PATROL", "sheriff": "EXTRA PATROL", "campus": "EXTRA PATROL"}
OFFICE_OPENS, OFFICE_MINUTES = 8 * 60, 9 * 60
_HOURS = {"day": (6, 12), "night": (18, 12), "office": (8, 9)}


@dataclass(frozen=True, slots=True)
class LivedShift:
    """One operator's hours of one day; `overtime` where they stood in because nobody else was due.

    `call_sign` is empty for desks.
    """

    operator_id: str
    agency_ori: str
    starts: datetime
    ends: datetime
    call_sign: str
    overtime: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """A person in an incident: a position in `World.persons`, in what role, and when it was written down."""

    person: int
    role: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class LivedIncident:
    """An incident from beginning to end. `vehicle` is a position in `World.vehicles`, None where none is
    in it.
    """

    number: str
    precinct: int
    nature: str
    opened: datetime
    closed: datetime
    place: str
    sent: tuple[tuple[str, str, datetime, datetime], ...]
    """Operator, call sign, from, to."""
    parties: tuple[Party, ...]
    vehicle: int | None
    is_stop: bool


class Nature(msgspec.Struct, frozen=True):
    """A row of `incidents.toml`."""

    name: str
    agency_kinds: tuple[str, ...]
    share: float
    minutes: int
    hours: str
    officers: int
    stop: bool
    vehicle: bool
    roles: tuple[str, ...]
    evidence: str


@cache
def _tables() -> tuple[tuple[Nature, ...], dict[str, Weighted[int]]]:
    text = tomllib.loads((files("openclets.demo.world") / "incidents.toml").read_text("utf-8"))
    natures = tuple(msgspec.convert(row, Nature) for row in text["nature"])
    return natures, {row["name"]: Weighted(enumerate(row["weights"])) for row in text["hours"]}


class PoliceWork:
    """The police work of one world. Holds only indexes of the world; every answer is pure."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._staff: dict[int, list[Posting]] = {}
        for posting in world.postings:
            if posting.person is not None:
                self._staff.setdefault(posting.precinct, []).append(posting)
        cities: dict[tuple[int, str], list[int]] = {}
        for place, person in enumerate(world.persons):
            home = world.households[person.household]
            if person.age(world.today) >= 15:
                cities.setdefault((home.county, home.city), []).append(place)
        everybody = [place for places in cities.values() for place in places]
        self._residents = {p.number - 1: cities.get((p.county, p.city)) or everybody for p in world.precincts}
        self._cars: dict[int, int] = {vehicle.owner: place for place, vehicle in enumerate(world.vehicles)}
        self._drivers = {
            number: [person for person in residents if person in self._cars]
            for number, residents in self._residents.items()
        }
        self.shifts = lru_cache(maxsize=64)(self._shifts)
        self.incidents = lru_cache(maxsize=64)(self._incidents)

    def standing(self, precinct: Precinct, day: date) -> LivedIncident | None:
        """The detail or case that stands open from that day's first hour; None where the agency sends no
        feed.
        """
        if not precinct.agency.has_duty_feed:
            return None
        opened = _local(precinct, day, 0)
        return LivedIncident(
            number=_number(precinct, day, 0),
            precinct=precinct.number - 1,
            nature=STANDING_NATURE.get(precinct.agency.kind, "OPEN CASES"),
            opened=opened,
            closed=opened + STANDING,
            place=precinct.city,
            sent=tuple(
                (shift.operator_id, "DETAIL", shift.starts, shift.ends)
                for shift in self.shifts(day)
                if shift.agency_ori == precinct.agency.ori
            ),
            parties=(),
            vehicle=None,
            is_stop=False,
        )

    def _shifts(self, day: date) -> tuple[LivedShift, ...]:
        """Everybody's hours that begin on that day, agency by agency."""
        found: list[LivedShift] = []
        for precinct in self.world.precincts:
            staff = [p for p in self._staff.get(precinct.number - 1, []) if not p.operator.suspended]
            due = [posting for n, posting in enumerate(staff) if _works(posting, n, day)]
            found += [_shift(posting, precinct, day, posting.turn) for posting in due]
            if precinct.polices:
                found += _stand_ins(precinct, staff, due, day)
        return tuple(found)

    def _incidents(self, day: date) -> tuple[LivedIncident, ...]:
        """Everything that is opened on that day, agency by agency, each in the order of opening."""
        yearly = len(self.world.persons) * CALLS_PER_PERSON_A_YEAR
        natures, hours = _tables()
        found: list[LivedIncident] = []
        for precinct in self.world.precincts:
            own = [nature for nature in natures if precinct.agency.kind in nature.agency_kinds]
            if not own or not precinct.agency.has_duty_feed or not (precinct.polices or day.weekday() < 5):
                continue
            chance = stream(self.world.seed, f"incidents {precinct.agency.ori} {day}")
            kinds = Weighted((nature, nature.share) for nature in own)
            drawn = []
            for _ in range(poisson(chance, yearly * precinct.weight / 365)):
                nature = kinds.pick(chance)
                minute = hours[nature.hours].pick(chance) * 60 + chance.randrange(60)
                if not precinct.polices:
                    minute = OFFICE_OPENS + minute % OFFICE_MINUTES
                drawn.append((minute, chance.randrange(60), nature))
            busy: dict[str, datetime] = {}
            for n, (minute, second, nature) in enumerate(sorted(drawn, key=lambda each: each[:2]), 1):
                opened = _local(precinct, day, 0) + timedelta(minutes=minute, seconds=second)
                found.append(self._incident(precinct, day, n, nature, opened, busy, chance))
        return tuple(found)

    def _incident(
        self,
        precinct: Precinct,
        day: date,
        n: int,
        nature: Nature,
        opened: datetime,
        busy: dict[str, datetime],
        chance: random.Random,
    ) -> LivedIncident:
        lasting = timedelta(minutes=max(4.0, chance.lognormvariate(0, 0.45) * nature.minutes))
        residents, drivers = self._residents[precinct.number - 1], self._drivers[precinct.number - 1]
        people = [chance.choice(residents) for _ in nature.roles]
        vehicle = None
        if nature.vehicle and drivers:
            people[0] = chance.choice(drivers)
            vehicle = self._cars[people[0]]
        parties = tuple(
            Party(person, role, opened + timedelta(minutes=chance.uniform(2, nature.minutes)))
            for person, role in zip(people, nature.roles, strict=True)
        )
        return LivedIncident(
            number=_number(precinct, day, n),
            precinct=precinct.number - 1,
            nature=nature.name,
            opened=opened,
            closed=opened + lasting,
            place=f"{chance.randrange(1, 99)}00 BLK EXAMPLE ST, {precinct.city}",
            sent=self._send(precinct, day, nature.officers, opened, opened + lasting, busy, chance),
            parties=parties,
            vehicle=vehicle,
            is_stop=nature.stop,
        )

    def _send(
        self,
        precinct: Precinct,
        day: date,
        count: int,
        opened: datetime,
        closed: datetime,
        busy: dict[str, datetime],
        chance: random.Random,
    ) -> tuple[tuple[str, str, datetime, datetime], ...]:
        """Who goes: officers on shift who are free, else whoever is on shift; investigators where there
        is no patrol.
        """
        on = [
            shift
            for shifts in (self.shifts(day - timedelta(days=1)), self.shifts(day))
            for shift in shifts
            if shift.agency_ori == precinct.agency.ori and shift.starts <= opened < shift.ends
        ]
        field = {shift.operator_id: shift.call_sign for shift in on if shift.call_sign}
        patrol = [o for o, call_sign in field.items() if _is_patrol(call_sign)] or list(field)
        free = [o for o in patrol if busy.get(o, opened) <= opened] or patrol
        chosen = chance.sample(free, min(count, len(free)))
        for operator in chosen:
            busy[operator] = closed
        arrive = opened + timedelta(seconds=chance.randrange(20, 420))
        return tuple((operator, field[operator], min(arrive, closed), closed) for operator in chosen)


def _number(precinct: Precinct, day: date, n: int) -> str:
    """An incident's number: year, agency, day of the year, count. `26-01326017` is the seventeenth of 22
    November.
    """
    return f"{day:%y}-{precinct.number:02d}{day:%j}{n:03d}"


def _call_sign(posting: Posting, precinct: Precinct) -> str:
    """`1P7` is the seventh patrol officer of the first agency, `1T2` its second investigator."""
    letter = {"officer": "P", "detective": "T"}.get(posting.operator.role)
    return f"{precinct.number}{letter}{int(posting.operator.id[-3:])}" if letter else ""


def _is_patrol(call_sign: str) -> bool:
    return "P" in call_sign


def _local(precinct: Precinct, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(precinct.agency.time_zone)).astimezone(UTC)


def _works(posting: Posting, n: int, day: date) -> bool:
    """Four days on, three off for patrol and dispatch; weekdays for everybody else."""
    if posting.turn == "office":
        return day.weekday() < 5
    return (day.toordinal() + 2 * n) % 7 < 4


def _shift(
    posting: Posting, precinct: Precinct, day: date, turn: str, *, overtime: bool = False
) -> LivedShift:
    hour, length = _HOURS[turn]
    starts = _local(precinct, day, hour)
    ends = starts + timedelta(hours=length)
    call_sign = _call_sign(posting, precinct)
    return LivedShift(posting.operator.id, precinct.agency.ori, starts, ends, call_sign, overtime)


def _stand_ins(precinct: Precinct, staff: list[Posting], due: list[Posting], day: date) -> list[LivedShift]:
    """Somebody for each half of the day where no officer is due: the first who is off, by turns."""
    officers = [posting for posting in staff if posting.operator.role == "officer"]
    found = []
    for turn in ("day", "night"):
        if any(p.turn == turn and p.operator.role == "officer" for p in due) or not officers:
            continue
        off = [p for p in officers if p not in due] or officers
        found.append(_shift(off[day.toordinal() % len(off)], precinct, day, turn, overtime=True))
    return found
