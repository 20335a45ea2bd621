"""The connector table: read with all its faults at once, and no row in it that could harm."""

from __future__ import annotations

from importlib.resources import files

import pytest

from openclets.adapters.connectors import connector_table, limits_for, read_connectors
from openclets.foundation.errors import BadInput
from openclets.records.query import MessageClass
from openclets.switch.routing import load_routes

SHIPPED = (files("openclets.adapters") / "connectors.toml").read_text("utf-8")


def faults_of(text: str) -> list[str]:
    """What is wrong with a table, each as `place: fault`."""
    with pytest.raises(BadInput) as refused:
        read_connectors(text)
    assert refused.value.code == "SETTING_INVALID"
    assert all(fault.remedy for fault in refused.value.faults)
    return [f"{fault.field}: {fault.fault}" for fault in refused.value.faults]


def spoiled(old: str, new: str) -> str:
    """The shipped table with the first `old` made `new`."""
    assert old in SHIPPED
    return SHIPPED.replace(old, new, 1)


def test_the_nearest_row_of_the_table_holds() -> None:
    """The longest name that covers a system; every system of the routes is covered."""
    assert limits_for("ncic.iii_index").name == "ncic.*"
    assert limits_for("wa.vehicle").name == "*"
    assert all(limits_for(system) for system in load_routes().systems)


def test_no_row_repeats_an_entry_and_none_keeps_an_answer() -> None:
    """An entry may have taken effect; an answer about a person is not kept (security.md 2.2)."""
    for row in connector_table().rows:
        assert row.retry[MessageClass.ENTRY] == 0
        assert row.retry[MessageClass.INQUIRY] <= 1
        assert row.cache == "none"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('cache = "none"', 'cache = "60 s"', "records about people would be kept"),
        ('cache = "none"', 'cache = ""', "records about people would be kept"),
        ("entry = 0", "entry = 1", "sends an entry again"),
        ("inquiry = 1", "inquiry = 2", "is 2 for an inquiry"),
        ("inquiry = 1, ", "", "is {'entry': 0}"),
        ("connect_s = 1.0", "connect_s = 0", "lets nothing through"),
        ("in_flight_max = 64", "in_flight_max = -1", "lets nothing through"),
        ("in_flight_max = 64", 'in_flight_max = "64"', "is '64'"),
        ("in_flight_max = 64", "in_flight_max = true", "is True"),
        ("waiting_max = 256", "waiting_max = -1", "lets nothing through"),
        ("answer_bytes_max = 1_048_576", "answer_bytes_max = 1.5", "is 1.5"),
        ('hours = "always"', 'hours = "never"', "names no calendar"),
        ("THIS IS NOT A NEGATIVE RESPONSE. ", "", "could be read as a negative"),
        ('name = "nv.*"', 'name = "ncic.*"', "stands there twice"),
        ("breaker_rest_s = 10.0\n", "", "is missing"),
        ("connect_s = 1.0", "connect_s = 1.0\nretries = 3", "is not known here"),
        ('zone = "America/Los_Angeles"', 'zone = "America/Atlantis"', "no such zone"),
        ('mon = ["08:00-17:00"]', 'mon = ["17:00-08:00"]', "ends before it begins"),
        ('mon = ["08:00-17:00"]', 'monday = ["08:00-17:00"]', "is no weekday"),
        ('"2026-11-26"', '"2026-11-31"', "day is out of range"),
    ],
)
def test_each_fault_of_a_row_is_named(old: str, new: str, told: str) -> None:
    """A row that could harm, or cannot be read, is not taken."""
    assert any(told in fault for fault in faults_of(spoiled(old, new)))


def test_all_faults_are_named_at_once() -> None:
    """Whoever writes a table learns of everything in one go."""
    text = spoiled('cache = "none"', 'cache = "all"').replace("entry = 0", "entry = 3")
    found = faults_of(text)
    assert sum("sends an entry again" in fault for fault in found) == len(connector_table().rows)
    assert any("ncic.*: cache" in fault for fault in found)
