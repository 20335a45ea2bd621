"""The invented state as made: its tables, and the few ways others look at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from openclets.demo.world.agencies import Precinct
from openclets.demo.world.citations import Citation
from openclets.demo.world.courts import History, RestrainingOrder, Warrant
from openclets.demo.world.people import Household, Person
from openclets.demo.world.property import Firearm, Licence, OffHighway, Vehicle, Vessel
from openclets.demo.world.size import Size
from openclets.demo.world.staff import Posting
from openclets.demo.world.thefts import Theft
from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.terminal import Terminal
from openclets.records.answer import Record


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another state, much smaller: its people, what they drive, and whom and what its agencies look for."""

    households: tuple[Household, ...]
    persons: tuple[Person, ...]
    vehicles: tuple[Vehicle, ...]
    licences: tuple[Licence, ...]
    warrants: tuple[Warrant, ...]
    thefts: tuple[Theft, ...]


@dataclass(frozen=True, slots=True)
class OwnIdentifiers:
    """What a person can be found by: for the keyed digests of the own-record rule (decisions.md 10).

    `plates` and `registrations` are those of this state; `vins` include vessels' hull numbers and off-highway
    vehicles'.
    """

    name: str
    dob: str
    licence: str
    plates: tuple[str, ...]
    vins: tuple[str, ...]
    registrations: tuple[str, ...]

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(kind, value) of each, as `directory.identity.identifier_digest` takes them."""
        return (
            ("NAM+DOB", f"{self.name} {self.dob}"),
            *((("OLN", self.licence),) if self.licence else ()),
            *(("LIC", f"CA {plate}") for plate in self.plates),
            *(("VIN", vin) for vin in self.vins),
            *(("REG", registration) for registration in self.registrations),
        )


@dataclass(frozen=True, slots=True)
class _Owned:
    """What each person owns and holds, by position; made once, since a world is asked for many people."""

    cars: dict[int, list[Vehicle]]
    boats: dict[int, list[Vessel]]
    others: dict[int, list[OffHighway]]
    licences: dict[int, str]


@dataclass(frozen=True, slots=True, repr=False)
class World:
    """The invented state; `neighbour` is Nevada, `further` the other linked states by code.

    Positions (`owner`, `subject`, `holder` …) point into `persons` and `vehicles`.
    """

    size: Size
    seed: int
    today: date
    precincts: tuple[Precinct, ...]
    terminals: tuple[Terminal, ...]
    postings: tuple[Posting, ...]
    households: tuple[Household, ...]
    persons: tuple[Person, ...]
    vehicles: tuple[Vehicle, ...]
    licences: tuple[Licence, ...]
    vessels: tuple[Vessel, ...]
    off_highway: tuple[OffHighway, ...]
    firearms: tuple[Firearm, ...]
    citations: tuple[Citation, ...]
    orders: tuple[RestrainingOrder, ...]
    histories: tuple[History, ...]
    warrants: tuple[Warrant, ...]
    thefts: tuple[Theft, ...]
    neighbour: Neighbour
    further: Mapping[str, Neighbour]
    _owned: list[_Owned] = field(default_factory=list, init=False, compare=False)

    def __repr__(self) -> str:
        return f"World(seed={self.seed}, today={self.today}, size={self.size})"

    @property
    def agencies(self) -> tuple[Agency, ...]:
        return tuple(precinct.agency for precinct in self.precincts)

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Without digests of own identifiers: who holds the key adds them, from `identifiers_of`."""
        return tuple(posting.operator for posting in self.postings)

    def posting(self, operator_id: str) -> Posting:
        """Raises KeyError for an operator the state does not have."""
        for posting in self.postings:
            if posting.operator.id == operator_id:
                return posting
        raise KeyError(operator_id)

    def identifiers_of(self, person: int) -> OwnIdentifiers:
        """Everything that person can be found by. `person` is a position in `persons`."""
        owned = self._ownership()
        cars, boats = owned.cars.get(person, []), owned.boats.get(person, [])
        others = owned.others.get(person, [])
        return OwnIdentifiers(
            name=self.persons[person].name,
            dob=self.persons[person].dob,
            licence=owned.licences.get(person, ""),
            plates=tuple(car.plate for car in cars),
            vins=(
                *(car.vin for car in cars),
                *(boat.hull for boat in boats),
                *(other.vin for other in others),
            ),
            registrations=(
                *(boat.registration for boat in boats),
                *(other.registration for other in others),
            ),
        )

    def _ownership(self) -> _Owned:
        if not self._owned:
            self._owned.append(
                _Owned(
                    cars=_by_owner(self.vehicles),
                    boats=_by_owner(self.vessels),
                    others=_by_owner(self.off_highway),
                    licences={licence.holder: licence.number for licence in self.licences},
                )
            )
        return self._owned[0]

    def plates(self) -> list[str]:
        """Every plate of the state but those of operators and of ties they declared: what a load test may ask
        for.
        """
        close = {person for posting in self.postings if posting.person is not None for person in posting.ties}
        close |= {posting.person for posting in self.postings if posting.person is not None}
        return [vehicle.plate for vehicle in self.vehicles if vehicle.owner not in close]

    def records(self) -> Iterator[tuple[str, Record]]:
        """Every record of every system as (system name, record), the outside systems' among them."""
        from openclets.demo.world.records import all_records

        return all_records(self)


class _Property(Protocol):
    @property
    def owner(self) -> int: ...


Thing = TypeVar("Thing", bound=_Property)


def _by_owner(things: Iterable[Thing]) -> dict[int, list[Thing]]:
    owned: dict[int, list[Thing]] = {}
    for thing in things:
        owned.setdefault(thing.owner, []).append(thing)
    return owned
