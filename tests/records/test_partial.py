"""Searches that find more than one: candidates, ranked, each saying why it is there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.records.answer import Record
from openclets.records.partial import ages, match_description, match_name_alone, match_part_of_plate

TODAY = "20261122"


def person(**facts: str) -> Record:
    """A missing person of sixteen."""
    held = {"NAM": "SYNTHE,ALEX J", "DOB": "20100505", "SEX": "M", "RAC": "W", "HGT": "509", "WGT": "150"}
    return Record("missing_person", "M1", {**held, **facts})


def car(plate: str = "0SYN123", **facts: str) -> Record:
    """A registration."""
    return Record("vehicle", "V1", {"LIC": plate, "LIS": "CA", "VMA": "TOYT", "VYR": "2019", **facts})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"NAM": "SYNTHE,ALEX"}, "name exact, no DOB"),
        ({"NAM": "SYNTHE,A"}, "name (initial), no DOB"),
        ({"NAM": "SYNTHE,ALEX", "DOB": "20100505"}, "name exact, DOB exact"),
        ({"NAM": "SYNTHE,ALEX", "DOB": "20100506"}, None),
        ({"NAM": "SYNTHE,BO"}, None),
        ({"NAM": "SMYTHE,ALEX"}, None),
        ({"NAM": "SYNTHE,ALEX", "SEX": "F"}, None),
    ],
)
def test_a_name_alone_finds_by_surname_and_given_name(asked: dict[str, str], words: str | None) -> None:
    """A list of everybody who sounds alike would be a list of half the state."""
    match = match_name_alone(asked, person())
    assert (match.words if match else None) == words


@given(
    plate=st.from_regex(r"0[A-Z]{3}[0-9]{3}", fullmatch=True),
    first=st.integers(0, 4),
    length=st.integers(3, 6),
)
def test_a_plate_is_found_by_any_three_of_its_characters_together(
    plate: str, first: int, length: int
) -> None:
    """Whatever part was read, the plate it is of is among the candidates, and is never a hit by itself."""
    part = plate[first : first + length]
    match = match_part_of_plate({"LIC": f"*{part}*"}, car(plate))
    if len(part) >= 3:
        assert match is not None and match.candidate and plate in match.words
    else:
        assert match is None


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("0SYN*", True), ("*123", True), ("0S*23", True), ("0SYN*9", False), ("SYN*", False), ("0S*", False)],
)
def test_a_pattern_fits_the_whole_plate(pattern: str, fits: bool) -> None:
    """A star stands for what is not known, and only for that."""
    assert (match_part_of_plate({"LIC": pattern}, car()) is not None) == fits


def test_what_else_was_told_ranks_and_keeps_nobody_out() -> None:
    """A witness may be wrong about the make, not about which state was on the plate."""
    right = match_part_of_plate({"LIC": "0SYN*", "VMA": "TOYT", "VYR": "2019"}, car())
    wrong = match_part_of_plate({"LIC": "0SYN*", "VMA": "FORD", "VYR": "2019"}, car())
    assert right is not None and wrong is not None and right.rank > wrong.rank
    assert match_part_of_plate({"LIC": "0SYN*", "LIS": "NV"}, car()) is None


def test_a_described_person_must_be_of_that_sex_race_and_age_and_the_rest_ranks() -> None:
    """Block search (messages.md 7): each candidate says what agrees and what does not."""
    asked = {"SEX": "M", "RAC": "W", "AGE": "14-18", "HGT": "510", "WGT": "300"}
    match = match_description(asked, person(), TODAY)
    assert match is not None and match.candidate
    assert re.match(r"sex, race, age 16, height.*; not weight", match.words)
    closer = match_description({**asked, "WGT": "155"}, person(), TODAY)
    assert closer is not None and closer.rank > match.rank
    for other in ({"SEX": "F"}, {"AGE": "20-30"}, {"RAC": "B"}):
        assert match_description({**asked, **other}, person(), TODAY) is None


def test_an_unidentified_person_is_as_old_as_was_estimated() -> None:
    """Ranges that touch agree."""
    found = Record("unidentified_person", "U1", {"SEX": "M", "RAC": "W", "AGE": "30-40"})
    assert match_description({"SEX": "M", "RAC": "W", "AGE": "40-50"}, found, TODAY)
    assert not match_description({"SEX": "M", "RAC": "W", "AGE": "41"}, found, TODAY)
    assert (ages("34"), ages("30-45")) == ((34, 34), (30, 45))
