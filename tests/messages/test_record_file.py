"""Files that records are entered into, and the keys made from them."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from messages.reading import faults, read
from openclets.messages.catalog_rows import check_rows, read_catalog
from openclets.messages.key import RECORD_ACTS, KeyKind
from openclets.messages.tables import build_tables
from openclets.messages.vocabulary import Vocabulary, vocabulary_of


def all_carried() -> Vocabulary:
    """The vocabulary with every file carried, whatever this build does with entries."""
    tables = build_tables(check_rows(copy.deepcopy(read_catalog())))
    keys = tuple(replace(key, carried=True) if key.kind in RECORD_ACTS else key for key in tables.keys)
    return vocabulary_of(replace(tables, keys=keys), training=True)


VOCABULARY = all_carried()
MADE = tuple(key for key in VOCABULARY.keys.values() if key.record_file)
WANTED = {
    "NAM": "DOE,SAM",
    "SEX": "M",
    "RAC": "U",
    "HGT": "509",
    "WGT": "175",
    "HAI": "BLK",
    "OFF": "1399",
    "DOW": "20260311",
}


def wrong(fields: dict[str, Any], key: str = "EW") -> dict[str, str]:
    return faults(fields, key, VOCABULARY)


@pytest.mark.parametrize("key", MADE, ids=lambda key: key.key)
def test_every_key_of_a_file_takes_its_own_example(key):
    """What the reference page shows can be sent as it stands."""
    was_read = read(dict(key.example), key.key, VOCABULARY)
    assert was_read.fields == key.example | was_read.fields
    assert was_read.key.needs_case


def test_a_file_makes_entries_and_the_keys_that_change_them():
    """Enter, with caution where there is such a form, modify, cancel, clear, locate."""
    wanted = {key.key: key.kind for key in MADE if key.record_file == "W"}
    assert wanted == {
        **dict.fromkeys(("EW", "EWC", "ET", "ETC", "EWJ", "EWJC"), KeyKind.ENTER),
        "MW": KeyKind.MODIFY,
        "XW": KeyKind.CANCEL,
        "CW": KeyKind.CLEAR,
        "LW": KeyKind.LOCATE,
    }
    assert not {"LPO", "LXS"} & {key.key for key in MADE}


def test_a_person_is_entered_with_something_to_match_by():
    """A birth date, a numeric identifier, or a whole vehicle (messages.md 2.2)."""
    assert wrong(WANTED) == {"DOB": "FIELD_MISSING"}
    for more in ({"DOB": "19790101"}, {"SOC": "900123456"}, {"OLN": "Q0000417", "OLS": "CA"}):
        assert wrong({**WANTED, **more}) == {}
    assert wrong({**WANTED, "LIC": "0SYN001", "LIS": "CA"}) != {}


def test_an_entry_with_caution_says_which():
    """EWC without a caution would print none."""
    entry = {**WANTED, "DOB": "19790101"}
    assert wrong(entry, "EWC") == {"CMC": "FIELD_MISSING"}
    assert wrong({**entry, "CMC": "00"}, "EWC") == {}


def test_a_misread_vin_is_refused_where_a_record_would_be_entered_under_it():
    """An inquiry is only warned (messages.md 3.3)."""
    vehicle = {"VYR": "2019", "VMA": "TOYT", "VST": "4D", "DOT": "20260409"}
    assert wrong({**vehicle, "VIN": "1SYNC2D44KP000417"}, "EV") == {}
    assert wrong({**vehicle, "VIN": "1SYNC2D45KP000417"}, "EV") == {"VIN": "VIN_CHECK_DIGIT"}


def test_several_values_of_one_field_come_as_a_list_or_joined_each_once():
    """Conditions of an order, cautions, aliases."""
    order = next(key.example for key in MADE if key.key == "EPO")
    for typed in ("01;07", ["01", "07"], "01; 07;01"):
        assert read({**order, "PCO": typed}, "EPO", VOCABULARY).fields["PCO"] == "01;07"
    assert wrong({**order, "PCO": "01;77"}, "EPO") == {"PCO": "VALUE_UNKNOWN"}
    assert wrong({**order, "PCO": ";".join(["01"] * 10)}, "EPO") == {"PCO": "FIELD_REPEATED"}
    assert wrong({**order, "PCO": 7}, "EPO") == {"PCO": "FIELD_TYPE"}


def test_remarks_are_as_long_as_their_row_says():
    """Free text is not cut at the length of an identifier."""
    entry = {**WANTED, "DOB": "19790101"}
    assert len(read({**entry, "MIS": "A" * 1000}, "EW", VOCABULARY).fields["MIS"]) == 1000
    assert wrong({**entry, "MIS": "A" * 1001}) == {"MIS": "FIELD_LENGTH"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verbs": ["Q"]}, "verb that nobody reads"),
        ({"required": ["ZZZ"]}, "no field is named ZZZ"),
        ({"record_class": "plane"}, "unknown record class"),
        ({"carried": False, "not_carried": ""}, "why it is not carried"),
    ],
)
def test_a_wrong_file_refuses_the_whole_catalogue(change, said):
    """Nothing is loaded until every row is right."""
    rows = copy.deepcopy(read_catalog())
    rows["file"][0].update(change)
    with pytest.raises(Exception, match=said):
        check_rows(rows)
