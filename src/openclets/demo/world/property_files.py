"""Files on property beside stolen vehicles: guns, articles, boats, plates, parts, securities.

(system of the state, system of the nation, record) for each; a share stands in the national file as well.
Shapes: messages.md 2.2 and the layouts of `adapters/synthetic/texts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from openclets.demo.world.chance import stream
from openclets.demo.world.numbers import nic
from openclets.demo.world.people import Person
from openclets.demo.world.property import Firearm, Vehicle, Vessel
from openclets.records.answer import Record, Subject

T = TypeVar("T")

Facts = dict[str, str | list[str]]
Filed = tuple[str, str, Record]

_ARTICLES = (("BBICYCL", "SYNB"), ("ECAMERA", "SYNC"), ("ECOMPUT", "SYND"), ("TSAW", "SYNE"))
_GUN_STATES = ("STOLEN", "STOLEN", "LOST", "RECOVERED")


def property_on_file(
    vehicles: Sequence[Vehicle],
    vessels: Sequence[Vessel],
    firearms: Sequence[Firearm],
    persons: Sequence[Person],
    ori: Sequence[str],
    seed: int,
    today: date,
) -> Iterator[Filed]:
    """Everything that is missed, or found and not yet claimed."""
    yield from _guns(stream(seed, "stolen guns"), firearms, persons, ori, today)
    yield from _articles(stream(seed, "stolen articles"), persons, ori, today)
    yield from _boats(stream(seed, "stolen boats"), vessels, persons, ori, today)
    yield from _plates_and_parts(stream(seed, "stolen plates"), vehicles, persons, ori, today)
    chance = stream(seed, "stolen securities")
    for number in range(5):
        facts = {
            **_entered(chance, ori, today, "S", number),
            "TYP": "TC",
            "SER": f"SYN{number:07d}",
            "DEN": "100",
            "ISS": "SYNTH BANK",
        }
        owner = (Subject(chance.choice(persons).id, "owner"),)
        yield "", "ncic.security", _record("stolen_security", facts, owner)


def _guns(
    chance: Random, firearms: Sequence[Firearm], persons: Sequence[Person], ori: Sequence[str], today: date
) -> Iterator[Filed]:
    for number, gun in enumerate(_some(chance, firearms, 60)):
        facts = {
            **_entered(chance, ori, today, "G", number),
            "SER": gun.serial,
            "MAK": gun.make,
            "CAL": gun.calibre,
            "TYP": gun.kind,
            "MOD": gun.model,
            "GST": chance.choice(_GUN_STATES),
        }
        owner = (Subject(persons[gun.owner].id, "owner"),)
        yield "doj.stolen_firearm", "ncic.gun", _record("stolen_gun", facts, owner)


def _articles(chance: Random, persons: Sequence[Person], ori: Sequence[str], today: date) -> Iterator[Filed]:
    for number, owner in enumerate(_some(chance, persons, 500)):
        kind, brand = chance.choice(_ARTICLES)
        facts = {
            **_entered(chance, ori, today, "A", number),
            "TYP": kind,
            "SER": f"SYN{chance.randrange(10_000_000):07d}",
            "BRA": brand,
        }
        yield "doj.article", "ncic.article", _record("stolen_article", facts, (Subject(owner.id, "owner"),))


def _boats(
    chance: Random, vessels: Sequence[Vessel], persons: Sequence[Person], ori: Sequence[str], today: date
) -> Iterator[Filed]:
    for number, boat in enumerate(_some(chance, vessels, 80)):
        facts = {
            **_entered(chance, ori, today, "B", number),
            "REG": boat.registration,
            "RES": "CA",
            "BHN": boat.hull,
            "BYR": str(boat.year),
            "BMA": boat.make,
            "BTY": boat.kind,
            "HUL": boat.material,
            "BLE": str(boat.length_feet),
            "BCO": boat.colour,
        }
        owner = (Subject(persons[boat.owner].id, "owner"),)
        yield "doj.boat", "ncic.boat", _record("stolen_boat", facts, owner)


def _plates_and_parts(
    chance: Random, vehicles: Sequence[Vehicle], persons: Sequence[Person], ori: Sequence[str], today: date
) -> Iterator[Filed]:
    for number, car in enumerate(_some(chance, vehicles, 1000)):
        facts = {
            **_entered(chance, ori, today, "P", number),
            "LIC": car.plate,
            "LIS": car.state,
            "LIY": str(car.valid_to.year),
            "LIT": car.plate_type,
        }
        owner = (Subject(persons[car.owner].id, "owner"),)
        yield "doj.stolen_vehicle", "ncic.vehicle", _record("stolen_plate", facts, owner, LIC=car.plate)
    for number, car in enumerate(_some(chance, vehicles, 2000)):
        facts = {
            **_entered(chance, ori, today, "V", 500_000 + number),
            "SER": f"SYN{chance.randrange(10_000_000):07d}",
            "VIN": car.vin,
            "TYP": "EN",
            "BRA": "SYNB",
        }
        owner = (Subject(persons[car.owner].id, "owner"),)
        yield "doj.stolen_vehicle", "ncic.vehicle", _record("stolen_part", facts, owner, VIN=car.vin)


def _some(chance: Random, things: Sequence[T], one_in: int) -> Iterator[T]:
    count = min(len(things), max(5, len(things) // one_in))
    return (things[n] for n in sorted(chance.sample(range(len(things)), count)))


def _entered(chance: Random, ori: Sequence[str], today: date, letter: str, number: int) -> Facts:
    on = f"{today - timedelta(days=chance.randrange(1, 700)):%Y%m%d}"
    return {
        "ORI": chance.choice(list(ori)),
        "NIC": nic(letter, 300_000 + number),
        "OCA": f"{on[2:4]}-{number:05d}",
        "DOT": on,
    }


def _record(kind: str, facts: Facts, subjects: tuple[Subject, ...], **identifiers: str) -> Record:
    return Record(kind, str(facts["NIC"]), facts, subjects, identifiers=identifiers, hit=True)
