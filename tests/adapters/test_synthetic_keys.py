"""One rule files records and finds them: whatever is filed is found by what it holds."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.samples import history, order, query, vehicle, wanted
from openclets.adapters.synthetic.keys import query_keys, search_keys
from openclets.foundation.errors import BrokenInvariant

NAMES = st.from_regex(r"[A-Z][A-Z' -]{0,12}[A-Z],[A-Z]{1,8}", fullmatch=True)
BIRTHS = st.dates().map(lambda day: f"{day.year:04d}{day.month:02d}{day.day:02d}")


@given(name=NAMES, birth=BIRTHS)
def test_a_person_filed_is_found_by_name_and_birth_date(name: str, birth: str) -> None:
    """Both sides make the same key of the same name."""
    filed = search_keys("doj.wanted_person", wanted(NAM=name, DOB=birth))

    asked = query_keys(query("doj.wanted_person", {"NAM": name, "DOB": birth}))

    assert asked and set(asked) <= set(filed)


@given(plate=st.from_regex(r"0[A-Z0-9]{1,6}", fullmatch=True))
def test_a_plate_filed_is_found_however_it_is_spaced(plate: str) -> None:
    """Spaces, hyphens, case and O for 0 do not part a plate from its record."""
    filed = set(search_keys("dmv.vehicle", vehicle(plate)))

    for typed in (plate, plate.lower(), f"{plate[:2]}-{plate[2:]} ", plate.replace("0", "O")):
        assert set(query_keys(query("dmv.vehicle", {"LIC": typed}))) <= filed


def test_a_numeric_identifier_leaves_the_name_unsearched() -> None:
    """Identifiers win (messages.md 7)."""
    keys = query_keys(query("doj.wanted_person", {"NAM": "DOE,SAM", "DOB": "19790101", "SOC": "900123456"}))

    assert keys == ["SOC:900123456"]


def test_a_wider_birth_date_looks_under_more_keys() -> None:
    """EBS/1 adds a year either way, under both codes; the index always looks three years either way."""
    fields = {"NAM": "DOE,SAM", "DOB": "19790101"}

    assert len(query_keys(query("doj.wanted_person", fields))) == 2
    assert len(query_keys(query("doj.wanted_person", {**fields, "EBS": "1"}))) == 6
    assert len(query_keys(query("doj.criminal_history", fields))) == 7


def test_both_sides_of_an_order_are_filed() -> None:
    """Filed against (NAM, DOB) and filed by (PPN, PPB)."""
    filed = set(search_keys("doj.restraining_order", order()))

    for fields in ({"NAM": "VANCE,RILEY", "DOB": "19880417"}, {"PPN": "DOE,SAM", "PPB": "19790101"}):
        assert set(query_keys(query("doj.restraining_order", fields))) <= filed


def test_an_alias_and_each_number_held_are_filed() -> None:
    """Aliases are equal names; a list of values is filed value by value."""
    filed = set(search_keys("doj.criminal_history", history(AKA=["POE,SAM"], SOC=["900123456", "900123457"])))

    assert {"SOC:900123456", "SOC:900123457", "SID:CA99001234"} <= filed
    assert set(query_keys(query("doj.criminal_history", {"SOC": "900123457"}))) <= filed
    assert filed & set(query_keys(query("doj.criminal_history", {"NAM": "POE,SAM", "DOB": "19790101"})))


def test_what_a_system_is_not_searched_by_makes_no_key() -> None:
    """A plate register is not searched by name, though it holds the owner's."""
    assert query_keys(query("dmv.vehicle", {"NAM": "VANCE,RILEY J", "DOB": "19880417"})) == []


def test_a_system_nobody_listed_is_a_broken_invariant() -> None:
    """Routes and systems.toml must agree."""
    with pytest.raises(BrokenInvariant):
        query_keys(msgspec.structs.replace(query("dmv.vehicle", {}), system="dmv.spaceship"))


@given(plate=st.from_regex(r"0[A-Z]{3}[0-9]{3}", fullmatch=True), first=st.integers(0, 4))
def test_a_plate_filed_is_found_by_any_three_characters_together(plate: str, first: int) -> None:
    """RPQ looks under one key, and every plate that fits is filed under it."""
    filed = set(search_keys("dmv.vehicle", vehicle(plate)))
    asked = query_keys(query("dmv.vehicle", {"LIC": f"*{plate[first : first + 3]}*"}, message_key="RPQ"))
    assert len(asked) == 1 and set(asked) <= filed


def test_a_key_that_lists_names_needs_no_birth_date() -> None:
    """RNQ and DNQ (messages.md 2.1)."""
    filed = set(search_keys("dmv.vehicle", vehicle("0ABC123", NAM="VANCE,RILEY J")))
    asked = query_keys(query("dmv.vehicle", {"NAM": "VANCE,RILEY"}, message_key="RNQ"))
    assert asked and set(asked) <= filed
    assert query_keys(query("dmv.vehicle", {"NAM": "VANCE,RILEY"}, message_key="RQ")) == []
