"""Idempotency keys: one key of one operator stands for one inquiry."""

from __future__ import annotations

import msgspec
import pytest

from openclets.foundation.errors import Refused
from openclets.switch.claim import digest_of
from openclets.switch.idempotency import Claim
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.process import process_inquiry
from switch.corridor import OFFICER, PLATE, Corridor

KEYED = msgspec.structs.replace(PLATE, idempotency_key="k-1")


def test_the_digest_is_of_everything_but_the_key() -> None:
    """The same inquiry under two keys is the same; another plate is another."""
    again = msgspec.structs.replace(KEYED, idempotency_key="k-2")
    other = msgspec.structs.replace(KEYED, fields={"LIC": "0ABC124"})
    assert digest_of(KEYED) == digest_of(again) != digest_of(other)


def test_the_order_of_fields_does_not_make_another_inquiry() -> None:
    """A client may write its members in any order."""
    one = RawInquiry("RQ", {"LIC": "0ABC123", "LIS": "CA"})
    two = RawInquiry("RQ", {"LIS": "CA", "LIC": "0ABC123"})
    assert digest_of(one) == digest_of(two)


def test_the_same_key_and_body_shows_the_reply_again() -> None:
    """Nothing is asked twice; what was shown is shown."""
    corridor = Corridor()

    async def twice() -> tuple[str, str]:
        first = await process_inquiry(KEYED, OFFICER, corridor.network)
        second = await process_inquiry(KEYED, OFFICER, corridor.network)
        return first.reply.transaction, second.reply.transaction

    first, second = corridor.run(twice())
    assert first == second
    assert corridor.reread == [(first, OFFICER, "by idempotency key")]
    assert len(corridor.systems["dmv.vehicle"].asked) == 1


def test_the_same_key_with_another_body_is_refused_and_entered() -> None:
    """A key used for something else is a slip or a swindle, and never an answer."""
    corridor = Corridor()
    other = msgspec.structs.replace(KEYED, fields={"LIC": "0ABC124"})

    async def two() -> Refused:
        await process_inquiry(KEYED, OFFICER, corridor.network)
        with pytest.raises(Refused) as refused:
            await process_inquiry(other, OFFICER, corridor.network)
        return refused.value

    refused = corridor.run(two())
    assert refused.code == "IDEMPOTENCY_KEY_REUSED"
    assert corridor.kinds()[-1] == "InquiryRefused"


def test_keys_of_two_operators_never_meet() -> None:
    """Another operator's key of the same name is a new inquiry, and shows nothing of the first."""
    corridor = Corridor()

    async def two() -> tuple[str, str]:
        first = await process_inquiry(KEYED, OFFICER, corridor.network)
        second = await process_inquiry(KEYED, Sender("OFF2", "FIXED1"), corridor.network)
        return first.reply.transaction, second.reply.transaction

    first, second = corridor.run(two())
    assert first != second
    assert corridor.reread == []


def test_a_system_cannot_take_the_keys_of_an_operator_it_names() -> None:
    """A dispatch system's keys are its own for each operator: it can neither read nor spoil theirs."""
    corridor = Corridor()
    machine = Sender("CAD1", "FIXED1", "machine", machine=True)

    async def two() -> None:
        await process_inquiry(msgspec.structs.replace(KEYED, on_behalf_of="OFF1"), machine, corridor.network)
        await process_inquiry(KEYED, OFFICER, corridor.network)

    corridor.run(two())
    assert sorted(owner for owner, _ in corridor.claims) == ["CAD1 OFF1", "OFF1"]
    assert corridor.kinds() == ["InquiryPermitted", "ReplyReleased"] * 2


def test_a_key_whose_inquiry_is_under_way_asks_for_patience() -> None:
    """A retry that overtakes the first is told to come again, and does not ask twice."""
    corridor = Corridor()
    held = Claim("OFF1", "k-1", digest_of(KEYED), "00000000-0000-7000-8000-000000000000", corridor.now())
    corridor.claims["OFF1", "k-1"] = held
    assert corridor.refusal(KEYED).code == "IN_PROGRESS"
    assert corridor.asked() == set()


def test_a_key_whose_inquiry_was_refused_may_be_used_again() -> None:
    """What never was answered holds no key for seven days."""
    corridor = Corridor()
    corridor.suspend()

    async def two() -> str:
        with pytest.raises(Refused):
            await process_inquiry(KEYED, OFFICER, corridor.network)
        corridor.suspend(suspended=False)
        return (await process_inquiry(KEYED, OFFICER, corridor.network)).reply.transaction

    assert corridor.run(two())


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "\ud800", "clé", "a\nb"])
def test_a_key_is_printable_and_bounded(key: str) -> None:
    """What is kept for seven days and compared byte by byte is plain text of bounded length."""
    corridor = Corridor()
    refused = corridor.refusal(msgspec.structs.replace(PLATE, idempotency_key=key))
    assert refused.code == "INPUT_INVALID"
    assert corridor.claims == {}
