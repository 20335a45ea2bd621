"""The motor vehicle department's records: from what people own to what the department would say.

Shapes: messages.md 5.1 and 5.5.
"""

from __future__ import annotations

from datetime import date

from openclets.demo.world.citations import Citation
from openclets.demo.world.people import ZIP, Household, Person
from openclets.demo.world.property import Licence, OffHighway, Vehicle, Vessel
from openclets.records.answer import Record, Subject


def _identifiers(person: Person, **more: str) -> dict[str, str]:
    return {"NAM": person.name, "DOB": person.dob, **more}


def _address(home: Household) -> dict[str, str]:
    return {"ADR": home.street, "CTY": home.city, "ZIP": ZIP, "CCD": str(home.county)}


def vehicle(car: Vehicle, owner: Person, home: Household, unpaid: list[str], *, stolen: bool) -> Record:
    """A registration. `unpaid` are citations owed, newest last; three are printed and the rest counted
    (5.1).
    """
    valid_to = car.valid_to
    valid_from = f"{valid_to.year - 1}{valid_to.month:02d}{min(valid_to.day, 28):02d}"
    facts: dict[str, str | list[str]] = {
        "LIC": car.plate,
        "LIS": car.state,
        "LIT": car.plate_type,
        "LIY": str(valid_to.year),
        "VIN": car.vin,
        "VYR": str(car.year),
        "VMA": car.make,
        "VMO": car.model,
        "VST": car.style,
        "VCO": car.colour,
        "RVF": valid_from,
        "RVT": _day(valid_to),
        "INS": car.insurance,
        "NAM": owner.name,
        **_address(home),
        "SLD": str(car.year),
        "RCD": valid_from,
        "OCD": _day(car.bought),
        "REM": "NONE",
    }
    if car.lien:
        facts["L/O"] = car.lien
    if unpaid:
        facts["PKV"] = [str(len(unpaid)), *unpaid[-3:]]
    codes = {"SVS": ["Y"]} if stolen else {}
    return Record(
        kind="vehicle",
        ref=f"{car.state}VR{car.plate}",
        facts=facts,
        subjects=(Subject(owner.id, "owner"),),
        codes=codes,
        identifiers=_identifiers(owner, LIC=car.plate, VIN=car.vin),
    )


def driver(licence: Licence, holder: Person, home: Household) -> Record:
    """A licence or identification card."""
    return Record(
        kind="driver",
        ref=f"{licence.state}DL{licence.number}",
        facts={
            "OLN": licence.number,
            "OLS": licence.state,
            "OLY": str(licence.expires.year),
            "NAM": holder.name,
            "DOB": holder.dob,
            "SEX": holder.sex,
            "HGT": holder.height,
            "WGT": holder.weight,
            "EYE": holder.eyes,
            "HAI": holder.hair,
            **_address(home),
            "CLS": licence.licence_class,
            "DLS": licence.standing,
            "END": licence.endorsements,
            "RST": licence.restrictions,
            "ISD": _day(licence.issued),
            "EXP": _day(licence.expires),
        },
        subjects=(Subject(holder.id, "holder"),),
        codes={"DLS": [licence.standing]},
        identifiers=_identifiers(holder, OLN=licence.number),
    )


def vessel(boat: Vessel, owner: Person, home: Household) -> Record:
    """A boat's registration."""
    return Record(
        kind="vessel",
        ref=f"CABT{boat.registration}",
        facts={
            "REG": boat.registration,
            "RES": "CA",
            "REY": str(boat.valid_to.year),
            "BHN": boat.hull,
            "BYR": str(boat.year),
            "BMA": boat.make,
            "BTY": boat.kind,
            "HUL": boat.material,
            "PRO": boat.propulsion,
            "BLE": f"{boat.length_feet:02d}",
            "BCO": boat.colour,
            "RVT": _day(boat.valid_to),
            "NAM": owner.name,
            **_address(home),
        },
        subjects=(Subject(owner.id, "owner"),),
        identifiers=_identifiers(owner, REG=boat.registration),
    )


def off_highway(other: OffHighway, owner: Person, home: Household) -> Record:
    """A snowmobile's or another off-highway vehicle's registration."""
    return Record(
        kind="snowmobile" if other.kind == "snowmobile" else "off_highway",
        ref=f"CAOH{other.registration}",
        facts={
            "REG": other.registration,
            "RES": "CA",
            "REY": str(other.valid_to.year),
            "VIN": other.vin,
            "VYR": str(other.year),
            "VMA": other.make,
            "VST": other.style,
            "VCO": other.colour,
            "RVT": _day(other.valid_to),
            "NAM": owner.name,
            **_address(home),
        },
        subjects=(Subject(owner.id, "owner"),),
        identifiers=_identifiers(owner, REG=other.registration, VIN=other.vin),
    )


def parking(citation: Citation, car: Vehicle, owner: Person) -> Record:
    """One parking or toll citation noticed to the department."""
    return Record(
        kind="parking_citation",
        ref=citation.number,
        facts={
            "CIT": citation.number,
            "LIC": car.plate,
            "LIS": car.state,
            "VIN": car.vin,
            "ISU": citation.issuer,
            "VIO": citation.violation,
            "ISD": _day(citation.on),
            "AMT": str(citation.dollars),
            "STA": "PAID" if citation.paid else "UNPAID",
        },
        subjects=(Subject(owner.id, "owner"),),
        identifiers={"LIC": car.plate, "VIN": car.vin},
    )


def _day(on: date) -> str:
    return f"{on.year:04d}{on.month:02d}{on.day:02d}"
