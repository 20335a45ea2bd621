"""Recognising an operator's own record, and a declared tie's, by keyed digests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.places import OFFICER
from openclets.directory.identity import (
    DIGEST_BYTES,
    digests_in,
    folded_name,
    identifier_digest,
    names_own_record,
    names_tie,
)

KEY = bytes(range(32))
OWN = {
    "NAM": "O'BRIEN-GARCIA,MARY ANN",
    "DOB": "19800131",
    "OLN": "Q0000123",
    "LIC": "0SYN001",
    "VIN": "1SYNC2D44KP000417",
}
MARY = replace(OFFICER, own_identifiers=digests_in(OWN, KEY))


@pytest.mark.parametrize(
    "fields",
    [
        {"NAM": "O'BRIEN-GARCIA,MARY ANN", "DOB": "19800131"},
        {"NAM": "OBRIEN GARCIA, MARY", "DOB": "19800131"},
        {"NAM": "O’Brien-García,Mary A JR", "DOB": "1980-01-31"},
        {"PPN": "O'BRIEN-GARCIA,MARY", "PPB": "19800131"},
        {"OLN": "Q0000123", "OLS": "CA"},
        {"OLN": "q0000123"},
        {"LIC": "0SYN001"},
        {"LIC": "0SYN001", "LIS": "CA", "LIT": "PC"},
        {"VIN": "1SYNC2D44KP000417"},
        {"NAM": "SOMEBODY,ELSE", "DOB": "19900101", "LIC": "0SYN001"},
    ],
)
def test_an_own_identifier_is_recognised_however_it_is_written(fields: dict[str, str]) -> None:
    """Hyphens, accents, apostrophes, middle names and case make no difference; nor does who else is named."""
    assert names_own_record(MARY, fields, KEY)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"NAM": "O'BRIEN-GARCIA,MARY ANN"},
        {"NAM": "O'BRIEN-GARCIA,MARY ANN", "DOB": "19800130"},
        {"NAM": "O'BRIEN-GARCIA,MARTA", "DOB": "19800131"},
        {"LIC": "0SYN001", "LIS": "NV"},
        {"LIC": "0SYN002"},
        {"OLN": "0SYN001"},
        {"VIN": "Q0000123"},
    ],
)
def test_another_identifier_is_not(fields: dict[str, str]) -> None:
    """A name alone identifies nobody, a plate belongs to a state, and kinds are kept apart."""
    assert not names_own_record(MARY, fields, KEY)


def test_a_tie_is_not_the_operator_and_the_operator_is_no_tie() -> None:
    """Both sets are asked apart, so that the right rule is named."""
    tied = replace(OFFICER, tie_identifiers=digests_in(OWN, KEY))
    assert names_tie(tied, {"OLN": "Q0000123"}, KEY)
    assert not names_own_record(tied, {"OLN": "Q0000123"}, KEY)
    assert not names_tie(MARY, {"OLN": "Q0000123"}, KEY)


def test_without_the_key_nothing_can_be_recognised() -> None:
    """Digests alone can't be tried against a list of plates."""
    assert not names_own_record(MARY, OWN, bytes(32))
    assert all(len(digest) == DIGEST_BYTES for digest in MARY.own_identifiers)


def test_a_hull_number_is_kept_among_vehicle_numbers() -> None:
    """The invented state gives hull numbers with vehicle numbers; an inquiry names them BHN."""
    sailor = replace(OFFICER, own_identifiers=frozenset({identifier_digest(KEY, "VIN", "SYN12345A616")}))
    assert names_own_record(sailor, {"BHN": "SYN12345A616"}, KEY)


@given(st.text(max_size=40))
def test_folding_a_name_twice_is_folding_it_once(name: str) -> None:
    """The folded form is stable, for any text."""
    assert folded_name(folded_name(name)) == folded_name(name)
