"""Dates of birth, model years, plate years."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.reading import TODAY, faults, read
from openclets.messages.calendar_day import edit_expiry, edit_past_day
from openclets.messages.edited import Circumstances, Edited
from openclets.messages.vocabulary import load

CIRCUMSTANCES = Circumstances("CW", "wanted", True, load().states, day=TODAY)


def dob(typed: object, key: str = "QW") -> str | None:
    fields = {"NAM": "DOE,SAM", "DOB": typed} | ({"SEX": "M"} if key == "DQ" else {})
    return faults(fields, key).get("DOB")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("20260230", "DATE_INVALID"),
        ("19790000", "DATE_INVALID"),
        ("00000000", "DATE_INVALID"),
        ("19000229", "DATE_INVALID"),
        ("29991231", "DATE_RANGE"),
        ("20261123", "DATE_RANGE"),
        ("18890101", "DATE_RANGE"),
        ("1/2/2016", "DATE_FORM"),
        ("2016-1-2", "DATE_FORM"),
        ("010279", "DATE_FORM"),
        ("1979010", "DATE_FORM"),
        ("１９７９０１０１", "CHARACTER_INVALID"),
        ("1979\n0101", "CHARACTER_INVALID"),
        (19790101, "FIELD_TYPE"),
        ("", "FIELD_EMPTY"),
    ],
)
def test_what_is_no_day_of_birth_is_refused(typed, code):
    """Real days only, none to come, none beyond a lifetime, none that could be read in two ways."""
    assert dob(typed) == code


@pytest.mark.parametrize("typed", ["20261122", "20000229", "1979-01-01", "18960101"])
def test_a_day_of_birth_up_to_today_is_taken(typed):
    """Today is a day of birth; so is a leap day; so is the day 130 years back."""
    assert dob(typed) is None


def test_a_day_that_stands_for_unknown_is_taken_with_a_warning():
    """19000101 is typed where nothing is known."""
    assert "placeholder" in read({"NAM": "DOE,SAM", "DOB": "19000101"}).warnings[0]


@pytest.mark.parametrize(
    ("typed", "asked"), [("041788", "19880417"), ("112226", "20261122"), ("112326", "19261123")]
)
def test_six_digits_on_a_driver_key_are_the_latest_such_day_that_is_past(typed, asked):
    """Driver keys take MMDDYY with a window of a hundred years, and say what was read."""
    was_read = read({"NAM": "DOE,SAM", "DOB": typed, "SEX": "M"}, "DQ")
    assert was_read.fields["DOB"] == asked
    assert asked in was_read.warnings[0]


@given(st.dates(date(1896, 1, 1), TODAY))
def test_every_day_of_a_lifetime_is_taken_as_it_is(day):
    """Every real day from 130 years back to today goes out as typed."""
    assert read({"NAM": "DOE,SAM", "DOB": f"{day:%Y%m%d}"}).fields["DOB"] == f"{day:%Y%m%d}"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1886", None),
        ("2028", None),
        ("1885", "YEAR_INVALID"),
        ("2029", "YEAR_INVALID"),
        ("19", "YEAR_INVALID"),
    ],
)
def test_a_model_year_lies_between_the_first_car_and_the_year_after_next(typed, code):
    """1886 to the model year after next."""
    assert faults({"VIN": "1M8GDM9AXKP042788", "VYR": typed}, "RQ").get("VYR") == code


@pytest.mark.parametrize(("typed", "asked"), [("27", "2027"), ("2027", "2027"), ("nx", "NX")])
def test_a_plate_year_may_be_short_or_never(typed, asked):
    """YY is this century's; NX does not expire."""
    assert read({"LIC": "0SYN001", "LIY": typed}, "RQ").fields["LIY"] == asked


@pytest.mark.parametrize("typed", ["0", "202", "1827", "3027", "N"])
def test_what_is_no_plate_year_is_refused(typed):
    """Anything but CCYY, YY, NX."""
    assert faults({"LIC": "0SYN001", "LIY": typed}, "RQ") == {"LIY": "YEAR_INVALID"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [("20260403", "20260403"), ("2026-04-03", "20260403"), (f"{TODAY:%Y%m%d}", f"{TODAY:%Y%m%d}")],
)
def test_a_day_that_is_past_or_today_is_taken(typed, value):
    """Dates of theft, warrant, clear."""
    assert edit_past_day(typed, load().fields["DCL"], CIRCUMSTANCES) == Edited(value)


@pytest.mark.parametrize(
    ("typed", "code"), [("20261123", "DATE_RANGE"), ("20260230", "DATE_INVALID"), ("4/3/26", "DATE_FORM")]
)
def test_a_day_to_come_is_no_day_on_which_something_happened(typed, code):
    """Nothing is cleared tomorrow."""
    (fault,) = edit_past_day(typed, load().fields["DCL"], CIRCUMSTANCES).faults
    assert fault.code == code


def test_an_expiry_may_lie_ahead_or_never_come_and_warns_where_it_is_past():
    """An order may be entered late; nobody enters an expired one unawares."""
    field = load().fields["EXP"]
    assert edit_expiry("NONEXP", field, CIRCUMSTANCES) == Edited("NONEXP")
    assert edit_expiry("2027-04-17", field, CIRCUMSTANCES) == Edited("20270417")
    assert edit_expiry("20250417", field, CIRCUMSTANCES).warnings == ("EXP: 20250417 is past",)
    assert edit_expiry("NEVER", field, CIRCUMSTANCES).faults[0].code == "DATE_FORM"
