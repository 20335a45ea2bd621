"""The shipped rules: what each permits and refuses, and the two forms of deciding held together."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import cedarpy
import pytest
from msgspec.structs import replace

from openclets.policy.decide import decide, decide_by_cedar, load_ruleset
from openclets.policy.decision import CONTEXT, PolicyRequest, context_values
from openclets.policy.ruleset import SPINE, RuleSet
from policy.requests import CRIMINAL_HISTORY, DRIVER_HISTORY, FIREARM, GANG, ORDINARY, asking

CASES = 8_000
DECIDED_MIN = 50
"""How many cases of the fuzz every rule must decide."""

BY_SENDER = {
    "A": ({"agency_kind": "state", "message_key": "QH"}, {"agency_kind": "police", "message_key": "QH"}),
    "C": ({"agency_class": "G"}, {"agency_class": "Z"}),
    "D": ({"agency_class": "J"}, {"agency_class": "0"}),
    "E": ({"agency_kind": "state", "message_key": "IQ"}, {"agency_kind": "state", "message_key": "QH"}),
    "F": ({"agency_class": "4"}, {"agency_class": "J"}),
    "H": ({"agency_class": "Q", "message_key": "QH"}, {"agency_class": "Q", "message_key": "QR"}),
    "I": ({"agency_kind": "state", "message_key": "QR"}, {"agency_kind": "state", "message_key": "QH"}),
    "J": ({"agency_class": "N"}, {"agency_class": "Q"}),
    "S": ({"agency_kind": "federal"}, {"agency_kind": "sheriff"}),
    "V": ({"agency_ori": "CA99801V0", "message_key": "QH"}, {"agency_ori": "CA9010100", "message_key": "QH"}),
    "X": ({"agency_class": "7"}, {"agency_class": "A"}),
}

PAIRS = {
    "reason-needed": (ORDINARY, {"reason": ""}),
    "reason-owed-refused": (CRIMINAL_HISTORY, {"reason_owed": True}),
    "own-record": (ORDINARY, {"own_record": True}),
    "declared-tie": (ORDINARY, {"declared_tie": True}),
    "agreement-current": (ORDINARY, {"agreement_current": False}),
    "training-current": (asking(training_days_left=0), {"training_days_left": -1}),
    "machine-names-operator": (
        asking(operator_role="machine", on_behalf_of="SYNO001"),
        {"on_behalf_of": ""},
    ),
    "criminal-history-purpose": (CRIMINAL_HISTORY, {"purpose_code": ""}),
    "criminal-history-attention": (CRIMINAL_HISTORY, {"has_attention": False}),
    "criminal-history-case": (CRIMINAL_HISTORY, {"has_incident": False}),
    "criminal-history-fixed-terminal": (CRIMINAL_HISTORY, {"terminal_kind": "mobile"}),
    "purpose-known": (asking(purpose_code="C"), {"purpose_code": "Q"}),
    "purpose-r": (asking(purpose_code="C"), {"purpose_code": "R"}),
    "firearm-purpose": (FIREARM, {"purpose_code": "J"}),
    "firearm-case": (FIREARM, {"has_incident": False}),
    "driver-history-purpose": (DRIVER_HISTORY, {"purpose_code": "H"}),
    "incident-file-incident": (GANG, {"has_incident": False}),
    "concealed-carry-vetting": (FIREARM, {"concealed_carry_purpose": True}),
    "immigration-enforcement": (ORDINARY, {"immigration_purpose": True}),
    "immigration-front-door": (asking(agency_kind="federal"), {"agency_kind": "federal_immigration"}),
    "immigration-on-behalf": (
        asking(on_behalf_of="FEDO001", beneficiary_kind="federal"),
        {"beneficiary_kind": "federal_immigration"},
    ),
    **{f"purpose-{code.lower()}": (asking(CRIMINAL_HISTORY, purpose_code=code, **yes), no)
       for code, (yes, no) in BY_SENDER.items()},
}  # fmt: skip


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return load_ruleset()


@pytest.mark.parametrize("rule_id", sorted(PAIRS))
def test_each_forbid_refuses_one_thing_and_says_so(rule_id: str, ruleset: RuleSet) -> None:
    """Both sides of every rule on one set-up: permitted as it stands, refused by this rule when one thing
    changes.
    """
    base, change = PAIRS[rule_id]
    allowed, refused = decide(base, ruleset), decide(asking(base, **change), ruleset)
    assert allowed.permitted, allowed.rules
    assert not refused.permitted
    assert rule_id in [rule.id for rule in refused.rules]
    assert all(rule.text and rule.citation for rule in refused.rules)


def test_every_forbid_has_its_pair(ruleset: RuleSet) -> None:
    """A rule added without a pair of tests is noticed."""
    assert PAIRS.keys() == {rule.id for rule in ruleset.rules.values() if rule.effect == "forbid"}


@pytest.mark.parametrize("code", sorted(BY_SENDER))
def test_each_purpose_code_is_taken_from_some_and_refused_from_others(code: str, ruleset: RuleSet) -> None:
    """Purpose by sender class and key, on criminal history: one accepted, one rejected."""
    accepted, rejected = BY_SENDER[code]
    base = asking(CRIMINAL_HISTORY, purpose_code=code)
    assert decide(asking(base, **accepted), ruleset).permitted
    assert [r.id for r in decide(asking(base, **rejected), ruleset).rules] == [f"purpose-{code.lower()}"]


@pytest.mark.parametrize(
    "record_class", ["vehicle", "driver", "vessel", "off_highway", "parking", "wanted", "stolen", "missing"]
)
def test_an_ordinary_file_may_be_asked_with_a_reason_alone(record_class: str, ruleset: RuleSet) -> None:
    """A reason, or an incident, or a reason that is owed: each is enough for an ordinary file."""
    for given in ({"reason": "stop"}, {"has_incident": True}, {"reason_owed": True}, {"purpose_code": "C"}):
        request = asking(record_class=record_class, **{"reason": "", **given})
        assert [r.id for r in decide(request, ruleset).rules] == ["ordinary-inquiry"]


def test_what_no_rule_permits_is_refused_and_called_that(ruleset: RuleSet) -> None:
    """The default is refusal, under a name of its own."""
    decision = decide(asking(record_class="immigration_violator"), ruleset)
    assert not decision.permitted
    assert [rule.id for rule in decision.rules] == ["no-permit"]


def test_immigration_enforcement_may_ask_criminal_history_and_the_exception_is_named(
    ruleset: RuleSet,
) -> None:
    """Each use of the exception is marked by a rule of its own, so that uses can be counted."""
    decision = decide(asking(CRIMINAL_HISTORY, immigration_purpose=True), ruleset)
    assert decision.permitted
    assert "immigration-criminal-history-exception" in [rule.id for rule in decision.rules]
    ordinary = decide(CRIMINAL_HISTORY, ruleset)
    assert "immigration-criminal-history-exception" not in [rule.id for rule in ordinary.rules]


def test_both_forms_agree_on_every_case(ruleset: RuleSet) -> None:
    """Random requests near the permitted ones: decision, rules and errors are the same, and every rule gets
    its say.
    """
    chance = random.Random(54)
    deciding: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for _ in range(CASES):
        request = _request(chance)
        decision = decide(request, ruleset)
        assert decision == decide_by_cedar(request, ruleset), request
        deciding.update(rule.id for rule in decision.rules)
        outcomes["error" if decision.errors else "allow" if decision.permitted else "deny"] += 1
    too_few = {rule_id: deciding[rule_id] for rule_id in ruleset.rules if deciding[rule_id] < DECIDED_MIN}
    assert not too_few
    assert min(outcomes[o] for o in ("allow", "deny", "error")) >= CASES // 8, outcomes


@pytest.mark.parametrize(
    "change",
    [
        {"training_days_left": "90"},
        {"training_days_left": 2**63},
        {"agreement_current": 1},
        {"reason": None},
        {"record_class": "spaceship"},
        {"record_class": ["vehicle"]},
        {"own_record": "no"},
    ],
)
def test_a_request_that_does_not_fit_the_schema_is_refused_as_an_error(
    change: dict[str, object], ruleset: RuleSet
) -> None:
    """An error refuses in either form; it never falls through to a permit."""
    request = asking(**change)
    for decision in (decide(request, ruleset), decide_by_cedar(request, ruleset)):
        assert not decision.permitted
        assert decision.errors
        assert [rule.id for rule in decision.rules] == ["rule-error"]


def test_a_broken_forbid_refuses_instead_of_letting_through(directory: Path) -> None:
    """Cedar skips a policy that errs; we refuse (decisions.md 8). Cedar alone is shown to allow the same
    request.
    """
    broken = _ruleset_with(
        directory,
        '@id("broken") forbid (principal, action == Action::"inquire", resource)\n'
        "when { context.training_days_left * 9223372036854775807 > 5 };\n",
    )
    request = asking(training_days_left=90)
    asked = {
        "principal": {"type": "Operator", "id": "X"},
        "action": {"type": "Action", "id": "inquire"},
        "resource": {"type": "RecordClass", "id": "vehicle"},
        "context": dict(zip(CONTEXT, context_values(request), strict=True)),
    }
    assert cedarpy.is_authorized(asked, broken.policies, [], broken.schema).allowed
    for decision in (decide(request, broken), decide_by_cedar(request, broken)):
        assert not decision.permitted
        assert decision.errors == ("broken: overflow",)
        assert decision.rules[-1].id == "rule-error"


def _ruleset_with(directory: Path, cedar: str) -> RuleSet:
    for file in SPINE.iterdir():
        (directory / file.name).write_bytes(file.read_bytes())
    (directory / "broken.cedar").write_text(cedar)
    with (directory / "rules.toml").open("a") as words:
        words.write(
            '\n[[rule]]\nid = "broken"\nfile = "broken.cedar"\ntext = "t"\ncitation = "c"\nevidence = "e"\n'
            "valid_from = 2026-01-01\n"
        )
    return load_ruleset(directory)


_CLASSES = (
    "vehicle",
    "driver",
    "vessel",
    "wanted",
    "stolen",
    "composite",
    "criminal_history",
    "firearm",
    "supervision",
    "missing",
    "registrant",
    "driver_history",
    "identity_theft",
    "gang",
    "immigration_violator",
)


def _request(chance: random.Random) -> PolicyRequest:
    """A request on one side or the other of one rule, varied in a thing or two; one in six doesn't fit the
    schema.
    """
    base, refused = PAIRS[chance.choice(sorted(PAIRS))]
    request = replace(base, **refused) if chance.random() < 0.45 else base
    if chance.random() < 0.03:
        request = asking(CRIMINAL_HISTORY, immigration_purpose=True)
    if chance.random() < 0.1:
        request = replace(request, record_class=chance.choice(_CLASSES))
    for name, values in _VARIED.items():
        if chance.random() < 0.015:
            request = replace(request, **{name: chance.choice(values)})
    if chance.random() < 1 / 6:
        name = chance.choice([name for name in PolicyRequest.__struct_fields__ if name != "operator_id"])
        wrong = "spaceship" if name == "record_class" else chance.choice((None, 2**70, 1.5, ["x"]))
        request = replace(request, **{name: wrong})
    return request


_VARIED: dict[str, tuple[object, ...]] = {
    "operator_role": ("machine", "detective"),
    "agency_ori": ("CA99801V0", "CA9100000"),
    "agency_kind": ("federal_immigration", "federal_immigration", "federal", "state", "court"),
    "agency_class": tuple("059ABCDGJNQYZ"),
    "agreement_current": (False,),
    "training_days_left": (-400, -1, 0, 1),
    "terminal_kind": ("mobile",),
    "message_key": ("QH", "QR", "IQ", "FQ", "RQ"),
    "purpose_code": ("", "Q", "R", "R", "c"),
    "reason": ("", "traffic stop"),
    "reason_owed": (True,),
    "has_incident": (True, False),
    "has_attention": (True, False),
    "on_behalf_of": ("SYNO001",),
    "immigration_purpose": (True,),
    "concealed_carry_purpose": (True,),
    "own_record": (True,),
    "declared_tie": (True,),
    "beneficiary_kind": ("federal_immigration", "police"),
}
