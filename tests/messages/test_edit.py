"""Edits by form: listed values, state codes, patterns, and fields that belong beside the others."""

from __future__ import annotations

import pytest

from messages.reading import faults, read, remedies


@pytest.mark.parametrize(
    ("fields", "key", "expected"),
    [
        ({"NAM": "DOE,SAM", "DOB": "19790101", "SEX": "Q"}, "QW", {"SEX": "VALUE_UNKNOWN"}),
        ({"NAM": "DOE,SAM", "DOB": "19790101", "RAC": "Z"}, "QW", {"RAC": "VALUE_UNKNOWN"}),
        ({"LIC": "0SYN001", "LIS": "CAL"}, "RQ", {"LIS": "STATE_INVALID"}),
        ({"LIC": "0SYN001", "LIT": "P1"}, "RQ", {"LIT": "FIELD_FORM"}),
        ({"OLN": "Q" * 21}, "DQ", {"OLN": "FIELD_LENGTH"}),
        ({"OLN": "Q00<417"}, "DQ", {"OLN": "FIELD_FORM"}),
        ({"MNU": "ZZ-12"}, "SWQ", {"MNU": "FIELD_FORM"}),
        ({"SID": "99001234"}, "FQ", {"SID": "FIELD_FORM"}),
        ({"FBI": "99-0001"}, "QR", {"FBI": "FIELD_FORM"}),
    ],
)
def test_a_value_without_the_fields_form_is_refused(fields, key, expected):
    """Each field says which form it takes."""
    assert faults(fields, key) == expected


def test_a_refused_code_is_answered_with_the_codes_there_are():
    """Nobody need look the values up."""
    assert "F female" in remedies({"NAM": "DOE,SAM", "DOB": "19790101", "SEX": "Q"})["SEX"]


def test_a_state_that_is_not_known_here_is_asked_with_a_warning():
    """The full list of state codes is not public, so an unlisted one is not refused."""
    was_read = read({"LIC": "0SYN001", "LIS": "QQ"}, "RQ")
    assert was_read.fields["LIS"] == "QQ"
    assert "QQ" in was_read.warnings[0]


def test_spaces_in_a_number_are_dropped():
    """Identifiers hold no spaces."""
    assert read({"OLN": "q 000 0417"}, "DQ").fields == {"OLN": "Q0000417"}


def test_a_field_that_belongs_beside_the_others_is_sent_there():
    """Purpose, attention, incident and reason are members of their own in JSON."""
    assert faults({"LIC": "0SYN001", "PUR": "C", "RSN": "STOP"}, "RQ") == {
        "PUR": "FIELD_OF_ENVELOPE",
        "RSN": "FIELD_OF_ENVELOPE",
    }
    assert "purpose_code" in remedies({"LIC": "0SYN001", "PUR": "C"}, "RQ")["PUR"]
