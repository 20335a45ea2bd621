"""The ordinary look-ups of one day, each for a cause that the day's work gives: calls, patrol, cases, desk
work.

Some are written down poorly, as in life: a patrol officer runs plates that nobody records, a reason is left
out, a name is mistyped. Nothing here is misuse.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from openclets.demo.past.people_tables import Row
from openclets.demo.world.chance import Weighted, poisson, stream
from openclets.demo.world.police_work import LivedIncident, LivedShift, PoliceWork
from openclets.demo.world.staff import DISPATCH_MACHINE, Posting
from openclets.foundation.identifiers import uuid7

SYSTEM_OF = {
    "RQ": "dmv.vehicle",
    "QPL": "dmv.vehicle",
    "QV": "doj.stolen_vehicle",
    "DQ": "dmv.driver",
    "QW": "doj.wanted_person",
    "QVC": "doj.wanted_person",
    "QPO": "doj.restraining_order",
    "IQ": "doj.criminal_history",
    "FQ": "doj.criminal_history",
}
"""Which record system a key's principal answer comes from."""
PLATES_AN_HOUR = 3.2
DISPATCHER_SHARE = 0.25
MISTYPED = 0.015
CASE_DAYS = 8
"""How long after an incident its people are still asked for."""
_PATROL_REASONS = Weighted(
    (("patrol", 30), ("traffic", 20), ("t-stop", 14), ("susp veh", 10), ("reg check", 10), ("", 16))
)
_SHORT = {
    "TRAFFIC STOP": ("t-stop", "traffic stop", "ts", "11-95"),
    "DOMESTIC DISTURBANCE": ("domestic", "dv call", "415 domestic"),
    "SUSPICIOUS VEHICLE": ("susp veh", "suspicious vehicle"),
    "WELFARE CHECK": ("welfare ck", "welfare check"),
}


@dataclass(slots=True)
class DayRows:
    """Rows of one day for three tables."""

    transactions: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)
    work_items: list[Row] = field(default_factory=list)


class LookUps:
    """The look-ups of one world. Holds indexes of it; each day's rows follow from seed and date alone."""

    def __init__(self, work: PoliceWork) -> None:
        world = work.world
        self._work = work
        self._world = world
        self._postings = {posting.operator.id: posting for posting in world.postings}
        self._wanted = {warrant.subject for warrant in world.warrants}
        self._orders = {order.restrained: order for order in world.orders}
        self._orders |= {order.protected: order for order in world.orders}
        self._stolen = {theft.vehicle for theft in world.thefts}
        self._licensed = {licence.holder for licence in world.licences}
        self._recorded = {history.subject for history in world.histories}
        self._cars: dict[int, int] = {car.owner: place for place, car in enumerate(world.vehicles)}
        self._key = hashlib.sha256(f"search terms {world.seed}".encode()).digest()

    def of_day(self, day: date) -> DayRows:
        """Everything asked for on that day's shifts and calls, in the order of time."""
        asking = _Asking(self, stream(self._world.seed, f"look-ups {day}"))
        shifts = self._work.shifts(day)
        for incident in self._work.incidents(day):
            asking.on_incident(incident, shifts)
        for shift in shifts:
            posting = self._postings[shift.operator_id]
            if posting.operator.role == "officer" and self._world.precincts[posting.precinct].polices:
                asking.on_patrol(posting, shift, day)
            elif posting.operator.role in {"detective", "officer"}:
                asking.on_cases(posting, shift, day)
            elif posting.operator.role == "records_clerk":
                asking.at_the_desk(posting, shift, day)
        rows = asking.rows
        rows.transactions.sort(key=lambda row: (row[1], row[0]))
        return rows

    def term(self, text: str) -> str:
        """The keyed digest of a search term, as the journal would keep it."""
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).hexdigest()


class _Asking:
    """One day's asking, with its stream of chance."""

    def __init__(self, look_ups: LookUps, chance: random.Random) -> None:
        self._all = look_ups
        self._world = look_ups._world
        self._chance = chance
        self.rows = DayRows()

    def on_incident(self, incident: LivedIncident, shifts: tuple[LivedShift, ...]) -> None:
        """The plate and the people of a call, by those sent or by a dispatcher for them."""
        if not incident.sent:
            return
        operator, _, arrive, leave = incident.sent[0]
        officer = self._all._postings[operator]
        desk = self._dispatcher(officer, shifts, arrive) if self._chance.random() < DISPATCHER_SHARE else None
        at = arrive + timedelta(seconds=self._chance.uniform(15, 150))
        if incident.vehicle is not None:
            if incident.is_stop and self._chance.random() < 0.3:
                machine = self._all._postings[DISPATCH_MACHINE]
                self._on_call(
                    at, machine, "QPL", incident, officer, vehicle=incident.vehicle, origin="machine"
                )
            else:
                self._on_call(at, desk or officer, "QPL", incident, officer, vehicle=incident.vehicle)
        for party in incident.parties:
            for key in self._keys_for(incident.nature, party.role):
                at += timedelta(seconds=self._chance.uniform(20, 240))
                self._on_call(min(at, leave), desk or officer, key, incident, officer, person=party.person)

    def on_patrol(self, posting: Posting, shift: LivedShift, day: date) -> None:
        """Plates run on the road, most of them for nobody's record, some followed by the driver."""
        hours = (shift.ends - shift.starts) / timedelta(hours=1)
        precinct = self._world.precincts[posting.precinct]
        standing = self._all._work.standing(precinct, day)
        for _ in range(poisson(self._chance, hours * PLATES_AN_HOUR)):
            at = shift.starts + timedelta(hours=self._chance.uniform(0.1, hours - 0.1))
            vehicle = self._chance.randrange(len(self._world.vehicles))
            claims = standing is not None and self._chance.random() < 0.25
            incident = standing.number if standing is not None and claims else None
            reason = _PATROL_REASONS.pick(self._chance) or ("patrol" if not claims else None)
            self.ask(at, posting, "QPL", vehicle=vehicle, reason=reason, incident=incident)
            if self._chance.random() < 0.15:
                owner = self._world.vehicles[vehicle].owner
                for key in ("DQ", "QW"):
                    at += timedelta(seconds=self._chance.uniform(20, 120))
                    self.ask(at, posting, key, person=owner, reason=reason, incident=incident)

    def on_cases(self, posting: Posting, shift: LivedShift, day: date) -> None:
        """Follow-up on the people of recent incidents of one's own agency; a case is a work item."""
        recent = [
            incident
            for back in range(1, CASE_DAYS + 1)
            for incident in self._all._work.incidents(day - timedelta(days=back))
            if incident.precinct == posting.precinct and incident.parties
        ]
        for n in range(min(len(recent), poisson(self._chance, 2.5))):
            incident = self._chance.choice(recent)
            party = self._chance.choice(incident.parties)
            at = shift.starts + timedelta(hours=self._chance.uniform(0.3, 6))
            self._work_item(f"{posting.operator.id}-{day}-C{n}", posting, party.person, "case", at)
            for key in self._chance.sample(("IQ", "DQ", "QW", "QPO", "FQ"), self._chance.randrange(1, 4)):
                at += timedelta(minutes=self._chance.uniform(1, 25))
                self.ask(
                    at,
                    posting,
                    key,
                    person=party.person,
                    reason="follow-up investigation",
                    incident=incident.number,
                )

    def at_the_desk(self, posting: Posting, shift: LivedShift, day: date) -> None:
        """Requests, validations and registrations that come to the records desk."""
        for n in range(poisson(self._chance, 18)):
            person = self._chance.randrange(len(self._world.persons))
            at = shift.starts + timedelta(hours=self._chance.uniform(0.2, 8.5))
            kind = self._chance.choice(("records request", "validation", "citation correction"))
            self._work_item(
                f"{posting.operator.id}-{day}-R{n}", posting, person, kind, at - timedelta(minutes=5)
            )
            key = self._chance.choice(("DQ", "DQ", "IQ", "QW"))
            self.ask(at, posting, key, person=person, reason=f"{kind} {n + 1}")

    def ask(
        self,
        at: datetime,
        posting: Posting,
        key: str,
        *,
        person: int | None = None,
        vehicle: int | None = None,
        reason: str | None = None,
        incident: str | None = None,
        on_behalf_of: str | None = None,
        origin: str = "person",
    ) -> None:
        """One look-up of a person or a vehicle, with what came back; none of oneself or of a declared tie,
        which the network would have refused.
        """
        about = self._world.vehicles[vehicle].owner if vehicle is not None else person
        if about == posting.person or about in posting.ties:
            return
        mistyped = self._chance.random() < MISTYPED
        subjects = [] if mistyped else list(self._subjects(key, person, vehicle))
        car = self._world.vehicles[vehicle] if vehicle is not None else None
        asked = f"LIC {car.plate}" if car else f"NAM {self._world.persons[person or 0].name}"
        number = uuid7(at, self._chance.randbytes)
        self.rows.transactions.append(
            (
                number,
                at,
                posting.operator.id,
                posting.operator.agency_ori,
                posting.terminal,
                key,
                SYSTEM_OF[key],
                subjects[0][0] if subjects else None,
                self._all.term(f"{asked}{'X' if mistyped else ''}"),
                car.id if car and not mistyped else None,
                "C" if key in {"IQ", "FQ"} else None,
                reason,
                incident,
                on_behalf_of,
                origin,
                "NO_RECORD" if mistyped else self._result(key, person, vehicle),
            )
        )
        self.rows.subjects += [(number, subject, role, weight) for subject, role, weight in subjects]

    def _on_call(
        self,
        at: datetime,
        by: Posting,
        key: str,
        incident: LivedIncident,
        officer: Posting,
        *,
        person: int | None = None,
        vehicle: int | None = None,
        origin: str = "person",
    ) -> None:
        words = _SHORT.get(incident.nature, (incident.nature.lower(),))
        # One of reason and incident is always there: the network refuses a look-up with neither.
        named, explained = self._chance.random() < 0.92, self._chance.random() < 0.85
        self.ask(
            at,
            by,
            key,
            person=person,
            vehicle=vehicle,
            reason=self._chance.choice(words) if explained or not named else None,
            incident=incident.number if named else None,
            on_behalf_of=officer.operator.id if by is not officer else None,
            origin=origin,
        )

    def _keys_for(self, nature: str, role: str) -> Iterator[str]:
        draw = self._chance.random()
        if nature == "SUPERVISION VISIT" or role in {"supervisee", "defendant"}:
            yield "IQ"
        elif role in {"suspect", "driver", "subject"}:
            yield "DQ"
            yield "QW"
        elif role in {"owner", "complainant"} and draw < 0.4:
            yield "DQ"
        if nature in {"DOMESTIC DISTURBANCE", "RESTRAINING ORDER VIOLATION"} and draw < 0.8:
            yield "QPO"

    def _dispatcher(self, officer: Posting, shifts: tuple[LivedShift, ...], at: datetime) -> Posting | None:
        for shift in shifts:
            posting = self._all._postings[shift.operator_id]
            at_work = shift.starts <= at < shift.ends and posting.precinct == officer.precinct
            if at_work and posting.operator.role == "dispatcher":
                return posting
        return None

    def _subjects(self, key: str, person: int | None, vehicle: int | None) -> Iterator[tuple[str, str, int]]:
        """Whom the answer is about, the principal one first."""
        if vehicle is not None:
            yield (self._world.persons[self._world.vehicles[vehicle].owner].id, "owner", 1000)
        elif person is not None:
            order = self._all._orders.get(person) if key == "QPO" else None
            if order is None:
                yield (self._world.persons[person].id, "holder" if key == "DQ" else "subject", 1000)
                return
            other = order.protected if person == order.restrained else order.restrained
            roles = ("restrained", "protected") if person == order.restrained else ("protected", "restrained")
            yield (self._world.persons[person].id, roles[0], 600)
            yield (self._world.persons[other].id, roles[1], 400)

    def _result(self, key: str, person: int | None, vehicle: int | None) -> str:
        if vehicle is not None:
            return "HIT" if vehicle in self._all._stolen else "RECORD" if key != "QV" else "NO_RECORD"
        if key in {"QW", "QVC"}:
            return "HIT" if person in self._all._wanted else "NO_RECORD"
        if key == "QPO":
            return "HIT" if person in self._all._orders else "NO_RECORD"
        known = self._all._licensed if key == "DQ" else self._all._recorded
        return "RECORD" if person in known else "NO_RECORD"

    def _work_item(self, number: str, posting: Posting, person: int, kind: str, at: datetime) -> None:
        self.rows.work_items.append((number, posting.operator.id, self._world.persons[person].id, kind, at))
