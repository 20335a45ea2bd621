"""Plates, VINs, registration numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.reading import faults, read, remedies
from openclets.messages.vehicle_number import check_digit

VALID = "1SYNC2D44KP000417"
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def worth(character: str) -> int:
    """A character's value after 49 CFR 565.15, table III, written out anew."""
    rows = ("", "AJ", "BKS", "CLT", "DMU", "ENV", "FW", "GPX", "HY", "RZ")
    return (
        int(character) if character.isdigit() else next(n for n, row in enumerate(rows) if character in row)
    )


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", VALID, "1" * 17])
def test_known_good_vins_fit_their_check_digit(vin):
    """Published vectors of 49 CFR 565.15 raise no warning."""
    assert read({"VIN": vin}, "RQ").warnings == ()


@given(st.integers(0, 16), st.sampled_from(LETTERS))
def test_one_changed_character_of_another_value_no_longer_fits(position, character):
    """A slip to a character of another value is noticed; letters of equal value are not told apart."""
    changed = VALID[:position] + character + VALID[position + 1 :]
    same = character == VALID[position] if position == 8 else worth(character) == worth(VALID[position])
    assert (check_digit(changed) == changed[8]) == same


def test_a_check_digit_that_does_not_fit_warns_and_still_asks():
    """A misread digit must not stop an inquiry."""
    was_read = read({"VIN": "1SYNC2D45KP000417"}, "RQ")
    assert was_read.fields == {"VIN": "1SYNC2D45KP000417"}
    assert "check digit" in was_read.warnings[0]


def test_letters_that_no_vin_has_are_refused_with_what_was_meant():
    """I, O and Q are never used; the zero or one they stand for is offered."""
    assert faults({"VIN": "1M8GDM9AXKP04278O"}, "RQ") == {"VIN": "VIN_CHARACTER"}
    assert "1M8GDM9AXKP042780" in remedies({"VIN": "1M8GDM9AXKP04278O"}, "RQ")["VIN"]
    assert faults({"VIN": "1M8GDM9AXKP04278*"}, "RQ") == {"VIN": "VIN_CHARACTER"}


@pytest.mark.parametrize(
    ("fields", "key", "code"),
    [
        ({"VIN": VALID[:16]}, "RQ", "VIN_LENGTH"),
        ({"VIN": VALID + "1"}, "RQ", "VIN_LENGTH"),
        ({"VIN": VALID[:16], "VYR": "1981"}, "RQ", "VIN_LENGTH"),
        ({"VIN": VALID[:16], "VYR": "1980"}, "RQ", None),
        ({"VIN": "12345", "VYR": "1955"}, "RQ", None),
        ({"VIN": "12345"}, "SQ", None),
        ({"VIN": "1" * 20}, "SQ", None),
        ({"VIN": "1" * 21}, "SQ", "VIN_LENGTH"),
        ({"VIN": "1syn c2d4-4kp000417"}, "RQ", None),
    ],
)
def test_seventeen_characters_since_1981_and_any_number_before(fields, key, code):
    """Another length needs an older model year, or a snowmobile."""
    assert faults(fields, key).get("VIN") == code


@pytest.mark.parametrize(
    ("typed", "asked"),
    [("0syn 001", "0SYN001"), ("0-SYN-001", "0SYN001"), ("0SYNO01", "0SYNO01"), ("A", "A")],
)
def test_a_plate_is_asked_as_it_is_written_without_gaps(typed, asked):
    """Spaces and hyphens go; the letter O stays a letter."""
    assert read({"LIC": typed}, "RQ").fields["LIC"] == asked


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0SYN_01", "PLATE_CHARACTER"),
        ("' OR 1=1", "PLATE_CHARACTER"),
        ("-- --", "PLATE_CHARACTER"),
        ("0SYNÉ01", "CHARACTER_INVALID"),
        ("0SYN001\u202e", "CHARACTER_INVALID"),
        ("0SYN0010001", "FIELD_LENGTH"),
        ("0" * 5000, "FIELD_LENGTH"),
        (["0SYN001"], "FIELD_TYPE"),
        (1, "FIELD_TYPE"),
    ],
)
def test_what_no_plate_holds_is_refused(typed, code):
    """Letters and digits, at most ten."""
    assert faults({"LIC": typed}, "RQ") == {"LIC": code}


def test_of_a_long_registration_number_the_last_ten_count():
    """Snowmobile and boat numbers beyond ten characters are cut from the front, and that is said."""
    was_read = read({"REG": "CA CF 9001 ZZ 77"}, "SQ")
    assert was_read.fields["REG"] == "CF9001ZZ77"
    assert "12 characters" in was_read.warnings[0]


@pytest.mark.parametrize("typed", ["0SYN*", "*SYN001", "0 syn-*", "0S*01"])
def test_a_part_of_a_plate_is_written_with_a_star(typed):
    """At least three characters are known."""
    assert "*" in read({"LIC": typed}, "RPQ").fields["LIC"]


@pytest.mark.parametrize("typed", ["0SYN001", "0S*", "*", "0S%N*", "0SYN*0000000000"])
def test_what_is_no_part_of_a_plate_is_refused(typed):
    """A whole plate has a key of its own; two characters would find half a state."""
    assert faults({"LIC": typed}, "RPQ")["LIC"] in ("PLATE_PART", "FIELD_LENGTH")


def test_a_star_in_a_plate_of_another_key_is_no_wildcard():
    """RQ asks one plate."""
    assert faults({"LIC": "0SYN*"}, "RQ") == {"LIC": "PLATE_CHARACTER"}
