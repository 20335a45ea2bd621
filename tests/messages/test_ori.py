"""ORIs: nine characters that name an agency."""

from __future__ import annotations

import pytest

from openclets.messages.ori import edit_ori
from openclets.messages.vocabulary import load

STATES = load().ori_states


@pytest.mark.parametrize("typed", ["CA9010100", " ca9010100 ", "NV9020200", "CA902015J", "FBTEST001"])
def test_an_ori_of_a_known_state_is_taken(typed):
    """Nine characters after a state's or a federal code."""
    assert edit_ori(typed, STATES) == (typed.strip().upper(), ())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CA001000", "ORI_LENGTH"),
        ("CA90101000", "ORI_LENGTH"),
        ("", "ORI_LENGTH"),
        ("ZZ9010100", "ORI_UNKNOWN_STATE"),
        ("CA901O100", "ORI_CHARACTER"),
        ("C99010100", "ORI_CHARACTER"),
        ("CA9010-00", "ORI_CHARACTER"),
    ],
)
def test_what_is_no_ori_is_refused(typed, code):
    """Wrong length, form or state."""

    assert [fault.code for fault in edit_ori(typed, STATES)[1]] == [code]


@pytest.mark.parametrize("typed", ["CA90101OO", "CA9OIOIOO", "CA9010I00"])
def test_a_letter_typed_for_a_digit_is_offered_as_the_digit(typed):
    """O for zero and I for one are the usual slips."""
    assert "CA9010100" in edit_ori(typed, STATES)[1][0].remedy
