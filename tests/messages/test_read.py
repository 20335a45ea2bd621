"""A whole inquiry's fields: which go together, and every fault at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.reading import TODAY, faults, read, remedies
from openclets.foundation.errors import BadInput
from openclets.messages.read import FIELDS_MAX, read_fields
from openclets.messages.vocabulary import load

ALL_ON = load(keys_on=frozenset(key.name for key in load().keys.values() if key.carried))
KEYS = ALL_ON.sendable
TYPED = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=30), st.lists(st.text(max_size=3), max_size=2)
)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.key)
def test_every_keys_own_example_is_a_legal_inquiry(key):
    """What the reference page shows can be sent as it stands, without a warning."""
    was_read = read(dict(key.example), key.key, ALL_ON)
    assert was_read.fields | key.example == was_read.fields
    assert was_read.warnings == ()


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.key)
def test_every_field_set_of_every_key_is_legal_with_and_without_its_optional_fields(key):
    """The sets of the table are those that are read, and the reading says which it was."""
    examples = {code: field.example for code, field in load().fields.items()}
    letters = load().fields["NIC"].letters
    examples["NIC"] = letters.get(key.record_class, "W")[-1] + "990000417"
    examples |= {code: key.example[code] for code in key.wildcards}
    for index, field_set in enumerate(key.field_sets):
        least = {code: examples[code] for code in field_set.required}
        most = least | {code: examples[code] for code in (*field_set.optional, *key.optional)}
        assert read(least, key.key, ALL_ON).field_set == index
        assert read(most, key.key, ALL_ON).field_set == index


def test_a_plate_without_a_state_is_of_the_home_state():
    """LIS is filled in where the key lets it be left out, and nowhere else."""
    assert read({"LIC": "0SYN001"}, "RQ").fields == {"LIC": "0SYN001", "LIS": "CA"}
    assert "LIS" not in read({"VIN": "1M8GDM9AXKP042788"}, "RQ").fields
    assert faults({"LIC": "0SYN001"}, "QV") == {"LIS": "FIELD_MISSING"}


def test_fields_come_out_in_printed_order_whatever_order_they_came_in():
    """Two ways to type one inquiry are one inquiry."""
    first = read({"SEX": "M", "DOB": "19790101", "NAM": "DOE,SAM"}, "DQ")
    assert list(first.fields) == ["NAM", "DOB", "SEX"]
    assert first == read({"nam": "doe, sam", "dob": "19790101", "Sex": "m"}, "DQ")


def test_what_is_missing_is_answered_with_the_legal_field_sets():
    """As Nlets' error .22. lists them."""
    assert faults({}, "RQ") == {"LIC": "FIELD_MISSING"}
    assert remedies({}, "RQ")["LIC"] == "send one of: 1. LIC; 2. VIN"
    assert faults({"NAM": "DOE,SAM"}, "DQ") == {"DOB, SEX": "FIELD_MISSING"}


@pytest.mark.parametrize(
    ("fields", "key", "expected"),
    [
        ({"LIC": "0SYN001", "VIN": "1M8GDM9AXKP042788"}, "RQ", "FIELD_CONFLICT"),
        ({"OLN": "Q0000417", "NAM": "DOE,SAM"}, "DQ", "FIELD_CONFLICT"),
        ({"NAM": "DOE,SAM", "DOB": "19790101", "SOC": "900123456"}, "SWQ", "FIELD_CONFLICT"),
        ({"LIC": "0SYN001", "VYR": "2019"}, "RQ", "FIELD_CONFLICT"),
        ({"LIC": "0SYN001", "SOC": "900123456"}, "RQ", "FIELD_NOT_TAKEN"),
        ({"LIC": "0SYN001", "LICC": "X"}, "RQ", "FIELD_UNKNOWN"),
        ({"LIC": "0SYN001", "lic": "0SYN002"}, "RQ", "FIELD_DUPLICATE"),
        ({"LIC": "0SYN001", "": "X"}, "RQ", "FIELD_UNKNOWN"),
        ({"LIC": "0SYN001", "L\x00\u202e" * 20: "X"}, "RQ", "FIELD_UNKNOWN"),
    ],
)
def test_fields_that_do_not_go_together_are_refused(fields, key, expected):
    """Two ways to ask, a field of another key, an unknown or repeated one."""
    found = faults(fields, key)
    assert list(found.values()) == [expected]
    assert all(name.isprintable() and len(name) < 30 for name in found)


def test_an_unknown_field_near_a_known_one_is_answered_with_it():
    """One slip of the finger is recognised; a wild guess is not made."""
    assert remedies({"LIC": "0SYN001", "LISS": "CA"}, "RQ")["LISS"] == "did you mean LIS?"
    assert "LIC" in remedies({"LIC": "0SYN001", "COLOUR": "RED"}, "RQ")["COLOUR"]


def test_all_faults_come_at_once():
    """Combination and values are reported together."""
    found = faults({"NAM": "DOE", "DOB": "20260230", "SEX": "Q", "XYZ": "1", "LIC": ""}, "DQ")
    assert found == {
        "XYZ": "FIELD_UNKNOWN",
        "LIC": "FIELD_NOT_TAKEN",
        "NAM": "NAME_FORM",
        "DOB": "DATE_INVALID",
        "SEX": "VALUE_UNKNOWN",
    }


def test_a_field_that_is_there_and_faulty_is_not_called_missing():
    """One fault is one fault."""
    assert faults({"LIC": "???"}, "RQ") == {"LIC": "PLATE_CHARACTER"}


def test_beyond_a_hundred_fields_nothing_is_read():
    """A flood of names costs one fault."""
    flood = {f"F{number:04}": "1" for number in range(FIELDS_MAX + 1)}
    assert faults(flood, "RQ") == {"fields": "FIELDS_TOO_MANY"}


def test_a_fault_does_not_repeat_what_was_typed_of_a_person():
    """Faults reach logs; names and numbers of persons must not."""
    with pytest.raises(BadInput) as caught:
        read({"NAM": "VANCE;RILEY", "DOB": "19880231", "SOC": "123456789"}, "QW")
    said = str(caught.value)
    assert not any(typed in said for typed in ("VANCE", "19880231", "123456789"))


@given(st.sampled_from(KEYS), st.dictionaries(st.sampled_from(tuple(load().fields)), TYPED, max_size=6))
def test_whatever_is_sent_is_read_or_refused_with_a_remedy(key, fields):
    """Nothing breaks the reading; each fault says what to do."""
    try:
        was_read = read_fields(load(), key.key, fields, day=TODAY)
    except BadInput as bad:
        assert bad.faults
        assert all(
            fault.field and fault.fault and fault.remedy and fault.code.isupper() for fault in bad.faults
        )
    else:
        assert read(dict(was_read.fields), key.key).fields == was_read.fields
