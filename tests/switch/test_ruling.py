"""What the rules say of each leg: one kept out does not stop the others, and all kept out is a refusal."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from openclets.records.answer import LegState
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.routing import PlannedLeg, Routes, load_routes
from switch.corridor import OFFICER, PERSON, PLATE, Corridor, leg_of

HISTORY_LEG = PlannedLeg("doj.criminal_history", "State criminal history", "criminal_history", "IQ")
HISTORY = RawInquiry(
    "IQ",
    {"NAM": "VANCE,RILEY", "DOB": "19880417", "SEX": "F"},
    purpose_code="C",
    reason="investigation",
    incident="26-1",
    attention="DET ROE",
)


def with_history(routes: Routes) -> Routes:
    """The routes with a person composite that asks for criminal history as well."""
    route = routes.table["QW", "NCIC"]
    wider = replace(route, always=(*route.always, HISTORY_LEG))
    return replace(routes, table={**routes.table, ("QW", "NCIC"): wider})


def test_a_leg_that_a_rule_keeps_out_is_shown_and_the_others_go_on() -> None:
    """A composite without purpose and case asks all but the criminal history, and names the rule."""
    corridor = Corridor(routes=with_history(load_routes()))
    reply = corridor.ask(PERSON).reply
    kept_out = leg_of(reply, "doj.criminal_history")
    assert kept_out.state is LegState.NOT_ASKED
    assert kept_out.reason.startswith("criminal-history-")
    others = [leg for leg in reply.legs if leg is not kept_out and "incident-file" not in leg.reason]
    assert len(others) >= 8 and {leg.state for leg in others} == {"NO_RECORD"}
    assert "State criminal history" in reply.summary
    assert "doj.criminal_history" not in corridor.asked()


def test_a_leg_kept_out_is_in_the_intent_with_its_rule() -> None:
    """The book shows before the asking who is asked and which rule keeps whom out."""
    corridor = Corridor(routes=with_history(load_routes()))
    corridor.ask(PERSON)
    (intent,) = corridor.entries("InquiryPermitted")
    legs = {leg["system"]: leg["rule"] for leg in msgspec.json.decode(intent.draft.body)["legs"]}
    assert legs["doj.criminal_history"].startswith("criminal-history-")
    assert legs["doj.wanted_person"] == ""


def test_when_every_leg_is_kept_out_the_inquiry_is_refused() -> None:
    """Nobody is asked, and one entry names the rules."""
    corridor = Corridor()
    refused = corridor.refusal(HISTORY, Sender("OFF1", "CAR1"))
    assert refused.code == "REFUSED_BY_RULE"
    assert [rule.id for rule in refused.rules] == ["criminal-history-fixed-terminal"]
    assert corridor.asked() == set()
    assert corridor.kinds() == ["InquiryRefused"]


def test_the_rules_that_permitted_are_in_the_intent() -> None:
    """An auditor reads why it was allowed."""
    corridor = Corridor()
    corridor.ask(HISTORY)
    (intent,) = corridor.entries("InquiryPermitted")
    assert msgspec.json.decode(intent.draft.body)["rules"] == ["criminal-history-inquiry"]
    assert intent.draft.ruleset_digest == corridor.network.ruleset.digest


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (RawInquiry("RQ", {"LIC": "0OWN001", "LIS": "CA"}, reason="stop"), "own-record"),
        (msgspec.structs.replace(PERSON, reason="immigration enforcement"), "immigration-enforcement"),
        (msgspec.structs.replace(PERSON, reason="concealed carry permit check"), "concealed-carry-vetting"),
    ],
)
def test_a_barred_use_asks_nobody(raw: RawInquiry, rule: str) -> None:
    """The rule is named, and no record system learns of it."""
    corridor = Corridor()
    assert rule in [each.id for each in corridor.refusal(raw).rules]
    assert corridor.asked() == set()


def test_the_operator_asked_for_may_not_be_shown_their_own_record_either() -> None:
    """A dispatcher is no way around the rule."""
    corridor = Corridor()
    raw = RawInquiry("RQ", {"LIC": "0OWN001", "LIS": "CA"}, reason="stop", on_behalf_of="OFF1")
    refused = corridor.refusal(raw, Sender("OFF2", "FIXED1"))
    assert "own-record" in [rule.id for rule in refused.rules]


def test_reasons_owed_are_capped() -> None:
    """Five may be owed at a time; the sixth is refused by its own rule, and nobody is asked."""
    owed = msgspec.structs.replace(PLATE, reason="owed")
    corridor = Corridor()
    corridor.owed = [("t", corridor.now())] * 4
    assert corridor.ask(owed).reply.reason_owed
    assert corridor.kinds() == ["InquiryPermitted", "ReasonOwed", "ReplyReleased"]
    corridor = Corridor()
    corridor.owed = [("t", corridor.now())] * 5
    assert [rule.id for rule in corridor.refusal(owed).rules] == ["reasons-owed-cap"]
    assert corridor.asked() == set()


def test_a_reason_owed_is_written_with_its_intent() -> None:
    """What is owed stands in the commit of the intent: no crash can lose it."""
    corridor = Corridor()
    corridor.ask(msgspec.structs.replace(PLATE, reason="owed"))
    ((transaction, operator, _),) = corridor.disk.companions["switch.owed_reason"]
    assert operator == OFFICER.operator_id
    assert transaction == corridor.entries("ReasonOwed")[0].draft.transaction
