"""What was typed becomes an inquiry, or every fault of key, fields, envelope and sender at once."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclets.foundation.errors import BadInput, Refused
from openclets.messages.vocabulary import load
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.process import process_inquiry
from openclets.switch.receive import receive
from switch.corridor import OFFICER, PLATE, Corridor

VOCABULARY = load()
DAY = date(2026, 11, 22)
MACHINE = Sender("CAD1", "FIXED1", "machine", machine=True)


def faults(raw: RawInquiry, sender: Sender = OFFICER) -> set[tuple[str, str]]:
    """Field and code of every fault."""
    with pytest.raises(BadInput) as bad:
        receive(raw, sender, VOCABULARY, DAY)
    assert all(fault.fault and fault.remedy for fault in bad.value.faults)
    return {(fault.field, fault.code) for fault in bad.value.faults}


def test_faults_of_every_part_come_together() -> None:
    """One answer names them all, so that nobody corrects one fault at a time."""
    raw = RawInquiry(
        "RQ", {"LIC": "0ABC\x00", "ZZZ": "1"}, purpose_code="?", idempotency_key="", on_behalf_of="\x07"
    )
    found = faults(raw)
    assert {field for field, _ in found} >= {"LIC", "ZZZ", "purpose_code", "idempotency_key", "on_behalf_of"}


def test_an_inquiry_needs_a_reason_an_incident_or_a_purpose() -> None:
    """Any one of the three will do."""
    bare = RawInquiry("RQ", {"LIC": "0ABC123"})
    assert faults(bare) == {("reason", "REASON_MISSING")}
    for given_one in ({"reason": "stop"}, {"incident": "26-1"}, {"purpose_code": "C"}):
        assert receive(msgspec.structs.replace(bare, **given_one), OFFICER, VOCABULARY, DAY)


@pytest.mark.parametrize("reason", ["", "   ", "\t"])
def test_a_blank_reason_is_none(reason: str) -> None:
    """Spaces explain nothing."""
    assert ("reason", "REASON_MISSING") in faults(RawInquiry("RQ", {"LIC": "0ABC123"}, reason=reason))


@pytest.mark.parametrize("word", ["owed", "OWED", " Owed "])
def test_owed_is_a_word_and_not_a_reason(word: str) -> None:
    """It is kept as a debt, and the words stay empty until they are given."""
    inquiry = receive(RawInquiry("RQ", {"LIC": "0ABC123"}, reason=word), OFFICER, VOCABULARY, DAY)
    assert (inquiry.reason_owed, inquiry.reason) == (True, "")


def test_the_operator_a_system_names_is_whose_inquiry_it_is() -> None:
    """The system is named beside; without a name it asks nothing."""
    inquiry = receive(msgspec.structs.replace(PLATE, on_behalf_of="OFF2"), MACHINE, VOCABULARY, DAY)
    assert (inquiry.operator_id, inquiry.machine_id, inquiry.on_behalf_of) == ("OFF2", "CAD1", "")
    for nobody in (None, ""):
        raw = msgspec.structs.replace(PLATE, on_behalf_of=nobody)
        assert faults(raw, MACHINE) == {("on_behalf_of", "ON_BEHALF_OF_MISSING")}


def test_a_person_asks_for_another_without_becoming_them() -> None:
    """The dispatcher stays whose inquiry it is."""
    inquiry = receive(msgspec.structs.replace(PLATE, on_behalf_of="OFF2"), OFFICER, VOCABULARY, DAY)
    assert (inquiry.operator_id, inquiry.machine_id, inquiry.on_behalf_of) == ("OFF1", "", "OFF2")


@given(st.text(max_size=60))
def test_what_names_an_operator_is_plain_or_refused(name: str) -> None:
    """Whatever is sent, no control character and no long text becomes the clear field of an entry."""
    try:
        inquiry = receive(msgspec.structs.replace(PLATE, on_behalf_of=name), MACHINE, VOCABULARY, DAY)
    except BadInput:
        return
    assert inquiry.operator_id.isascii() and inquiry.operator_id.isprintable()
    assert 1 <= len(inquiry.operator_id) <= 40


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(
    key=st.sampled_from(["RQ", "QW", "IQ", "rq", "", "\ud800", "R\x00"]) | st.text(max_size=8),
    fields=st.dictionaries(st.sampled_from(["LIC", "NAM", "\ud800"]) | st.text(max_size=5), JSON, max_size=4),
    words=st.lists(st.none() | st.text(st.characters(), max_size=12), min_size=7, max_size=7),
)
def test_whatever_is_typed_is_answered_or_refused_with_its_entry(
    key: str, fields: dict[str, object], words: list[str | None]
) -> None:
    """No text, number or nesting makes the switch fail: it is a reply or a refusal, and both are entered."""
    raw = RawInquiry(key, fields, *words[:5], None, words[5], words[6])
    corridor = Corridor()

    async def asked() -> str:
        try:
            return (await process_inquiry(raw, OFFICER, corridor.network)).reply.transaction
        except Refused as refused:
            assert refused.receipt is not None
            return str(refused.receipt["transaction"])

    transaction = corridor.run(asked())
    assert {entry.draft.transaction for entry in corridor.entries()} == {transaction}
