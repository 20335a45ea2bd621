"""The operators: people of the invented state who are certified to use a terminal, and two machines.

Every human operator is also a person with a licence and a vehicle, so that a look-up of oneself can be
refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle

from openclets.demo.world.agencies import ROLES, Precinct
from openclets.demo.world.chance import stream
from openclets.demo.world.people import Household, Person
from openclets.demo.world.property import Licence, Vehicle
from openclets.directory.operator import Operator
from openclets.directory.terminal import Terminal

LOAD_OPERATOR = "LOAD0001"
DISPATCH_MACHINE = "CADSYS01"
_LETTER = {"officer": "O", "dispatcher": "D", "detective": "I", "records_clerk": "R", "coordinator": "C"}
SUSPENDED = 3
EXPIRED = 2
"""Which officer of the first agency is suspended, and which of the second let the training lapse (counted
from 0).
"""


@dataclass(frozen=True, slots=True)
class Posting:
    """An operator where they work. `person` is a position in `World.persons`, None for a machine.

    `turn` says which part of the day they work: `day`, `night` or `office`. `ties` are positions of persons
    they have declared close. `password` opens the invented person's log-in and nothing else.
    """

    operator: Operator
    precinct: int
    terminal: str
    unit: str
    turn: str
    person: int | None
    ties: tuple[int, ...]
    password: str


def make_postings(
    seed: int,
    precincts: tuple[Precinct, ...],
    terminals: tuple[Terminal, ...],
    persons: tuple[Person, ...],
    households: tuple[Household, ...],
    vehicles: tuple[Vehicle, ...],
    licences: tuple[Licence, ...],
    unfit: frozenset[int],
    today: date,
) -> tuple[Posting, ...]:
    """All operators, agency by agency, then the dispatch system and the load operator of the first agency.

    `unfit` are positions of persons no agency would certify: wanted, arrested or under a court's order.
    """
    chance = stream(seed, "operators")
    people = [person for person in _candidates(persons, vehicles, licences, today) if person not in unfit]
    chance.shuffle(people)
    free = iter(people)
    postings: list[Posting] = []
    for precinct in precincts:
        desks, cars = _terminals_of(precinct, terminals)
        for role in ROLES:
            for n in range(precinct.staff[role]):
                person = next(free)
                who = persons[person]
                mobile = role == "officer" and cars is not None
                lapsed = role == "officer" and precinct.number == 2 and n == EXPIRED
                training = today + timedelta(days=-31 if lapsed else chance.randrange(40, 700))
                postings.append(
                    Posting(
                        operator=Operator(
                            id=f"{precinct.short}{_LETTER[role]}{n + 1:03d}",
                            agency_ori=precinct.agency.ori,
                            name=spoken_name(who.name),
                            role=role,
                            training_until=training,
                            suspended=role == "officer" and precinct.number == 1 and n == SUSPENDED,
                        ),
                        precinct=precinct.number - 1,
                        terminal=next(cars) if mobile and cars is not None else next(desks),
                        unit=_unit(role, n),
                        turn=_turn(role, n) if precinct.polices else "office",
                        person=person,
                        ties=_ties(person, persons, households) if chance.random() < 0.6 else (),
                        password=_password(chance.getrandbits(40)),
                    )
                )
    first = postings[0]
    postings.append(
        _machine(first, DISPATCH_MACHINE, "SYNTH CITY DISPATCH SYSTEM", "machine", today, _desk(terminals))
    )
    load = _machine(first, LOAD_OPERATOR, "Load Test", "dispatcher", today, _desk(terminals))
    postings.append(replace(load, operator=replace(load.operator, quota_exempt=True)))
    return tuple(postings)


def _candidates(
    persons: tuple[Person, ...], vehicles: tuple[Vehicle, ...], licences: tuple[Licence, ...], today: date
) -> list[int]:
    driving = {vehicle.owner for vehicle in vehicles if vehicle.plate_type == "PC"}
    licensed = {licence.holder for licence in licences if licence.standing == "LIC"}
    both = sorted(driving & licensed)
    return [place for place in both if 24 <= persons[place].age(today) <= 58]


def _terminals_of(
    precinct: Precinct, terminals: tuple[Terminal, ...]
) -> tuple[Iterator[str], Iterator[str] | None]:
    own = [terminal for terminal in terminals if terminal.agency_ori == precinct.agency.ori]
    mobile = [terminal.mnemonic for terminal in own if terminal.kind == "mobile"]
    fixed = [terminal.mnemonic for terminal in own if terminal.kind == "fixed"]
    return cycle(fixed), cycle(mobile) if mobile else None


def _desk(terminals: tuple[Terminal, ...]) -> str:
    return next(terminal.mnemonic for terminal in terminals if terminal.kind == "fixed")


def _machine(like: Posting, number: str, name: str, role: str, today: date, terminal: str) -> Posting:
    operator = Operator(
        number, like.operator.agency_ori, name, role, training_until=today + timedelta(days=700)
    )
    return Posting(
        operator, like.precinct, terminal, "SYSTEM", "office", None, (), f"machine-{number.lower()}"
    )


def _ties(person: int, persons: tuple[Person, ...], households: tuple[Household, ...]) -> tuple[int, ...]:
    own = persons[person]
    return tuple(
        other
        for other in households[own.household].members
        if other != person and {own.place, persons[other].place} <= {"head", "partner"}
    )


def _unit(role: str, n: int) -> str:
    return {
        "officer": f"PATROL {n // 2 + 1}",
        "dispatcher": "DISPATCH",
        "detective": "INVESTIGATIONS",
        "records_clerk": "RECORDS",
        "coordinator": "ADMINISTRATION",
    }[role]


def _turn(role: str, n: int) -> str:
    if role in {"officer", "dispatcher"}:
        return "day" if n % 2 == 0 else "night"
    return "office"


def spoken_name(name: str) -> str:
    """`O'BRIEN,MARY A` as a page shows it: `Mary A O'Brien`."""
    surname, given = name.split(",", 1)
    return f"{_cased(given)} {_cased(surname)}"


def _cased(text: str) -> str:
    out, upper = "", True
    for mark in text.lower():
        out += mark.upper() if upper else mark
        upper = not mark.isalpha()
    return out


_WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heron",
    "inlet",
    "jetty",
    "kelp",
    "larch",
    "maple",
    "north",
    "ocean",
    "pearl",
    "quartz",
    "river",
    "stone",
    "tidal",
    "umber",
    "vale",
    "willow",
    "yarrow",
)


def _password(bits: int) -> str:
    words = []
    for _ in range(3):
        bits, place = divmod(bits, len(_WORDS))
        words.append(_WORDS[place])
    return "-".join((*words, f"{bits % 10000:04d}"))
