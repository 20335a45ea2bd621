"""Files on persons beside warrants and orders: missing, supervised, registered, and the national ones.

Few of each, drawn from the people there are; a person who is in one file may be in another. Shapes:
messages.md 5 and the layouts of `adapters/synthetic/texts`. Every name, number and place is invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from openclets.demo.world.chance import stream
from openclets.demo.world.courts import History
from openclets.demo.world.numbers import fbi_number, nic, social_security
from openclets.demo.world.people import ZIP, Household, Person
from openclets.demo.world.property import Licence
from openclets.records.answer import Record, Subject

T = TypeVar("T")

Facts = dict[str, str | list[str]]

_CONDITIONS = ("NO ALCOHOL; SEARCH ON REQUEST", "NO WEAPONS; REPORT WEEKLY", "CURFEW 2200 TO 0600")
_WITHDRAWALS = ("SUSPENDED", "REVOKED", "RESTORED")
_MISSING = (("EME", "MP"), ("EMD", "MP"), ("EMI", "CA"), ("EMJ", "MP"), ("EMO", "MP"))


def driver_history(licence: Licence, holder: Person, chance: Random, today: date) -> Record:
    """Withdrawals, convictions and accidents of a licence's holder; most have few."""
    convictions = [
        f"CONVICTED {_before(chance, today, 1500)} VC 22350 UNSAFE SPEED"
        for _ in range(chance.choice((0, 0, 0, 1, 2)))
    ]
    accidents = [f"ACCIDENT {_before(chance, today, 2500)} NOT AT FAULT"] if chance.random() < 0.15 else []
    withdrawn = (
        [f"{chance.choice(_WITHDRAWALS)} {_before(chance, today, 2000)}"] if licence.standing != "LIC" else []
    )
    facts: Facts = {
        "OLN": licence.number,
        "OLS": licence.state,
        "CLS": licence.licence_class,
        "DLS": licence.standing,
        "NAM": holder.name,
        "DOB": holder.dob,
        "SEX": holder.sex,
        "ISD": _day(licence.issued),
        "EXP": _day(licence.expires),
        "PTS": str(len(convictions)),
        "WDL": withdrawn or ["NO WITHDRAWALS"],
        "CNV": convictions or ["NO CONVICTIONS"],
        "ACC": accidents or ["NO ACCIDENTS"],
    }
    return Record(
        "driver_history",
        f"{licence.state}KR{licence.number}",
        facts,
        (Subject(holder.id, "holder"),),
        identifiers={"NAM": holder.name, "DOB": holder.dob, "OLN": licence.number},
    )


def missing_persons(
    persons: Sequence[Person], ori: Sequence[str], seed: int, today: date, state: str = "CA"
) -> Iterator[Record]:
    """One in two thousand, the young among them; and as many whom nobody has identified."""
    chance = stream(seed, f"missing {state}")
    for number, person in enumerate(_some(chance, persons, 2000, lambda p: p.age(today) < 30)):
        _, kind = chance.choice(_MISSING)
        facts: Facts = {
            **_entered(chance, ori, today, "M", number),
            **_description(person),
            "MNP": kind,
            "DLC": _before(chance, today, 200),
            "LSN": "EXAMPLE ST",
        }
        yield _record("missing_person", facts, person, hit=True)
    for number, like in enumerate(_some(chance, persons, 4000, lambda p: p.age(today) >= 18)):
        facts = {
            **_entered(chance, ori, today, "U", number),
            **{code: value for code, value in _description(like).items() if code not in ("NAM", "DOB")},
            "UNP": "DECEASED",
            "AGE": f"{max(18, like.age(today) - 5)}-{like.age(today) + 5}",
            "DBF": _before(chance, today, 900),
        }
        ref = str(facts["NIC"])
        yield Record("unidentified_person", ref, facts, (Subject(f"U{ref}", "subject"),), hit=True)


def supervised(
    histories: Sequence[History],
    persons: Sequence[Person],
    licences: dict[int, str],
    ori: Sequence[str],
    seed: int,
    today: date,
) -> Iterator[Record]:
    """A share of those with a history: on parole, on probation, in custody."""
    chance = stream(seed, "supervision CA")
    for number, history in enumerate(_some(chance, histories, 12)):
        kind = chance.choice(("parole", "probation", "probation", "custody"))
        person = persons[history.subject]
        facts: Facts = {
            **_entered(chance, ori, today, "C", number),
            **_description(person),
            **_numbers(history.fbi, history.sid, history.subject, licences.get(history.subject, "")),
            **_supervision(chance, today),
            "OFF": history.arrests[0].offence.text if history.arrests else "UNKNOWN",
        }
        yield _record(kind, facts, person, hit=kind != "custody")


def registrants(
    histories: Sequence[History],
    persons: Sequence[Person],
    households: Sequence[Household],
    ori: Sequence[str],
    seed: int,
    today: date,
) -> Iterator[Record]:
    """Sex and arson registrants, a few of those with a history."""
    chance = stream(seed, "registrants CA")
    for number, history in enumerate(_some(chance, histories, 40)):
        person = persons[history.subject]
        home = households[person.household]
        facts: Facts = {
            **_entered(chance, ori, today, "X", number),
            **_description(person),
            **_numbers(history.fbi, history.sid, history.subject, ""),
            "RGS": chance.choice(("CURRENT", "CURRENT", "OVERDUE")),
            "ADR": home.street,
            "CTY": home.city,
            "ZIP": ZIP,
            "CON": _before(chance, today, 5000),
            "ORD": _before(chance, today, 1500),
            "ERD": "NONEXP",
            "OFF": "SYN 288",
        }
        yield _record(
            chance.choice(("sex_registrant", "sex_registrant", "arson_registrant")), facts, person, hit=False
        )


def national_persons(persons: Sequence[Person], seed: int, today: date) -> Iterator[tuple[str, Record]]:
    """Foreign fugitives, violent persons, gangs, victims of identity theft: (system, record)."""
    chance = stream(seed, "national persons")
    ori = ("CA9990100",)
    for name, kind, share, letter, more in (
        (
            "ncic.foreign_fugitive",
            "foreign_fugitive",
            6000,
            "W",
            {"CTZ": "XX", "OFF": "FRAUD", "WNO": "SYN26-90001"},
        ),
        ("ncic.violent_person", "violent_person", 6000, "W", {"VPC": "ASSAULT ON OFFICER"}),
        ("ncic.gang", "gang_member", 4000, "T", {"GNG": "SYNTH STREET", "SGP": "NORTH", "CRI": "ADMITTED"}),
        ("ncic.identity_theft", "identity_theft", 3000, "J", {"IDT": "CRED"}),
    ):
        for number, person in enumerate(_some(chance, persons, share, lambda p: p.age(today) >= 18)):
            facts: Facts = {
                **_entered(chance, ori, today, letter, 500_000 + number),
                **_description(person),
                "FBI": fbi_number(700_000 + number),
                **more,
            }
            if kind == "foreign_fugitive":
                facts["DOW"] = _before(chance, today, 700)
            if kind == "identity_theft":
                facts["DOT"] = _before(chance, today, 700)
                del facts["FBI"]
            yield name, _record(kind, facts, person, hit=kind == "foreign_fugitive")
    group: Facts = {
        **_entered(chance, ori, today, "T", 900_000),
        "GNG": "SYNTH STREET",
        "SGP": "NORTH",
        "MRK": "GREY",
    }
    yield (
        "ncic.gang",
        Record("gang_group", str(group["NIC"]), group, (Subject("GNG:SYNTH STREET", "subject"),)),
    )


def neighbour_persons(
    state: str, persons: Sequence[Person], ori: str, seed: int, today: date
) -> Iterator[tuple[str, Record]]:
    """Another state's supervision, registrants, criminal histories and missing persons: (file, record)."""
    chance = stream(seed, f"person files {state}")
    adults = [person for person in persons if person.age(today) >= 18]
    for number, person in enumerate(_some(chance, adults, 25)):
        kind = chance.choice(("parole", "probation", "custody"))
        facts: Facts = {
            **_entered(chance, (ori,), today, "C", number),
            **_description(person),
            **_supervision(chance, today),
            "FBI": fbi_number(800_000 + number),
            "OFF": "BURGLARY",
        }
        yield "supervision", _record(kind, facts, person, hit=kind != "custody")
    for number, person in enumerate(_some(chance, adults, 60)):
        facts = {
            **_entered(chance, (ori,), today, "X", number),
            **_description(person),
            "RGS": "CURRENT",
            "ADR": "999 EXAMPLE ST",
            "ZIP": ZIP,
            "CON": _before(chance, today, 5000),
            "ORD": _before(chance, today, 1500),
            "ERD": "NONEXP",
            "OFF": "SYN 288",
        }
        yield "registrant", _record("sex_registrant", facts, person, hit=False)
    for number, person in enumerate(_some(chance, adults, 15)):
        facts = {
            **_description(person),
            "SID": f"{state}99{number:06d}",
            "FBI": fbi_number(850_000 + number),
            "POB": state,
            "CYC": [f"ARR {_before(chance, today, 3000)} {ori} BURGLARY (FELONY); COURT: CONVICTED"],
        }
        yield (
            "criminal_history",
            Record(
                "criminal_history",
                str(facts["SID"]),
                facts,
                (Subject(person.id, "subject"),),
                identifiers={"NAM": person.name, "DOB": person.dob},
            ),
        )
    for record in missing_persons(persons, (ori,), seed, today, state):
        if record.kind == "missing_person":
            yield "missing_person", record


def _some(
    chance: Random, things: Sequence[T], one_in: int, fits: Callable[[T], bool] | None = None
) -> Iterator[T]:
    """One in so many of the things that fit, at least three where there are, in their order."""
    fitting = [n for n, thing in enumerate(things) if fits is None or fits(thing)]
    count = min(len(fitting), max(3, len(things) // one_in))
    return (things[n] for n in sorted(chance.sample(fitting, count)))


def _entered(chance: Random, ori: Sequence[str], today: date, letter: str, number: int) -> Facts:
    on = _before(chance, today, 700)
    return {
        "ORI": chance.choice(list(ori)),
        "NIC": nic(letter, 200_000 + number),
        "OCA": f"{on[2:4]}-{number:05d}",
        "DTE": on,
    }


def _description(person: Person) -> dict[str, str]:
    return {
        "NAM": person.name,
        "SEX": person.sex,
        "RAC": person.race,
        "DOB": person.dob,
        "HGT": person.height,
        "WGT": person.weight,
        "EYE": person.eyes,
        "HAI": person.hair,
    }


def _numbers(fbi: str, sid: str, position: int, licence: str) -> Facts:
    return {
        "FBI": fbi,
        "SID": sid,
        "SOC": social_security(position),
        **({"OLN": licence, "OLS": "CA"} if licence else {}),
    }


def _supervision(chance: Random, today: date) -> Facts:
    return {
        "SPB": _before(chance, today, 900),
        "SPE": _day(today + timedelta(days=chance.randrange(30, 1200))),
        "SPC": chance.choice(_CONDITIONS),
        "SUN": f"AGENT {chance.choice(('VANCE', 'DOE', 'SYNTHE'))}",
        "SUP": f"55501{chance.randrange(100):02d}",
    }


def _record(kind: str, facts: Facts, person: Person, *, hit: bool) -> Record:
    identifiers = {"NAM": person.name, "DOB": person.dob}
    licence = facts.get("OLN")
    if isinstance(licence, str):
        identifiers["OLN"] = licence
    return Record(
        kind, str(facts["NIC"]), facts, (Subject(person.id, "subject"),), identifiers=identifiers, hit=hit
    )


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"


def _before(chance: Random, today: date, days: int) -> str:
    return _day(today - timedelta(days=chance.randrange(1, days)))
