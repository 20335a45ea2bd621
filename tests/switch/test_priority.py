"""Which class an inquiry is of: the table says so, before anything of it is read."""

from __future__ import annotations

from importlib.resources import files

import msgspec
import pytest

from openclets.foundation.errors import BrokenInvariant
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.priority import asked_of, load_priorities, read_priorities
from switch.corridor import ORI, small_view

SHIPPED = (files("openclets.switch") / "priorities.toml").read_text("utf-8")
CAR = Sender("OFF1", "CAR1")
DESK = Sender("OFF1", "FIXED1")
PERSON = RawInquiry("QW", {}, reason="person check")


def class_of(raw: RawInquiry, sender: Sender) -> str:
    """The name of the class of an inquiry."""
    asked, ori = asked_of(raw, sender, small_view())
    assert ori == ORI
    return load_priorities().of(asked).name


@pytest.mark.parametrize(
    ("raw", "sender", "name"),
    [
        (PERSON, CAR, "P0"),
        (PERSON, DESK, "P2"),
        (msgspec.structs.replace(PERSON, message_key=" qvc "), CAR, "P0"),
        (msgspec.structs.replace(PERSON, reason="owed"), DESK, "P0"),
        (RawInquiry("YQ", {}), DESK, "P0"),
        (RawInquiry("EV", {}), CAR, "P1"),
        (RawInquiry("RQ", {}), CAR, "P2"),
        (RawInquiry("AM", {}), DESK, "P3"),
        (RawInquiry("ZI", {}), DESK, "P4"),
        (RawInquiry("NOSUCH", {}), CAR, "P2"),
        (RawInquiry("", {}), DESK, "P2"),
        (RawInquiry("Q" * 100_000, {}), DESK, "P2"),
    ],
)
def test_the_class_is_the_tables(raw: RawInquiry, sender: Sender, name: str) -> None:
    """A stop from a car and what could not wait first; then entries, inquiries, messages, clean-up."""
    assert class_of(raw, sender) == name


def test_keys_made_up_cost_no_memory() -> None:
    """What no rule names is one case."""
    class_of(RawInquiry("X0", {}), DESK)
    before = len(load_priorities().known)
    for n in range(1000):
        class_of(RawInquiry(f"X{n}", {}), DESK)
    assert len(load_priorities().known) == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("places = 60", "places = 65", "P1 has more places than P0"),
        ("held_max = 512", "held_max = 9999", "P4 has more held_max than P3"),
        ("weight = 1\n", "weight = 0\n", "P4: weight is 0"),
        ('class = "P4"\nkeys', 'class = "P5"\nkeys', "'P5', which is no class"),
        ('class = "P2"\nkeys = []', 'class = "P2"\nkeys = ["RQ"]', "does not match everything"),
    ],
)
def test_each_fault_of_the_table_is_named(old: str, new: str, told: str) -> None:
    """A table that would starve a class, or leave an inquiry without one, is not taken."""
    assert old in SHIPPED
    with pytest.raises(BrokenInvariant, match=told):
        read_priorities(SHIPPED.replace(old, new))
