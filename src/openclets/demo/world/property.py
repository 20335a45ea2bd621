"""What people own and are licensed for: vehicles, vessels, off-highway vehicles, firearms, driver
licences.
"""

from __future__ import annotations

import random
import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from openclets.demo.world import numbers
from openclets.demo.world.chance import Weighted, stream
from openclets.demo.world.people import Person


class Vehicle(msgspec.Struct, frozen=True, gc=False):
    """A registered road vehicle. `owner` is a position in `World.persons`; `state` where it is registered."""

    id: str
    plate: str
    state: str
    plate_type: str
    vin: str
    year: int
    make: str
    model: str
    style: str
    colour: str
    owner: int
    bought: date
    valid_to: date
    insurance: str
    lien: str


class Vessel(msgspec.Struct, frozen=True, gc=False):
    """A registered boat."""

    registration: str
    hull: str
    year: int
    make: str
    kind: str
    material: str
    propulsion: str
    length_feet: int
    colour: str
    owner: int
    valid_to: date


class OffHighway(msgspec.Struct, frozen=True, gc=False):
    """A snowmobile or another vehicle registered for use off the highway. `kind`: `snowmobile`, `atv`, `dirt
    bike`.
    """

    registration: str
    vin: str
    kind: str
    style: str
    year: int
    make: str
    colour: str
    owner: int
    valid_to: date


class Licence(msgspec.Struct, frozen=True, gc=False):
    """A driver licence or identification card. `standing`: LIC licensed, NOT not licensed, NEN, ELG, RPD
    (5.5).
    """

    number: str
    state: str
    holder: int
    licence_class: str
    standing: str
    restrictions: str
    endorsements: str
    issued: date
    expires: date


class Firearm(msgspec.Struct, frozen=True, gc=False):
    """A firearm on record with its owner. `kind`: PI pistol, RI rifle, SG shotgun."""

    serial: str
    make: str
    calibre: str
    kind: str
    model: str
    owner: int
    recorded: date


class _Line(msgspec.Struct, frozen=True):
    make: str
    model: str
    style: str
    line: str
    plate_type: str
    share: float
    evidence: str


_COLOURS = Weighted(
    zip(
        ("WHI", "BLK", "GRY", "SIL", "BLU", "RED", "GRN", "TAN", "BRO", "GLD", "ONG", "YEL", "SIL/BLK"),
        (24, 21, 18, 14, 9, 7, 2, 1.5, 1, 0.8, 0.6, 0.6, 0.5),
        strict=True,
    )
)
_INSURANCE = Weighted(
    (("ON FILE", 88), ("UNKNOWN", 7), ("PENDING", 2), ("UNAVAILABLE, RETRY IN 15 MINUTES", 3))
)
_LIENS = Weighted((("", 62), ("SYN CREDIT UNION", 20), ("EXAMPLE BANK", 12), ("SAMPLE AUTO FINANCE", 6)))
_PER_PERSON = Weighted(((0, 14), (1, 62), (2, 20), (3, 4)))


@cache
def _lines() -> Weighted[_Line]:
    rows = tomllib.loads((files("openclets.demo.world") / "vehicles.toml").read_text("utf-8"))["line"]
    return Weighted((line, line.share) for line in (msgspec.convert(row, _Line) for row in rows))


def make_vehicles(
    seed: int, persons: tuple[Person, ...], today: date, *, state: str = "CA", prefix: str = "V"
) -> tuple[Vehicle, ...]:
    """Vehicles of the adults; none before 17. Plates are spread over their series without repeating."""
    chance = stream(seed, f"vehicles {state}")
    lines = _lines()
    spread = chance.randrange(1_000_000)
    vehicles: list[Vehicle] = []
    for owner, person in enumerate(persons):
        age = person.age(today)
        if age < 17:
            continue
        count = _PER_PERSON.pick(chance) if age < 80 else min(1, _PER_PERSON.pick(chance))
        for _ in range(count):
            vehicles.append(
                _vehicle(len(vehicles), owner, lines.pick(chance), spread, chance, today, state, prefix)
            )
    return tuple(vehicles)


def _vehicle(
    number: int,
    owner: int,
    line: _Line,
    spread: int,
    chance: random.Random,
    today: date,
    state: str,
    prefix: str,
) -> Vehicle:
    age = min(28, int(chance.expovariate(1 / 8.5)))
    year = today.year + 1 - age if age else today.year
    if state != "CA":
        plate = numbers.neighbour_plate((number * 7_919 + spread) % 6_760_000)
    elif line.plate_type == "TK":
        plate = numbers.commercial_plate((number * 7_919 + spread) % 2_600_000)
    elif line.plate_type == "MC":
        plate = numbers.motorcycle_plate((number * 7_919 + spread) % 2_600_000)
    else:
        plate = numbers.passenger_plate((number * 7_919 + spread) % 17_576_000)
    late = chance.random() < 0.06
    return Vehicle(
        id=f"{prefix}{number:07d}",
        plate=plate,
        state=state,
        plate_type=line.plate_type,
        vin=numbers.vin(line.line, year, number),
        year=year,
        make=line.make,
        model=line.model,
        style=line.style,
        colour=_COLOURS.pick(chance),
        owner=owner,
        bought=today - timedelta(days=int(chance.random() * 365 * min(age + 0.2, 9)) + 3),
        valid_to=today
        + timedelta(days=-int(chance.random() * 300) - 1 if late else int(chance.random() * 365)),
        insurance=_INSURANCE.pick(chance),
        lien=_LIENS.pick(chance),
    )


def make_licences(
    seed: int, persons: tuple[Person, ...], vehicles: tuple[Vehicle, ...], today: date, *, state: str = "CA"
) -> tuple[Licence, ...]:
    """A licence for most adults, and for nearly everybody who owns a vehicle."""
    chance = stream(seed, f"licences {state}")
    driving = {vehicle.owner for vehicle in vehicles}
    licences: list[Licence] = []
    base = 0 if state == "CA" else 900_000
    for holder, person in enumerate(persons):
        age = person.age(today)
        draw = chance.random()
        if age < 16 or draw > (0.985 if holder in driving else 0.62):
            continue
        standing = "LIC" if draw < 0.93 else ("RPD" if draw < 0.955 else "ELG")
        since = date.fromordinal(today.toordinal() - int(chance.random() * 365 * 5) - 1)
        licences.append(
            Licence(
                number=numbers.licence(base + len(licences)),
                state=state,
                holder=holder,
                licence_class="C" if chance.random() < 0.94 else ("A" if chance.random() < 0.4 else "CM1"),
                standing=standing,
                restrictions="CORRECTIVE LENSES" if chance.random() < 0.38 else "NONE",
                endorsements="NONE",
                issued=since,
                expires=since + timedelta(days=1826),
            )
        )
    return tuple(licences)


def make_vessels(seed: int, persons: tuple[Person, ...], today: date) -> tuple[Vessel, ...]:
    chance = stream(seed, "vessels")
    vessels: list[Vessel] = []
    for owner in _owners(chance, persons, today, share=0.018):
        year = today.year - int(chance.random() * 30)
        vessels.append(
            Vessel(
                registration=numbers.vessel_registration(len(vessels)),
                hull=numbers.hull_number(10_000 + len(vessels), year),
                year=year,
                make=chance.choice(("BAYL", "SEAR", "BOSW", "LUND", "TRAC", "MSTC")),
                kind=chance.choice(("RUN", "RUN", "CRU", "SAI", "YAC", "PWC")),
                material=chance.choice(("PL", "PL", "ML", "WD")),
                propulsion=chance.choice(("OB", "OB", "IN", "IO", "SA")),
                length_feet=chance.randrange(12, 38),
                colour=_COLOURS.pick(chance),
                owner=owner,
                valid_to=today + timedelta(days=chance.randrange(-200, 730)),
            )
        )
    return tuple(vessels)


def make_off_highway(seed: int, persons: tuple[Person, ...], today: date) -> tuple[OffHighway, ...]:
    chance = stream(seed, "off highway")
    found: list[OffHighway] = []
    for owner in _owners(chance, persons, today, share=0.022):
        kind = chance.choice(("snowmobile", "snowmobile", "atv", "dirt bike"))
        year = today.year - int(chance.random() * 20)
        line = {"snowmobile": "SNW1M", "atv": "ATV2W", "dirt bike": "DRT3B"}[kind]
        found.append(
            OffHighway(
                registration=numbers.off_highway_registration(kind, len(found)),
                vin=numbers.vin(line, year, len(found)),
                kind=kind,
                style={"snowmobile": "SN", "atv": "AT", "dirt bike": "MC"}[kind],
                year=year,
                make=chance.choice(
                    ("POLA", "SKID", "ARTC") if kind == "snowmobile" else ("HOND", "YAMA", "KAWK")
                ),
                colour=_COLOURS.pick(chance),
                owner=owner,
                valid_to=today + timedelta(days=chance.randrange(-200, 730)),
            )
        )
    return tuple(found)


def make_firearms(seed: int, persons: tuple[Person, ...], today: date) -> tuple[Firearm, ...]:
    chance = stream(seed, "firearms")
    found: list[Firearm] = []
    for owner in _owners(chance, persons, today, share=0.09):
        for _ in range(1 + int(chance.expovariate(1.2))):
            kind, calibre = chance.choice(
                (("PI", "9"), ("PI", "9"), ("PI", "45"), ("RI", "223"), ("SG", "12"))
            )
            found.append(
                Firearm(
                    serial=f"SYN{len(found):07d}",
                    make=chance.choice(("SW", "COLT", "RUG", "REM", "GLC")),
                    calibre=calibre,
                    kind=kind,
                    model=f"M{chance.randrange(10, 99)}",
                    owner=owner,
                    recorded=today - timedelta(days=chance.randrange(30, 7000)),
                )
            )
    return tuple(found)


def _owners(chance: random.Random, persons: tuple[Person, ...], today: date, *, share: float) -> list[int]:
    return [
        place for place, person in enumerate(persons) if chance.random() < share and person.age(today) >= 18
    ]
