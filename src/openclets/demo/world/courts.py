"""What courts and agencies have on people: restraining orders, criminal histories, warrants."""

from __future__ import annotations

import random
import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from openclets.demo.world import numbers
from openclets.demo.world.chance import Weighted, stream
from openclets.demo.world.names import load_names
from openclets.demo.world.people import Household, Person


class Offence(msgspec.Struct, frozen=True):
    """A kind of offence: its uniform code, words, statute, gravity (`felony`, `misdemeanor`) and share."""

    code: str
    text: str
    statute: str
    gravity: str
    share: float
    evidence: str


class RestrainingOrder(msgspec.Struct, frozen=True, gc=False):
    """An order of a court that keeps one person from another; `ex_partners` where the two once were a
    couple.
    """

    number: str
    nic: str
    kind: str
    court: str
    case_number: str
    restrained: int
    protected: int
    ex_partners: bool
    conditions: tuple[str, ...]
    firearms_barred: bool
    issued: date
    expires: date
    served: date | None
    national: bool


class Arrest(msgspec.Struct, frozen=True, gc=False):
    """One cycle of a criminal history: arrest and what the court made of it."""

    on: date
    agency_ori: str
    offence: Offence
    disposition: str
    decided_on: date | None


class History(msgspec.Struct, frozen=True, gc=False):
    """A person's criminal history. `national` when the national index points to it; `alias` is often
    empty."""

    sid: str
    fbi: str
    subject: int
    arrests: tuple[Arrest, ...]
    national: bool
    alias: str


class Warrant(msgspec.Struct, frozen=True, gc=False):
    """A warrant of arrest. `extradition` is EXL, `cautions` CMC codes."""

    number: str
    nic: str
    case_number: str
    agency_ori: str
    subject: int
    offence: Offence
    issued: date
    extradition: str
    cautions: tuple[str, ...]
    in_state_file: bool
    in_national_file: bool


_ORDERS = Weighted((("DVRO", 55), ("TRO", 14), ("EPO", 5), ("CPO", 14), ("CHO", 8), ("GVRO", 2), ("EARO", 2)))


@cache
def offences() -> tuple[Offence, ...]:
    rows = tomllib.loads((files("openclets.demo.world") / "offences.toml").read_text("utf-8"))["offence"]
    return tuple(msgspec.convert(row, Offence) for row in rows)


def _adults(persons: tuple[Person, ...], today: date, least: int = 18, most: int = 75) -> list[int]:
    return [place for place, person in enumerate(persons) if least <= person.age(today) <= most]


def make_orders(
    seed: int, persons: tuple[Person, ...], households: tuple[Household, ...], today: date
) -> tuple[RestrainingOrder, ...]:
    """About one for every 160 people; mostly between people who once lived together, and some already
    expired.
    """
    chance = stream(seed, "restraining orders")
    adults = _adults(persons, today)
    orders: list[RestrainingOrder] = []
    for number in range(max(12, len(persons) // 160)):
        restrained, protected = chance.sample(adults, 2)
        kind = _ORDERS.pick(chance)
        days = {"EPO": 7, "TRO": 25, "GVRO": 365}.get(kind, 1826)
        issued = today - timedelta(days=int(chance.random() * (days * 1.25)) + 1)
        served = issued + timedelta(days=chance.randrange(0, 20))
        county = households[persons[protected].household].county
        domestic = kind in {"DVRO", "TRO", "EPO"}
        orders.append(
            RestrainingOrder(
                number=f"{issued:%y}{'DV' if domestic else 'CV'}{number:05d}",
                nic=numbers.nic("H", number),
                kind=kind,
                court=f"CA{county}015J",
                case_number=f"{issued:%y}-{issued:%m%d}-{number % 1000:03d}",
                restrained=restrained,
                protected=protected,
                ex_partners=domestic,
                conditions=("07",)
                if kind == "GVRO"
                else ("01", "04", "05", "07")
                if domestic
                else ("01", "04", "05"),
                firearms_barred=kind != "CHO",
                issued=issued,
                expires=issued + timedelta(days=days),
                served=served if served <= today and chance.random() < 0.86 else None,
                national=kind not in {"EPO", "TRO"} and chance.random() < 0.8,
            )
        )
    return tuple(orders)


def make_histories(
    seed: int, persons: tuple[Person, ...], today: date, agencies: tuple[str, ...]
) -> tuple[History, ...]:
    """About one adult in eleven has been arrested at least once; a few, many times."""
    chance = stream(seed, "criminal histories")
    kinds = Weighted((offence, offence.share) for offence in offences())
    histories: list[History] = []
    for subject in _adults(persons, today, 18, 90):
        if chance.random() > 0.09:
            continue
        age = persons[subject].age(today)
        arrests = sorted(
            (
                _arrest(
                    chance,
                    kinds.pick(chance),
                    agencies,
                    today - timedelta(days=_days_ago(chance, age)),
                    today,
                )
                for _ in range(1 + int(chance.expovariate(0.6)))
            ),
            key=lambda arrest: arrest.on,
        )
        histories.append(
            History(
                sid=numbers.state_identification(len(histories)),
                fbi=numbers.fbi_number(len(histories)),
                subject=subject,
                arrests=tuple(arrests),
                national=any(arrest.offence.gravity == "felony" for arrest in arrests),
                alias=_alias(chance, persons[subject]) if chance.random() < 0.15 else "",
            )
        )
    return tuple(histories)


def _alias(chance: random.Random, person: Person) -> str:
    names = load_names()
    given = (names.male if person.sex == "M" else names.female).pick(chance)
    return f"{names.surnames.pick(chance) if chance.random() < 0.5 else person.surname},{given}"


def _days_ago(chance: random.Random, age: int) -> int:
    return 20 + int(chance.random() * max(30, (min(age, 60) - 18) * 365))


def _arrest(
    chance: random.Random, offence: Offence, agencies: tuple[str, ...], on: date, today: date
) -> Arrest:
    decided = on + timedelta(days=chance.randrange(20, 300))
    disposition = chance.choices(("CONVICTED", "DISMISSED", "NO DISPOSITION REPORTED"), (52, 25, 23))[0]
    if disposition == "NO DISPOSITION REPORTED" or decided > today:
        return Arrest(on, chance.choice(agencies), offence, "NO DISPOSITION REPORTED", None)
    return Arrest(on, chance.choice(agencies), offence, disposition, decided)


def make_warrants(
    seed: int,
    persons: tuple[Person, ...],
    today: date,
    agencies: tuple[str, ...],
    *,
    national_only: bool = False,
) -> tuple[Warrant, ...]:
    """About one for every 100 people. Felonies go to the national file too; `national_only` makes another
    state's.
    """
    table = "national warrants" if national_only else "warrants"
    chance = stream(seed, table)
    kinds = Weighted((offence, offence.share) for offence in offences())
    adults = _adults(persons, today, 18, 80)
    subjects = chance.sample(
        adults, min(len(adults), max(12, len(persons) // (12 if national_only else 100)))
    )
    warrants: list[Warrant] = []
    for number, subject in enumerate(subjects):
        offence = kinds.pick(chance)
        felony = offence.gravity == "felony"
        issued = today - timedelta(days=int(chance.expovariate(1 / 500)) + 1)
        cautions = ("00",) if chance.random() < 0.06 else ("05",) if chance.random() < 0.1 else ()
        warrants.append(
            Warrant(
                number=f"SYN{issued:%y}-{number + (50_000 if national_only else 0):05d}",
                nic=numbers.nic("W", number + (5_000_000 if national_only else 0)),
                case_number=f"{issued:%y}-{issued:%m%d}-{number % 1000:03d}",
                agency_ori=chance.choice(agencies),
                subject=subject,
                offence=offence,
                issued=issued,
                extradition=("1" if chance.random() < 0.7 else "3") if felony else chance.choice("CD"),
                cautions=cautions,
                in_state_file=not national_only,
                in_national_file=national_only or felony,
            )
        )
    return tuple(warrants)
