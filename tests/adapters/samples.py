"""A handful of invented records, and queries with valid receipts for them."""

from __future__ import annotations

import itertools

from openclets.journal.receipt import issue_receipt
from openclets.records.answer import Record, Subject
from openclets.records.query import Asker, MessageClass, Query

GATE_KEY = b"gate key of the adapter tests...."
ASKER = Asker("CA9010100", "Q-VANCE", "SYN0101A", "OFC R VANCE", "")

_transactions = itertools.count(1)


def query(
    system: str,
    fields: dict[str, str],
    message_key: str = "QW",
    *,
    sweep: bool = False,
    deadline_s: float = 3.0,
    asker: Asker = ASKER,
    message_class: MessageClass = MessageClass.INQUIRY,
) -> Query:
    """A query of a new transaction, with a receipt that verifies under GATE_KEY."""
    number = next(_transactions)
    transaction = f"019aaaaa-0000-7000-8000-{number:012d}"
    receipt = issue_receipt("openclets.invalid/test", number, bytes(32), transaction, GATE_KEY)
    return Query(transaction, system, message_key, fields, asker, receipt, deadline_s, sweep, message_class)


def wanted(ref: str = "W990000417", **facts: str | list[str]) -> Record:
    """A felony warrant for SAM DOE, armed and dangerous, unless told otherwise."""
    held: dict[str, str | list[str]] = {
        "ORI": "NV9020200",
        "NAM": "DOE,SAM",
        "SEX": "M",
        "RAC": "U",
        "DOB": "19790101",
        "HGT": "509",
        "OFF": "1399 - ASSAULT",
        "DOW": "20260311",
        "WNO": "SYN26-00417",
        "OCA": "26-0417-003",
        "EXL": "1",
        "CMC": ["00"],
        "NIC": ref,
        **facts,
    }
    return Record(
        "wanted_person",
        ref,
        held,
        (Subject("P1", "subject"),),
        {"CMC": ["00"], "EXL": [str(held["EXL"])]},
        identifiers={"NAM": str(held["NAM"]), "DOB": str(held["DOB"])},
        hit=True,
    )


def order(ref: str = "H990000009", **facts: str | list[str]) -> Record:
    """A protection order against RILEY VANCE for SAM DOE, in force until 2027 unless told otherwise."""
    held: dict[str, str | list[str]] = {
        "ORI": "CA9020100",
        "NAM": "VANCE,RILEY J",
        "SEX": "F",
        "RAC": "W",
        "DOB": "19880417",
        "STA": "ACTIVE",
        "EXP": "20270417",
        "BRD": "Y",
        "PCO": ["01", "04", "07"],
        "PNO": "26DV00417",
        "PPN": "DOE,SAM",
        "PPB": "19790101",
        "NIC": ref,
        **facts,
    }
    return Record(
        "protection_order",
        ref,
        held,
        (Subject("P2", "restrained", 600), Subject("P1", "protected", 400)),
        {"PCO": ["01", "04", "07"], "BRD": ["Y"], "STA": ["ACTIVE"]},
        hit=True,
    )


def vehicle(plate: str = "0SYN001", vin: str = "1SYNC2D44KP000417", **facts: str | list[str]) -> Record:
    """A California registration of RILEY VANCE's."""
    held: dict[str, str | list[str]] = {
        "LIC": plate,
        "LIS": "CA",
        "LIT": "PC",
        "VIN": vin,
        "VYR": "2019",
        "VMA": "TOYT",
        "RVF": "20260501",
        "RVT": "20270501",
        "NAM": "VANCE,RILEY J",
        "ADR": "999 EXAMPLE ST",
        **facts,
    }
    return Record(
        "vehicle",
        f"VR{plate}",
        held,
        (Subject("P2", "owner"),),
        identifiers={"NAM": "VANCE,RILEY J", "DOB": "19880417", "LIC": plate, "VIN": vin},
    )


def history(ref: str = "CA99001234", **facts: str | list[str]) -> Record:
    """A criminal history of SAM DOE's, with one arrest."""
    held: dict[str, str | list[str]] = {
        "NAM": "DOE,SAM",
        "SEX": "M",
        "RAC": "U",
        "DOB": "19790101",
        "SID": ref,
        "FBI": "9900A0417",
        "SOC": "900123456",
        "CYC": ["ARR 20190311 CA9010100 242 PC BATTERY; COURT: DISMISSED"],
        **facts,
    }
    return Record("criminal_history", ref, held, (Subject("P1", "subject"),))


FILED: tuple[tuple[str, Record], ...] = (
    ("doj.wanted_person", wanted()),
    ("doj.restraining_order", order()),
    ("dmv.vehicle", vehicle()),
    ("doj.criminal_history", history()),
    ("ncic.wanted_person", wanted()),
    ("ncic.protection_order", order()),
    ("ncic.protection_order", order("H990000010", NAM="ROE,CASEY", PNO="20DV00001", EXP="20200101")),
)
