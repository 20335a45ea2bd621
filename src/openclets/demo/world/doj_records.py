"""The justice department's records, and what the national systems hold of the same: from facts of life to
entries.

Shapes: messages.md 5.2 (wanted), 5.3 (protection orders), 5.4 (stolen), 5.5 (criminal history).
"""

from __future__ import annotations

from datetime import date

from openclets.demo.world.courts import Arrest, History, RestrainingOrder, Warrant
from openclets.demo.world.numbers import social_security
from openclets.demo.world.people import Person
from openclets.demo.world.property import Firearm, Vehicle
from openclets.demo.world.thefts import Theft
from openclets.records.answer import Record, Subject

_CAUTIONS = {"00": "KNOWN TO CARRY FIREARM", "05": "VIOLENT TOWARD OFFICERS"}


def _day(on: date) -> str:
    return f"{on.year:04d}{on.month:02d}{on.day:02d}"


def _description(person: Person) -> dict[str, str]:
    return {
        "NAM": person.name,
        "DOB": person.dob,
        "SEX": person.sex,
        "RAC": person.race,
        "HGT": person.height,
        "WGT": person.weight,
        "EYE": person.eyes,
        "HAI": person.hair,
    }


def _identifiers(person: Person, licence: str) -> dict[str, str]:
    return {"NAM": person.name, "DOB": person.dob, **({"OLN": licence} if licence else {})}


def wanted_person(warrant: Warrant, subject: Person, licence: str) -> Record:
    """A warrant of arrest. `codes` carry CMC and EXL, from which banners are computed."""
    offence = warrant.offence
    facts: dict[str, str | list[str]] = {
        "ORI": warrant.agency_ori,
        **_description(subject),
        "OFF": f"{offence.code} - {offence.text}",
        "WCL": offence.gravity.upper(),
        "DOW": _day(warrant.issued),
        "WNO": warrant.number,
        "OCA": warrant.case_number,
        "EXL": warrant.extradition,
        "NIC": warrant.nic,
        "DTE": _day(warrant.issued),
    }
    if licence:
        facts["OLN"], facts["OLS"] = licence, "CA"
    if warrant.cautions:
        facts["CMC"] = list(warrant.cautions)
        facts["MIS"] = _CAUTIONS[warrant.cautions[0]]
    return Record(
        kind="wanted_person",
        ref=warrant.nic,
        facts=facts,
        subjects=(Subject(subject.id, "subject"),),
        codes={"CMC": list(warrant.cautions), "EXL": [warrant.extradition], "WCL": [offence.gravity.upper()]},
        identifiers=_identifiers(subject, licence),
        hit=True,
    )


def restraining_order(
    order: RestrainingOrder, restrained: Person, protected: Person, licence: str, today: date
) -> Record:
    """An order with both its people. Expired ones stay on file as inactive, for QPO alone (5.3)."""
    active = order.expires >= today
    facts: dict[str, str | list[str]] = {
        "ORI": order.court[:5] + "0000",
        **_description(restrained),
        "TYP": order.kind,
        "STA": "ACTIVE" if active else "INACTIVE",
        "PCO": list(order.conditions),
        "BRD": "Y" if order.firearms_barred else "N",
        "PNO": order.number,
        "CTI": order.court,
        "ISD": _day(order.issued),
        "EXP": _day(order.expires),
        "SVI": "SERVED" if order.served else "NOT SERVED",
        "PPN": protected.name,
        "PPB": protected.dob,
        "PSX": protected.sex,
        "PPR": protected.race,
        "OCA": order.case_number,
        "NIC": order.nic,
    }
    if order.served:
        facts["SVD"] = _day(order.served)
    if licence:
        facts["OLN"], facts["OLS"] = licence, "CA"
    return Record(
        kind="protection_order",
        ref=order.nic,
        facts=facts,
        subjects=(Subject(restrained.id, "restrained", 600), Subject(protected.id, "protected", 400)),
        codes={
            "PCO": list(order.conditions) if active else [],
            "BRD": ["Y" if order.firearms_barred and active else "N"],
            "STA": ["ACTIVE" if active else "INACTIVE"],
            "EXP": [_day(order.expires)],
        },
        identifiers=_identifiers(restrained, licence) | {"PPN": protected.name, "PPB": protected.dob},
        hit=active,
    )


def stolen_vehicle(theft: Theft, car: Vehicle, owner: Person) -> Record:
    """A vehicle reported stolen. `codes` carry HLD (hold for latent prints) and CMC."""
    facts: dict[str, str | list[str]] = {
        "ORI": theft.agency_ori,
        "LIC": car.plate,
        "LIS": car.state,
        "LIY": str(car.valid_to.year),
        "LIT": car.plate_type,
        "VIN": car.vin,
        "VYR": str(car.year),
        "VMA": car.make,
        "VMO": car.model,
        "VST": car.style,
        "VCO": car.colour,
        "DOT": _day(theft.on),
        "OCA": theft.case_number,
        "NIC": theft.nic,
    }
    if theft.hold_for_prints:
        facts["MIS"] = "HOLD FOR LATENT PRINTS"
    if theft.armed:
        facts["CMC"] = ["00"]
    return Record(
        kind="stolen_vehicle",
        ref=theft.nic,
        facts=facts,
        subjects=(Subject(owner.id, "owner"),),
        codes={"CMC": ["00"] if theft.armed else [], "HLD": ["Y"] if theft.hold_for_prints else []},
        identifiers={"LIC": car.plate, "VIN": car.vin},
        hit=True,
    )


def firearm(gun: Firearm, owner: Person, licence: str) -> Record:
    """A firearm with its owner of record."""
    return Record(
        kind="firearm",
        ref=f"CAFS{gun.serial}",
        facts={
            "SER": gun.serial,
            "MAK": gun.make,
            "CAL": gun.calibre,
            "TYP": gun.kind,
            "MOD": gun.model,
            "NAM": owner.name,
            "DOB": owner.dob,
            **({"OLN": licence, "OLS": "CA"} if licence else {}),
            "DTE": _day(gun.recorded),
            "PRH": "N",
        },
        subjects=(Subject(owner.id, "owner"),),
        codes={"PRH": ["N"]},
        identifiers=_identifiers(owner, licence),
    )


def criminal_history(history: History, subject: Person, licence: str) -> Record:
    """The state's file on a person: identity and every cycle."""
    return Record(
        kind="criminal_history",
        ref=history.sid,
        facts={
            **_description(subject),
            **({"AKA": [history.alias]} if history.alias else {}),
            "SID": history.sid,
            "FBI": history.fbi,
            "SOC": social_security(history.subject),
            **({"OLN": licence, "OLS": "CA"} if licence else {}),
            "POB": "CA",
            "CYC": [_cycle(arrest) for arrest in history.arrests],
        },
        subjects=(Subject(subject.id, "subject"),),
        identifiers=_identifiers(subject, licence),
    )


def national_index(history: History, subject: Person) -> Record:
    """The national pointer: who has a record, and in which state."""
    return Record(
        kind="iii_index",
        ref=f"{history.fbi}I",
        facts={
            **_description(subject),
            "FBI": history.fbi,
            "SID": history.sid,
            "SOC": social_security(history.subject),
            "MSF": "N",
        },
        subjects=(Subject(subject.id, "subject"),),
        identifiers=_identifiers(subject, ""),
    )


def national_history(history: History, subject: Person) -> Record:
    """The national record, by number only."""
    return Record(
        kind="iii_record",
        ref=f"{history.fbi}R",
        facts={
            **_description(subject),
            "FBI": history.fbi,
            "SID": history.sid,
            "CYC": [_cycle(arrest) for arrest in history.arrests if arrest.offence.gravity == "felony"],
        },
        subjects=(Subject(subject.id, "subject"),),
        identifiers=_identifiers(subject, ""),
    )


def _cycle(arrest: Arrest) -> str:
    offence = arrest.offence
    decided = f" {_day(arrest.decided_on)}" if arrest.decided_on else ""
    charge = f"{offence.statute} {offence.text} ({offence.gravity.upper()})"
    return f"ARR {_day(arrest.on)} {arrest.agency_ori} {charge}; COURT: {arrest.disposition}{decided}"
