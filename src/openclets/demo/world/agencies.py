"""The invented agencies, where they police, and the terminals they have enrolled."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from openclets.demo.world.chance import stream
from openclets.demo.world.size import Size
from openclets.directory.agency import Agency
from openclets.directory.terminal import Terminal

ROLES = ("officer", "dispatcher", "detective", "records_clerk", "coordinator")
_PLACES = ("DISPATCH", "RECORDS", "DETECTIVES", "FRONT DESK")
_MOST_OF_A_KIND = 999
"""Terminals of one kind an agency enrols at most; a very large one shares them."""
POLICING = frozenset({"police", "sheriff", "campus"})
"""Kinds of agency that answer calls for service."""


@dataclass(frozen=True, slots=True)
class Precinct:
    """An agency with what the making needs of it: where it works, how many it employs, how much it does.

    `number` counts agencies from 1. `population` is its city's share of the people, `weight` its share of
    police work.
    """

    number: int
    agency: Agency
    short: str
    city: str
    county: int
    population: float
    weight: float
    staff: dict[str, int]

    @property
    def polices(self) -> bool:
        return self.agency.kind in POLICING


@cache
def _rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = tomllib.loads(
        (files("openclets.demo.world") / "agencies.toml").read_text("utf-8")
    )["agency"]
    return rows


def make_precincts(seed: int, size: Size, today: date) -> tuple[Precinct, ...]:
    """The named agencies, then as many more as the size asks; people, work and staff shared out over all of
    them.
    """
    named = [_named(number, row, today) for number, row in enumerate(_rows(), 1)][: size.agencies]
    if size.agencies <= len(named) and size.operators == sum(sum(p.staff.values()) for p in named) + 2:
        return tuple(named)
    return _shared_out(named + _more(seed, len(named), size.agencies, today), size)


def _named(number: int, row: dict[str, object], today: date) -> Precinct:
    days = int(str(row["agreement_days"]))
    staff = row["staff"]
    assert isinstance(staff, dict)
    return Precinct(
        number=number,
        agency=Agency(
            ori=str(row["ori"]),
            name=str(row["name"]),
            kind=str(row["kind"]),
            county=f"{row['county']}",
            agreement_version="2025.1" if days > 0 else "2019.2",
            agreement_until=today + timedelta(days=days),
            has_duty_feed=bool(row["has_duty_feed"]),
        ),
        short=str(row["short"]),
        city=str(row["city"]),
        county=int(str(row["county"])),
        population=float(str(row["population"])),
        weight=float(str(row["weight"])),
        staff={role: int(staff[role]) for role in ROLES},
    )


def _more(seed: int, first: int, count: int, today: date) -> list[Precinct]:
    """Further agencies, of lognormal size; one county in five agencies has a sheriff, a probation and a
    prosecutor.
    """
    chance = stream(seed, "agencies")
    made: list[Precinct] = []
    for number in range(first + 1, count + 1):
        county = 903 + (number - first - 1) // 6 % 80
        place = (number - first - 1) % 6
        kind, unit, last = (
            ("sheriff", "00", "00"),
            ("police", "01", "00"),
            ("police", "02", "00"),
            ("campus", "97", "0E"),
            ("probation", "01", "3G"),
            ("prosecutor", "02", "3A"),
        )[place]
        again = (number - first - 1) // 480
        city = f"EXAMPLE {'CITY' if place == 1 else 'TOWN' if place == 2 else 'COUNTY'} {county}"
        weight = chance.lognormvariate(0, 1) * {"police": 1.0, "sheriff": 1.4, "campus": 0.2}.get(kind, 0.1)
        made.append(
            Precinct(
                number=number,
                agency=Agency(
                    ori=f"CA{county}{int(unit) + (-again if kind == 'campus' else 3 * again):02d}{last}",
                    name=f"{city} {kind.upper()}",
                    kind=kind,
                    county=str(county),
                    agreement_version="2025.1",
                    agreement_until=today + timedelta(days=chance.randrange(60, 900)),
                ),
                short=f"A{number:03d}",
                city=city,
                county=county,
                population=weight if kind in {"police", "sheriff"} else 0.0,
                weight=weight,
                staff=dict.fromkeys(ROLES, 0),
            )
        )
    return made


def _shared_out(precincts: list[Precinct], size: Size) -> tuple[Precinct, ...]:
    """Staff in proportion to weight: at least one officer and one coordinator each, machines aside."""
    total = sum(p.weight for p in precincts)
    people = sum(p.population for p in precincts)
    spare = max(0, size.operators - 2 - 2 * len(precincts))
    shared: list[Precinct] = []
    for p in precincts:
        more = round(spare * p.weight / total)
        staff = {
            "officer": 1 + round(more * 0.70),
            "dispatcher": round(more * 0.12),
            "detective": round(more * 0.12),
            "records_clerk": round(more * 0.06),
            "coordinator": 1,
        }
        shared.append(
            Precinct(
                p.number, p.agency, p.short, p.city, p.county, p.population / people, p.weight / total, staff
            )
        )
    return tuple(shared)


def make_terminals(precincts: tuple[Precinct, ...]) -> tuple[Terminal, ...]:
    """Fixed terminals for desks, a mobile one for every two officers; mnemonics are `SPD0F01`-like."""
    terminals: list[Terminal] = []
    for precinct in precincts:
        staff = precinct.staff
        desks = 1 + staff["dispatcher"] + staff["records_clerk"] + (staff["detective"] + 1) // 2
        cars = (staff["officer"] + 1) // 2 if precinct.polices else 0
        terminals += [
            Terminal(
                _mnemonic(precinct, "F", n), precinct.agency.ori, "fixed", _PLACES[(n - 1) % len(_PLACES)]
            )
            for n in range(1, min(desks, _MOST_OF_A_KIND) + 1)
        ]
        terminals += [
            Terminal(_mnemonic(precinct, "M", n), precinct.agency.ori, "mobile", f"UNIT {n:02d}")
            for n in range(1, min(cars, _MOST_OF_A_KIND) + 1)
        ]
    return tuple(terminals)


def _mnemonic(precinct: Precinct, kind: str, n: int) -> str:
    """At most eight characters, as messages allow (field-codes.csv TDAC)."""
    return f"{precinct.short}{kind}{n:03d}" if len(precinct.short) > 3 else f"{precinct.short}0{kind}{n:02d}"
