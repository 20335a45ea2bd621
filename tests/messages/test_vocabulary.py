"""The vocabulary as a whole: loaded whole or not at all; keys found by name and network."""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openclets.foundation.errors import BadInput, BrokenInvariant
from openclets.messages.catalog_rows import check_rows, read_catalog
from openclets.messages.tables import build_tables
from openclets.messages.vocabulary import load, named_keys, vocabulary_of

LIST = Path(__file__).parents[2] / "docs" / "design" / "message-keys.csv"
NO_KEYS = frozenset(
    {"(none: foreign fugitive)", "REJ", "NO NCIC WANT", "NO RECORD", "NOT ON FILE", "FILE NOT AVAILABLE"}
    | {"TEMPORARILY UNAVAILABLE"}
    | {f"$.{letter}." for letter in "AEFHKLMOP8"}
)
"""Rows of the list that are words in an answer or notices, not keys."""

SPINE = "RQ DQ BQ SQ OHQ PKQ SWQ QW QV QPO IQ FQ QH QR QGN QPL QPS QVC"


def with_twin_network() -> Any:
    """A catalogue in which QW is a key of two networks."""
    rows = copy.deepcopy(read_catalog())
    twin = next(row for row in copy.deepcopy(rows["key"]) if row["key"] == "QW")
    rows["key"].append(twin | {"network": "NLETS", "response_key": "SWR"})
    rows["key"].append(twin | {"key": "QZ", "carried": False, "not_carried": "no system answers it"})
    return vocabulary_of(build_tables(check_rows(rows)), training=True)


def fault_of(vocabulary: Any, *asked: str | None) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        vocabulary.resolve(*asked)
    (fault,) = caught.value.faults
    return fault.code, fault.remedy


def test_the_keys_of_the_first_network_are_carried():
    """Decision 26."""
    assert set(SPINE.split()) <= set(load().key_names())


def test_every_key_of_the_published_list_is_in_the_catalogue():
    """Carried or not, each with its reason: docs/design/message-keys.csv."""
    known = {key for _, key in load().keys} | {key for _, key in load().responses}
    with LIST.open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["key"] not in NO_KEYS]
    assert len(listed) > 200
    for row in listed:
        for key in row["key"].split(" / "):
            assert key in known, f"{key}: {row['meaning']}"


def test_a_recalled_key_is_off_until_it_is_named():
    """What is not sure is configuration."""
    off = [key for key in load().keys.values() if not key.is_on]
    assert off and all(key.evidence == "recalled" for key in off)
    assert fault_of(load(), "QWE")[0] == "KEY_NOT_ON"
    assert load(keys_on=frozenset({"NCIC.QWE"})).resolve("QWE").is_on
    assert fault_of(load(keys_on=frozenset({"NCIC.QWE"})), "QWF")[0] == "KEY_NOT_ON"


def test_names_in_the_setting_may_be_written_loosely():
    """Spaces and small letters are no faults."""
    assert named_keys(" ncic.qwe, NCIC.ZW ,") == {"NCIC.QWE", "NCIC.ZW"}


def test_a_key_of_one_network_needs_no_network():
    """The name alone says which."""
    assert load().resolve("RQ") is load().resolve("rq ", "nlets") is load().keys["NLETS", "RQ"]


def test_a_key_of_two_networks_is_answered_with_the_choices():
    """Keys are unique within a network only."""
    code, remedy = fault_of(with_twin_network(), "QW")
    assert code == "KEY_AMBIGUOUS"
    assert "NCIC" in remedy and "NLETS" in remedy
    assert with_twin_network().resolve("QW", "NLETS").network == "NLETS"


@pytest.mark.parametrize(
    ("asked", "code", "word"),
    [
        (("",), "KEY_MISSING", "DQ"),
        (("RQX",), "KEY_UNKNOWN", "RQ"),
        (("RR",), "KEY_IS_RESPONSE", "RQ"),
        (("QW", "LOCAL"), "NETWORK_UNKNOWN", "NCIC"),
        (("QW\x00\n" * 50,), "KEY_UNKNOWN", "QW"),
    ],
)
def test_a_key_that_cannot_be_asked_is_answered_with_what_can(asked, code, word):
    """Missing, mistyped, an answer, of another network."""
    found, remedy = fault_of(load(), *asked)
    assert found == code
    assert word in remedy


def test_a_key_that_is_not_carried_says_why():
    """Known and not carried is not unknown."""
    assert fault_of(with_twin_network(), "QZ") == ("KEY_NOT_CARRIED", "no system answers it")


def drop(table: str, name: str) -> Callable[[Any], None]:
    return lambda rows: rows[table][0].pop(name)


def put(table: str, name: str, value: object) -> Callable[[Any], None]:
    return lambda rows: rows[table][0].update({name: value})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (drop("key", "evidence"), "evidence"),
        (drop("field", "source"), "source"),
        (put("key", "evidence", "heard somewhere"), "how it is known"),
        (put("key", "evidence", "recalled"), "switched off"),
        (put("key", "source", ""), "from where"),
        (put("key", "colour", "red"), "colour"),
        (put("key", "network", "TELEX"), "network"),
        (put("key", "record_class", "plane"), "record class"),
        (put("key", "response_key", "RX"), "RX"),
        (put("key", "field_sets", [{"required": ["LICC"]}]), "LICC"),
        (put("key", "field_sets", [{"required": []}]), "required field"),
        (put("key", "needs", ["luck"]), "nobody reads"),
        (put("key", "carried", False), "why it is not carried"),
        (put("field", "edit", "guess"), "guess"),
        (put("field", "pattern", "["), "field PUR"),
        (put("field", "code", "LIC"), "share a code"),
        (put("field", "code", "toolong"), "capitals"),
        (put("purpose", "keys", ["ZZ"]), "not in the table"),
        (put("group", "codes", "CA"), "United States"),
    ],
)
def test_one_wrong_row_refuses_the_whole_catalogue(spoil, said):
    """Nothing is loaded until every row is right, and the row is named."""
    rows = copy.deepcopy(read_catalog())
    check_rows(rows)
    spoil(rows)
    with pytest.raises(BrokenInvariant, match=r"catalogue is refused") as caught:
        check_rows(rows)
    assert said in str(caught.value)


def test_a_purpose_is_known_with_every_key_that_needs_one():
    """No key asks for a purpose that none can be sent with."""
    for key in load().keys.values():
        if key.needs_purpose and key.carried:
            assert any(key.key in purpose.keys for purpose in load().purposes.values())


def test_all_examples_stay_in_the_synthetic_ranges():
    """No plate, licence, number or court order of a real person stands in the tables."""
    for field in load().fields.values():
        if field.code in {"LIC", "OLN", "SOC", "FBI", "VIN"}:
            start = {"LIC": "0", "OLN": "Q0000", "SOC": "9", "FBI": "9900", "VIN": "1SY"}[field.code]
            assert field.example.startswith(start)
    for key in load().keys.values():
        assert key.example.get("LIC", "0").startswith("0")
        assert key.example.get("OLN", "Q0000").startswith("Q0000")
