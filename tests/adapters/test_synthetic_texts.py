"""What terminals print: messages.md 5."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.samples import order, query, vehicle, wanted
from openclets.adapters.synthetic.answering import answer
from openclets.adapters.synthetic.systems import system_row, system_rows
from openclets.adapters.synthetic.texts.layout import layouts, print_record
from openclets.adapters.synthetic.texts.printing import MomentOf
from openclets.foundation.clock import SetClock
from openclets.records.answer import Record

MOMENT = MomentOf(SetClock(datetime(2026, 4, 17, 21, 2, tzinfo=UTC)))()


def test_a_warrant_prints_its_caution_first_and_the_order_to_confirm() -> None:
    """CMC 00 is the first line; the confirm line is there (messages.md 5.2)."""
    said = answer(
        system_row("ncic.wanted_person"),
        query("ncic.wanted_person", {"NAM": "DOE,SAM", "DOB": "19790101"}),
        [wanted(MIS="KNOWN TO CARRY KNIFE")],
        MOMENT,
    )

    assert said.text.splitlines() == [
        "*** ARMED AND DANGEROUS ***",
        "CAUTION - CONFIRM WITH ENTERING AGENCY BEFORE ARREST OR DETENTION",
        "MKE/WANTED PERSON EXL/1 - FULL EXTRADITION",
        "ORI/NV9020200 NAM/DOE,SAM SEX/M RAC/U DOB/19790101",
        "HGT/509",
        "OFF/1399 - ASSAULT DOW/20260311 WNO/SYN26-00417 OCA/26-0417-003",
        "CMC/00 ARMED AND DANGEROUS",
        "MIS/KNOWN TO CARRY KNIFE",
        "NIC/W990000417",
        "IMMEDIATE CONFIRMATION REQUIRED WITH ORI",
        "MATCHED ON: name exact, DOB exact",
    ]


def test_a_registration_prints_in_the_departments_manner() -> None:
    """Header, local time, then the register's own lines (messages.md 5.1)."""
    said = answer(
        system_row("dmv.vehicle"),
        query("dmv.vehicle", {"LIC": "0SYN001"}, "RQ"),
        [vehicle(PKV=["2", "SYN CITY PD 4417721 $63 02/11/26", "SYN COUNTY 1180042 $45 03/02/26"])],
        MOMENT,
    )

    lines = said.text.splitlines()
    assert lines[0].startswith("RR.CALIC0000 ") and "*REF" in lines[0]
    assert lines[1] == "DATE:04/17/26 TIME:14:02"
    assert "REG VALID FROM: 05/01/26 TO 05/01/27 STATUS: CURRENT" in lines
    assert "R/O:VANCE RILEY J, 999 EXAMPLE ST" in lines
    assert "PARKING/TOLL VIOL: 2 (SYN CITY PD 4417721 $63 02/11/26; SYN COUNTY 1180042 $45 03/02/26)" in lines


def test_conditions_print_with_what_they_mean() -> None:
    """Codes are explained; the protected person is on file, not on paper (messages.md 5.3)."""
    text = "\n".join(print_record(order()))

    assert text.startswith("*** CAUTION - PROTECTION ORDER - FIREARMS PROHIBITED (PCO 07) ***")
    assert "PCO/01 NO ASSAULT, THREAT OR STALKING PCO/04 STAY AWAY" in text
    assert "PROTECTED PERSON: ON FILE" in text and "DOE" not in text


def test_a_negative_echoes_the_search_and_names_its_scope() -> None:
    """A typing error is seen (messages.md 5.4)."""
    said = answer(
        system_row("doj.stolen_vehicle"),
        query("doj.stolen_vehicle", {"LIC": "0SYN001", "LIS": "CA"}),
        [],
        MOMENT,
    )

    assert said.text == "NO SVS RECORD  LIC/0SYN001 LIS/CA\n*STATE STOLEN VEHICLES, PLATES AND PARTS*"


def test_severity_comes_from_codes_and_never_from_text() -> None:
    """Words in a free field raise no caution (messages.md 1.6)."""
    calm = msgspec.structs.replace(wanted(MIS="ARMED AND DANGEROUS", CMC=[]), codes={})

    assert not print_record(calm)[0].startswith("***")


def test_a_fact_no_layout_places_is_printed_all_the_same() -> None:
    """A record's facts are never lost in print, save those that are hidden by name."""
    assert "ZZZ/SOMETHING" in "\n".join(print_record(wanted(ZZZ="SOMETHING")))


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z]{3}", fullmatch=True),
        st.one_of(st.text(max_size=90), st.lists(st.text(max_size=20), max_size=4)),
        max_size=30,
    ),
    st.sampled_from([*layouts(), "no_such_kind"]),
)
def test_any_record_can_be_printed(facts: dict[str, str | list[str]], kind: str) -> None:
    """Printing is total, and what no layout knows is printed too."""
    printed = print_record(Record(kind, "R1", facts))

    known = layouts()[kind].known if kind in layouts() else frozenset()
    for code, value in facts.items():
        if value and code not in known:
            assert any(f"{code}/" in line for line in printed)


def test_every_kind_that_is_kept_has_a_layout() -> None:
    """systems.toml and layouts.toml agree."""
    kept = {kind for row in system_rows().values() for kind in row.kinds}

    assert kept == set(layouts())


@pytest.mark.parametrize(
    ("package", "name", "table"),
    [
        ("openclets.adapters", "connectors.toml", "connector"),
        ("openclets.adapters.synthetic", "systems.toml", "system"),
        ("openclets.adapters.synthetic.texts", "layouts.toml", "layout"),
        ("openclets.adapters.synthetic.texts", "codes.toml", "table"),
        ("openclets.records", "matching.toml", "rule"),
        ("openclets.records", "matching.toml", "race"),
        ("openclets.records", "matching.toml", "identifier"),
        ("openclets.records", "extradition.toml", "limit"),
        ("openclets.records", "extradition.toml", "surrounding"),
    ],
)
def test_every_row_says_where_it_comes_from(package: str, name: str, table: str) -> None:
    """Each row of a data file has its evidence."""
    rows = tomllib.loads((files(package) / name).read_text("utf-8"))[table]

    assert rows and all(row["evidence"].strip() for row in rows)
