"""What the rules refuse, refused through the real door: each names its rule and is entered."""

from __future__ import annotations

from typing import Any

import pytest

from running_demo import EXEMPT, RunningDemo

PERSON = {"NAM": "TEST,DAVID", "DOB": "19780321"}
HISTORY = {
    "message_key": "IQ",
    "fields": {**PERSON, "SEX": "M"},
    "purpose_code": "C",
    "reason": "follow-up investigation",
    "incident": "26-01326000",
    "attention": "DET VANCE 001",
}
PLATE = {"message_key": "RQ", "fields": {"LIC": "0ABC123"}, "reason": "traffic stop"}
WANTED = {"message_key": "QW", "fields": PERSON, "reason": "person check"}
EXPIRED = "EBPO003"
SUSPENDED = "SPDO004"
FEDERAL = "FBOO001"

REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "expired training": (EXPIRED, PLATE, "training-expired"),
    "a suspended operator": (SUSPENDED, PLATE, "operator-suspended"),
    "a federal branch without an agreement": (FEDERAL, PLATE, "agreement-not-current"),
    "immigration enforcement, in the reason": (
        "SPDO005",
        {**WANTED, "reason": "immigration enforcement, removal operation"},
        "immigration-enforcement",
    ),
    "vetting for a concealed-carry permit": (
        "SPDO005",
        {**WANTED, "reason": "CCW permit applicant background"},
        "concealed-carry-vetting",
    ),
    "criminal history on a mobile terminal": (
        "SPDO005",
        {**HISTORY, "attention": "OFC TEST 005"},
        "criminal-history-fixed-terminal",
    ),
    "a firearm's owner for a reason of one's own": (
        "SPDI001",
        {
            "message_key": "QGN",
            "fields": PERSON,
            "purpose_code": "J",
            "incident": "26-1",
            "attention": "DET V",
        },
        "firearm-purpose",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_rule_refuses_names_itself_and_is_entered(running_demo: RunningDemo, case: str) -> None:
    """403, the rule with text and citation, and one entry of the refusal; nothing was permitted."""
    operator, body, rule = REFUSED[case]
    since = running_demo.size()
    answer = running_demo.ask(body, operator)
    assert answer.status_code == 403, answer.text
    error = answer.json()["error"]
    named = {each["id"]: each for each in error["rules"]}
    assert rule in named, error
    assert named[rule]["text"] and named[rule]["citation"]
    made = running_demo.of_operator(operator, since)
    assert [entry.kind for entry in made] == ["InquiryRefused"]
    assert made[0].index == error["receipt"]["index"]
    assert made[0].leaf_hex == error["receipt"]["entry_sha256"]


def test_criminal_history_is_the_exception_for_immigration_enforcement(running_demo: RunningDemo) -> None:
    """The law leaves this one use open; everything else is barred."""
    answer = running_demo.ask({**HISTORY, "reason": "immigration enforcement"}, "SPDI001")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("missing", "code"),
    [("purpose_code", "PURPOSE_MISSING"), ("attention", "ATTENTION_MISSING"), ("incident", "CASE_MISSING")],
)
def test_criminal_history_needs_purpose_attention_and_case(
    running_demo: RunningDemo, missing: str, code: str
) -> None:
    """Each of the three is asked for by name before any rule is."""
    answer = running_demo.ask({**HISTORY, missing: None}, "SPDI001")
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json()["error"]["faults"]] == [code]


def test_an_inquiry_without_reason_incident_or_purpose_is_not_taken(running_demo: RunningDemo) -> None:
    """One of the three, always; the fault says how to go on where safety cannot wait."""
    answer = running_demo.ask({**PLATE, "reason": None}, "SPDO005")
    assert answer.status_code == 422
    (fault,) = answer.json()["error"]["faults"]
    assert fault["code"] == "REASON_MISSING"
    assert "owed" in fault["remedy"]


def test_a_reason_may_be_owed_and_only_so_often(running_demo: RunningDemo) -> None:
    """Where safety cannot wait the reason is owed by an entry of its own; the sixth is refused."""
    operator, owed = "SPDO006", {**PLATE, "reason": "owed"}
    since = running_demo.size()
    for _ in range(5):
        answer = running_demo.ask(owed, operator)
        assert answer.status_code == 200, answer.text
        assert answer.json()["reason_owed"]
    refused = running_demo.ask(owed, operator)
    assert refused.status_code == 403
    assert [rule["id"] for rule in refused.json()["error"]["rules"]] == ["reasons-owed-cap"]
    kinds = [entry.kind for entry in running_demo.of_operator(operator, since)]
    assert kinds == ["InquiryPermitted", "ReasonOwed", "ReplyReleased"] * 5 + ["InquiryRefused"]
    assert running_demo.ask(PLATE, operator).status_code == 200


def test_the_reason_is_never_owed_for_criminal_history(running_demo: RunningDemo) -> None:
    """Nobody's safety hangs on a rap sheet."""
    answer = running_demo.ask({**HISTORY, "reason": "owed"}, "SPDI001")
    assert answer.status_code == 403
    assert "reason-owed-refused" in [rule["id"] for rule in answer.json()["error"]["rules"]]


def test_a_system_asks_only_for_a_named_operator(running_demo: RunningDemo) -> None:
    """A machine token without `on_behalf_of` is a fault; with it the operator named answers for it."""
    since = running_demo.size()
    answer = running_demo.ask(PLATE, "CADSYS01")
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json()["error"]["faults"]] == ["ON_BEHALF_OF_MISSING"]
    assert running_demo.ask({**PLATE, "on_behalf_of": "SPDO007"}, "CADSYS01").status_code == 200
    kinds = [entry.kind for entry in running_demo.of_operator("SPDO007", since)]
    assert kinds == ["InquiryPermitted", "ReplyReleased"]


@pytest.mark.parametrize("beneficiary", ["SPDO004", "EBPO003", "FBOO001", "NOBODY99"])
def test_a_system_cannot_lend_its_terminal(running_demo: RunningDemo, beneficiary: str) -> None:
    """Suspended, lapsed, foreign or unknown: whom the system names must stand as if present."""
    answer = running_demo.ask({**PLATE, "on_behalf_of": beneficiary}, "CADSYS01")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "NOT_ENTITLED"


def test_nobody_asks_for_a_branch_that_has_no_agreement(
    running_demo: RunningDemo,
) -> None:
    """The federal branch has no agreement, so that nobody asks for its operators either."""
    answer = running_demo.ask({**WANTED, "on_behalf_of": FEDERAL}, "SPDD002")
    assert answer.status_code == 403


def test_quotas_refuse_with_the_time_to_wait(running_demo: RunningDemo) -> None:
    """Thirty at once, then 429 with Retry-After, an entry, and soon an answer again."""
    operator, since = "SCSO006", running_demo.size()
    answers = [running_demo.ask(PLATE, operator) for _ in range(34)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers[:30]} == {200}
    assert refused
    for answer in refused:
        assert 1 <= int(answer.headers["retry-after"]) <= 2
        assert answer.json()["error"]["code"] == "RATE_LIMITED"
    made = [entry.kind for entry in running_demo.of_operator(operator, since)]
    assert made.count("InquiryRefused") == len(refused)
    assert running_demo.ask(PLATE, EXEMPT).status_code == 200


@pytest.mark.parametrize("token", ["oc_wrong", "a" * 300, "é".encode().decode("latin-1")])
def test_nobody_known_leaves_no_entry(running_demo: RunningDemo, token: str) -> None:
    """A credential that names nobody is a matter for the security log; the words tell nothing."""
    since = running_demo.size()
    headers = {b"Authorization": b"Bearer " + token.encode("latin-1")}
    answer = running_demo.http.post(f"{running_demo.base}/api/v1/inquiries", json=PLATE, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    told = answer.json()["error"]
    assert (told["code"], "receipt" in told) == ("NOT_AUTHENTICATED", False)
    assert not [e for e in running_demo.entries(since) if e.kind in ("InquiryRefused", "InquiryPermitted")]


def test_police_work_is_reported_by_systems_alone(running_demo: RunningDemo) -> None:
    """A person's feed and a faulty one are refused, and entered."""
    since = running_demo.size()
    url = f"{running_demo.base}/api/v1/feeds/duty"
    person = running_demo.http.post(url, content=b"{}\n", headers=running_demo.bearer("SPDR001"))
    assert person.status_code == 403
    faulty = running_demo.http.post(url, content=b"{}\n", headers=running_demo.bearer("CADSYS01"))
    assert faulty.status_code == 422 and faulty.json()["error"]["faults"]
    refused = [e for e in running_demo.entries(since) if e.kind == "DutyFeedRefused"]
    assert [entry.operator_id for entry in refused] == ["SPDR001", "CADSYS01"]
    assert [entry.index for entry in refused] == [
        answer.json()["error"]["receipt"]["index"] for answer in (person, faulty)
    ]
