"""The inquiries that `demo.json` offers: each whole, permitted to its operator, and finding a record of
the world.

`own_record` is the one that must be refused. Names and meaning: interfaces.md 2. Three more than it asks
for are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TypeVar

from openclets.demo.world.courts import RestrainingOrder
from openclets.demo.world.people import Person
from openclets.demo.world.police_work import PoliceWork
from openclets.demo.world.property import Vehicle
from openclets.demo.world.records import more_of_the_state
from openclets.demo.world.staff import LOAD_OPERATOR
from openclets.demo.world.world import World
from openclets.records.answer import Record

T = TypeVar("T")

PATROL = "SPDO001"
DISPATCH = "SPDD001"
DETECTIVE = "SPDI001"


@dataclass(frozen=True, slots=True)
class Example:
    """One inquiry as `demo.json` gives it; empty text is left out there. Its operator's terminal is the
    posting's.
    """

    operator: str
    message_key: str
    fields: dict[str, str]
    reason: str = ""
    incident: str = ""
    purpose_code: str = ""
    attention: str = ""

    def as_json(self) -> dict[str, object]:
        """The form of interfaces.md 2."""
        optional = {
            "purpose_code": self.purpose_code,
            "reason": self.reason,
            "incident": self.incident,
            "attention": self.attention,
        }
        return {
            "operator": self.operator,
            "message_key": self.message_key,
            "fields": self.fields,
            **{name: text for name, text in optional.items() if text},
        }


def make_examples(world: World, day: date) -> dict[str, Example]:
    """Every example by name. `day` is the legal day on which they are to be tried: its standing incident
    is named.
    """
    return _Examples(world, day).all()


class _Examples:
    def __init__(self, world: World, day: date) -> None:
        self._world = world
        standing = PoliceWork(world).standing(world.precincts[0], day)
        if standing is None:
            raise ValueError("the first agency sends no duty feed, so it has no incident to name")
        self._incident = standing.number
        self._close = {
            person
            for posting in world.postings
            if posting.person is not None
            for person in (posting.person, *posting.ties)
        }
        self._stolen = {theft.vehicle for theft in world.thefts}
        self._sought = {warrant.subject for warrant in world.warrants} | {o.restrained for o in world.orders}

    def all(self) -> dict[str, Example]:
        return {
            "plate": self._plate(),
            "driver": self._driver(),
            "vessel": self._vessel(),
            "snowmobile": self._snowmobile(),
            "parking_citations": self._parking(),
            "restraining_order_filed_by": self._filed_by(),
            "restraining_order_filed_against": self._filed_against(),
            "criminal_history": self._criminal_history("IQ"),
            "criminal_history_full": self._criminal_history("FQ"),
            "wanted_person": self._wanted(),
            "stolen_plate": self._stolen_plate(),
            "national_wanted_person": self._national_wanted(),
            "other_state_plate": self._other_state(),
            "own_record": self._own(),
            "plate_composite": self._composite("QPL"),
            "traffic_stop": self._stop(),
            "driver_history": self._driver_history(),
            "missing_person": self._person_on("doj.missing_person", "QM", "welfare check"),
            "supervised_release": self._person_on("doj.supervised_release", "QSR", "person check"),
            "registrant": self._person_on("doj.registrant", "QXS", "follow-up investigation"),
            "stolen_gun": self._thing_on("doj.stolen_firearm", "QG", ("SER",), "firearm found"),
            "stolen_article": self._thing_on("doj.article", "QA", ("TYP", "SER"), "property found"),
            "stolen_boat": self._thing_on("doj.boat", "QB", ("REG",), "vessel adrift"),
            "firearm": self._firearm(),
            "load": self._load(),
        }

    def _ordinary(self, operator: str, key: str, fields: dict[str, str], reason: str) -> Example:
        return Example(operator, key, fields, reason, self._incident)

    def _clean_car(self, skip: int = 0) -> Vehicle:
        """A car of somebody who is nobody's own and whom nobody looks for."""
        cars = (
            car
            for place, car in enumerate(self._world.vehicles)
            if place not in self._stolen
            and car.owner not in self._close | self._sought
            and car.plate_type == "PC"
            and car.valid_to > self._world.today
        )
        return _nth(cars, skip)

    def _plate(self) -> Example:
        return self._ordinary(PATROL, "RQ", {"LIC": self._clean_car().plate, "LIS": "CA"}, "traffic stop")

    def _composite(self, key: str) -> Example:
        return self._ordinary(
            PATROL, key, {"LIC": self._clean_car(1).plate, "LIS": "CA"}, "suspicious vehicle"
        )

    def _stop(self) -> Example:
        numbers = {licence.holder: licence.number for licence in self._world.licences}
        cars = (self._clean_car(skip) for skip in count())
        car = _nth(each for each in cars if each.owner in numbers)
        fields = {"LIC": car.plate, "LIS": "CA", "OLN": numbers[car.owner]}
        return self._ordinary(PATROL, "QTS", fields, "traffic stop")

    def _load(self) -> Example:
        return self._ordinary(
            LOAD_OPERATOR, "QPS", {"LIC": self._clean_car(2).plate, "LIS": "CA"}, "load test"
        )

    def _driver(self) -> Example:
        licence = _nth(
            each
            for each in self._world.licences
            if each.standing == "LIC" and each.holder not in self._close | self._sought
        )
        return self._ordinary(PATROL, "DQ", {"OLN": licence.number}, "traffic stop")

    def _vessel(self) -> Example:
        boat = _nth(each for each in self._world.vessels if each.owner not in self._close)
        return self._ordinary(DISPATCH, "BQ", {"REG": boat.registration}, "vessel adrift")

    def _snowmobile(self) -> Example:
        sled = _nth(
            each
            for each in self._world.off_highway
            if each.kind == "snowmobile" and each.owner not in self._close
        )
        return self._ordinary(DISPATCH, "SQ", {"REG": sled.registration}, "found property")

    def _parking(self) -> Example:
        owed: dict[int, int] = {}
        for citation in self._world.citations:
            if self._world.vehicles[citation.vehicle].owner not in self._close:
                owed[citation.vehicle] = owed.get(citation.vehicle, 0) + (not citation.paid)
        place = _nth(each for each, unpaid in owed.items() if unpaid >= 2)
        fields = {"LIC": self._world.vehicles[place].plate, "LIS": "CA"}
        return self._ordinary(DISPATCH, "PKQ", fields, "parking complaint")

    def _order(self, skip: int) -> RestrainingOrder:
        return _nth(
            (
                order
                for order in self._world.orders
                if order.kind == "DVRO"
                and order.expires >= self._world.today
                and not {order.restrained, order.protected} & self._close
            ),
            skip,
        )

    def _filed_by(self) -> Example:
        protected = self._world.persons[self._order(0).protected]
        return self._ordinary(
            PATROL, "QPO", {"PPN": protected.name, "PPB": protected.dob}, "order violation call"
        )

    def _filed_against(self) -> Example:
        restrained = self._world.persons[self._order(1).restrained]
        return self._ordinary(PATROL, "QPO", _name_and_birth(restrained), "order violation call")

    def _criminal_history(self, key: str) -> Example:
        history = _nth(
            each
            for each in self._world.histories
            if len(each.arrests) > 1 and each.subject not in self._close | self._sought
        )
        subject = self._world.persons[history.subject]
        fields = {"SID": history.sid} if key == "FQ" else {**_name_and_birth(subject), "SEX": subject.sex}
        return self._history_like(key, fields, "follow-up investigation")

    def _firearm(self) -> Example:
        gun = _nth(each for each in self._world.firearms if each.owner not in self._close)
        return self._history_like("QGN", _name_and_birth(self._world.persons[gun.owner]), "firearm recovered")

    def _history_like(self, key: str, fields: dict[str, str], reason: str) -> Example:
        detective = self._world.posting(DETECTIVE).operator
        attention = f"DET {detective.name.split()[-1].upper()} {DETECTIVE[-3:]}"
        return Example(DETECTIVE, key, fields, reason, self._incident, "C", attention[:30])

    def _wanted(self) -> Example:
        felons = [
            each
            for each in self._world.warrants
            if each.offence.gravity == "felony" and each.subject not in self._close
        ]
        # An armed one first, where there is one: the caution banner is worth seeing.
        felons.sort(key=lambda each: each.cautions != ("00",))
        subject = self._world.persons[_nth(felons).subject]
        return self._ordinary(PATROL, "QW", _name_and_birth(subject), "person check")

    def _stolen_plate(self) -> Example:
        theft = _nth(
            each for each in self._world.thefts if self._world.vehicles[each.vehicle].owner not in self._close
        )
        plate = self._world.vehicles[theft.vehicle].plate
        return self._ordinary(PATROL, "QV", {"LIC": plate, "LIS": "CA"}, "plate reader hit")

    def _national_wanted(self) -> Example:
        near = self._world.neighbour
        births = {self._world.persons[person].dob for person in self._sought}
        births |= {self._world.persons[order.protected].dob for order in self._world.orders}
        warrant = _nth(
            each
            for each in near.warrants
            if each.extradition == "1" and near.persons[each.subject].dob not in births
        )
        return self._ordinary(PATROL, "QW", _name_and_birth(near.persons[warrant.subject]), "person check")

    def _other_state(self) -> Example:
        near = self._world.neighbour
        stolen = {theft.vehicle for theft in near.thefts}
        car = _nth(each for place, each in enumerate(near.vehicles) if place not in stolen)
        return self._ordinary(PATROL, "RQ", {"LIC": car.plate, "LIS": "NV"}, "traffic stop")

    def _driver_history(self) -> Example:
        return self._history_like("KQ", self._driver().fields, "follow-up investigation")

    def _on_file(self, system: str) -> Record:
        close = {self._world.persons[person].id for person in self._close}
        return _nth(
            record
            for name, record in more_of_the_state(self._world)
            if name == system and not {subject.ref for subject in record.subjects} & close
        )

    def _person_on(self, system: str, key: str, reason: str) -> Example:
        held = self._on_file(system).identifiers
        return self._ordinary(PATROL, key, {"NAM": held["NAM"], "DOB": held["DOB"]}, reason)

    def _thing_on(self, system: str, key: str, codes: tuple[str, ...], reason: str) -> Example:
        facts = self._on_file(system).facts
        return self._ordinary(PATROL, key, {code: str(facts[code]) for code in codes}, reason)

    def _own(self) -> Example:
        person = self._world.posting(PATROL).person
        car = _nth(each for each in self._world.vehicles if each.owner == person)
        return self._ordinary(PATROL, "RQ", {"LIC": car.plate, "LIS": "CA"}, "traffic stop")


def _name_and_birth(person: Person) -> dict[str, str]:
    return {"NAM": person.name, "DOB": person.dob}


def _nth(things: Iterable[T], n: int = 0) -> T:
    """Raises ValueError when the world is too small to hold such a thing."""
    for place, thing in enumerate(things):
        if place == n:
            return thing
    raise ValueError("the world holds no record for an example; make it larger")
