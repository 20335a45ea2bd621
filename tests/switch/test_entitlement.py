"""Who may transact: everybody the inquiry names, now, and again before anything leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from openclets.foundation.errors import Refused
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.process import process_inquiry
from switch.corridor import NO_RECORD, OFFICER, PLATE, Corridor, Part, answers, found

MACHINE = Sender("CAD1", "FIXED1", "machine", machine=True)


def rules_of(corridor: Corridor, raw: RawInquiry = PLATE, sender: Sender = OFFICER) -> list[str]:
    """The rules that refuse an inquiry, which reaches nobody and is entered once."""
    refused = corridor.refusal(raw, sender)
    assert refused.code == "NOT_ENTITLED"
    assert corridor.asked() == set()
    assert corridor.kinds() == ["InquiryRefused"]
    return [rule.id for rule in refused.rules]


def test_a_suspended_operator_is_refused() -> None:
    """Whoever is off the network asks nothing."""
    corridor = Corridor()
    corridor.suspend()
    assert rules_of(corridor) == ["operator-suspended"]


def test_an_operator_whose_training_has_expired_is_refused() -> None:
    """Certification holds two years."""
    corridor = Corridor()
    operators = dict(corridor.view.operators)
    operators["OFF1"] = replace(operators["OFF1"], training_until=date(2026, 11, 21))
    corridor.view = replace(corridor.view, operators=operators)
    assert rules_of(corridor) == ["training-expired"]


def test_an_agency_without_an_agreement_is_refused() -> None:
    """No current subscriber agreement, no access."""
    corridor = Corridor()
    agencies = {
        ori: replace(agency, agreement_until=date(2026, 1, 1))
        for ori, agency in corridor.view.agencies.items()
    }
    corridor.view = replace(corridor.view, agencies=agencies)
    assert rules_of(corridor) == ["agreement-not-current"]


def test_a_terminal_of_another_agency_is_refused() -> None:
    """Operator and terminal together identify the source."""
    assert rules_of(Corridor(), PLATE, Sender("OFF1", "FAR1")) == ["terminal-of-agency"]


def test_a_message_in_another_agencys_name_is_refused() -> None:
    """The agency a message says it is from is that of the terminal it comes from (corpus B011)."""
    spoofed = msgspec.structs.replace(PLATE, sender_ori="CA9020000")
    assert rules_of(Corridor(), spoofed) == ["sender-is-terminals"]
    assert Corridor().ask(msgspec.structs.replace(PLATE, sender_ori="CA9010100")).reply.final


def test_the_operator_asked_for_must_stand_too() -> None:
    """A dispatcher cannot lend a terminal to somebody who may not transact."""
    corridor = Corridor()
    corridor.suspend("OFF2")
    assert rules_of(corridor, msgspec.structs.replace(PLATE, on_behalf_of="OFF2")) == ["operator-suspended"]


def test_the_operator_a_system_names_answers_for_the_inquiry() -> None:
    """The entries are the officer's, who stands as if present; the system is named in the body."""
    corridor = Corridor()
    corridor.ask(msgspec.structs.replace(PLATE, on_behalf_of="OFF1"), MACHINE)
    assert {entry.draft.operator_id for entry in corridor.entries()} == {"OFF1"}


def test_a_system_that_is_suspended_sends_nothing() -> None:
    """Both the system and the operator it names must stand."""
    corridor = Corridor()
    corridor.suspend("CAD1")
    raw = msgspec.structs.replace(PLATE, on_behalf_of="OFF1")
    assert rules_of(corridor, raw, MACHINE) == ["operator-suspended"]


def test_a_system_sends_for_nobody_of_another_agency() -> None:
    """The operator named must be one of the terminal's own agency."""
    raw = msgspec.structs.replace(PLATE, on_behalf_of="FAR1")
    assert rules_of(Corridor(), raw, MACHINE) == ["terminal-of-agency"]


def test_a_quota_refuses_with_the_time_to_wait() -> None:
    """The thirty-first inquiry at once waits a second, and is entered."""
    corridor = Corridor()

    async def many() -> Refused:
        for _ in range(30):
            await process_inquiry(PLATE, OFFICER, corridor.network)
        with pytest.raises(Refused) as refused:
            await process_inquiry(PLATE, OFFICER, corridor.network)
        return refused.value

    refused = corridor.run(many())
    assert (refused.code, [rule.id for rule in refused.rules]) == ("RATE_LIMITED", ["quota-per-operator"])
    assert 0 < refused.retry_after_s <= 1
    assert corridor.kinds()[-1] == "InquiryRefused"


def suspending(corridor: Corridor) -> Part:
    """A record system during whose answer the asker is suspended."""

    async def play(query: object) -> object:
        corridor.suspend()
        return NO_RECORD

    return play  # type: ignore[return-value]


def test_an_answer_in_flight_is_withheld_from_who_was_suspended_meanwhile() -> None:
    """Permitted when asked, suspended before it left: the book says it was withheld, and nothing leaves."""
    corridor = Corridor()
    corridor.systems["dmv.vehicle"].part = suspending(corridor)
    refused = corridor.refusal()
    assert refused.code == "NOT_ENTITLED"
    assert corridor.kinds() == ["InquiryPermitted", "ReplyWithheld"]


def test_an_answer_is_withheld_where_the_directory_is_not_confirmed() -> None:
    """Nobody knows whether the asker still stands, so nothing leaves."""
    corridor = Corridor({"dmv.vehicle": answers(NO_RECORD, 1)})
    corridor.loop.call_at(0.5, setattr, corridor, "is_current", False)
    assert corridor.refusal().code == "DIRECTORY_UNAVAILABLE"
    assert corridor.kinds() == ["InquiryPermitted", "ReplyWithheld"]


@pytest.mark.parametrize("key", ["own", "other"])
def test_a_record_of_ones_own_that_comes_back_is_withheld(key: str) -> None:
    """Found by another number than one's own, it is one's own record all the same."""
    plate = "0OWN001" if key == "own" else "0ABC999"
    corridor = Corridor({"dmv.vehicle": answers(found(identifiers={"LIC": plate, "LIS": "CA"}))})
    if key == "other":
        assert corridor.ask().reply.final
        return
    refused = corridor.refusal()
    assert [rule.id for rule in refused.rules] == ["own-record-returned"]
    assert corridor.kinds() == ["InquiryPermitted", "ReplyWithheld"]
