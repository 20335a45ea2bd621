"""The compiled form against the reference engine, on random policies where every kind of error occurs."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cedarpy
import pytest

from openclets.policy.compile import Evaluate, Outcome, UnknownConstruct, compile_policies
from openclets.policy.semantics import MISSING_ATTRIBUTE, OVERFLOW, TYPE, EntityUid, Value, make_set

CASES = 4_000
LONGS = (-(2**63), -1, 0, 1, 2, 3, 2**62, 2**63 - 1)
TEXTS = ("", "a", "ab", "abc", "b", "*", "A\nB")
ENTITIES = ('Operator::"1"', 'Operator::"2"', 'Class::"1"')
ATTRIBUTES = ("number", "other", "text", "truth", "untruth", "texts", "mixed", "absent")
KINDS = (
    ("does not have the attribute", MISSING_ATTRIBUTE),
    ("type error", TYPE),
    ("integer overflow", OVERFLOW),
)


def test_the_compiled_form_agrees_with_the_reference_on_decision_reasons_and_errors() -> None:
    """4,000 random cases, balanced over allow, deny and error: the same rules hold, the same errors occur."""
    chance = random.Random(2)
    seen: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for _ in range(CASES // 4):
        text = "\n".join(_policy(chance, n) for n in range(3))
        for _ in range(4):
            context = _context(chance)
            expected = by_reference(text, context)
            assert by_compiled(text, context) == expected, f"{text}\n{context}"
            permits, forbids, errors = expected
            kinds.update(kind for _, kind in errors)
            seen["error" if errors else "allow" if permits and not forbids else "deny"] += 1
    assert min(seen.values()) >= CASES // 10, seen
    assert set(kinds) == {MISSING_ATTRIBUTE, TYPE, OVERFLOW}, kinds
    assert min(kinds.values()) >= 50, kinds


def test_a_wrong_compilation_would_be_caught() -> None:
    """The comparison above is no formality: with one operator bent, it finds a difference within its own
    cases.
    """
    chance = random.Random(2)
    for _ in range(CASES // 4):
        text = "\n".join(_policy(chance, n) for n in range(3))
        bent = text.replace(" <= ", " < ")
        for _ in range(4):
            context = _context(chance)
            if by_compiled(bent, context) != by_reference(text, context):
                return
    pytest.fail("a bent comparison went unnoticed in every case")


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ("context.absent == 1", MISSING_ATTRIBUTE),
        ("context.number", TYPE),
        ('context.text + context.absent == ""', MISSING_ATTRIBUTE),
        ("context.top + 1 == 0", OVERFLOW),
        ("-context.bottom == 0", OVERFLOW),
        ("context.bottom * 2 == 0", OVERFLOW),
        ("context.bottom - 1 == 0", OVERFLOW),
        ("1 == true", ""),
        ("[1, true].contains(true)", ""),
        ("[true] == [1]", ""),
        ("[1, 1] == [1]", ""),
        ("[1, 2].contains(true)", ""),
        ("context.text.contains(1)", TYPE),
        ("principal in [1]", TYPE),
        ("principal in 3", TYPE),
        ('principal in [Class::"1"]', ""),
        ("context.number is Operator", TYPE),
        ('principal is Class in Operator::"9"', ""),
        ("principal is Operator in 3", TYPE),
        ("true && 3", TYPE),
        ("false && 3", ""),
        ("3 || true", TYPE),
        ("true || 3", ""),
        ("!3", TYPE),
        ("if 3 then true else false", TYPE),
        ('context.text like "a*"', ""),
        ('context.text like "\\*"', ""),
        ('context.number like "a*"', TYPE),
        ("[].isEmpty()", ""),
        ("context.number.isEmpty()", TYPE),
        ('"a" < 2', TYPE),
        ("context has absent && context.absent", ""),
        ("context.texts.containsAll([])", ""),
        ("[].containsAny(context.texts)", ""),
        ('[Operator::"1", Operator::"2"].contains(principal)', ""),
        ('["1", Operator::"2"].contains(principal)', ""),
    ],
)
def test_each_corner_of_the_language_is_as_in_the_reference(condition: str, error: str) -> None:
    """Corners found by reading the reference evaluator: each with the error it makes, if it makes one."""
    context: dict[str, Any] = {
        "number": 1,
        "text": "abc",
        "texts": ["a"],
        "top": 2**63 - 1,
        "bottom": -(2**63),
    }
    text = f'@id("rule-0") permit (principal, action, resource) when {{ {condition} }};'
    expected = by_reference(text, context)
    assert by_compiled(text, context) == expected
    assert [kind for _, kind in expected[2]] == ([error] if error else [])


@pytest.mark.parametrize(
    "condition",
    [
        'principal.name == "x"',
        "principal has name",
        "context == context",
        "context.text.length == 1",
        "{a: 1}.a == 1",
        'decimal("1.0") == decimal("1.0")',
        'ip("10.0.0.1").isLoopback()',
        'principal.hasTag("x")',
    ],
)
def test_what_has_no_compiled_form_is_refused(condition: str) -> None:
    """A construct the compiler doesn't know is refused by name of its rule, never approximated."""
    text = f'@id("rule-0") permit (principal, action, resource) when {{ {condition} }};'
    with pytest.raises(UnknownConstruct, match="rule-0"):
        compile_policies(policies_of(text))


def test_an_expression_nested_too_deep_is_refused() -> None:
    """Depth is bounded, so that a rule file can't exhaust the stack."""
    deep = " && ".join(["(true"] * 70) + ")" * 70
    text = f'@id("rule-0") permit (principal, action, resource) when {{ {deep} }};'
    with pytest.raises(UnknownConstruct, match="nested"):
        compile_policies(policies_of(text))


@lru_cache(maxsize=4)
def policies_of(text: str) -> dict[str, Any]:
    """Cedar's JSON form by @id."""
    parsed = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    return {policy["annotations"]["id"]: policy for policy in parsed}


@lru_cache(maxsize=4)
def _compiled(text: str) -> Evaluate:
    return compile_policies(policies_of(text))


def by_compiled(text: str, context: dict[str, Any]) -> Outcome:
    """What the compiled form says."""
    evaluate = _compiled(text)
    flat: dict[str, Value] = {k: make_set(*v) if isinstance(v, list) else v for k, v in context.items()}
    return evaluate(EntityUid("Operator", "1"), EntityUid("Action", "inquire"), EntityUid("Class", "1"), flat)


def by_reference(text: str, context: dict[str, Any]) -> Outcome:
    """What the reference engine says, each policy asked alone: Cedar itself names no permit that a forbid
    beat.
    """
    permits: list[str] = []
    forbids: list[str] = []
    errors: list[tuple[str, str]] = []
    for rule_id, policy in policies_of(text).items():
        alone = json.dumps({"staticPolicies": {rule_id: policy}, "templates": {}, "templateLinks": []})
        request = {
            "principal": 'Operator::"1"',
            "action": 'Action::"inquire"',
            "resource": 'Class::"1"',
            "context": context,
        }
        answer = cedarpy.is_authorized(request, cedarpy.PolicySet.from_json_str(alone), [])
        assert answer.decision is not cedarpy.Decision.NoDecision, answer.diagnostics.errors
        (permits if policy["effect"] == "permit" else forbids).extend(answer.diagnostics.reasons)
        for error in answer.diagnostics.errors:
            errors.append((rule_id, next(kind for words, kind in KINDS if re.search(words, error))))
    return permits, forbids, errors


def _context(chance: random.Random) -> dict[str, Any]:
    return {
        "number": chance.choice(LONGS),
        "other": chance.choice(LONGS),
        "text": chance.choice(TEXTS),
        "truth": chance.random() < 0.5,
        "untruth": chance.random() < 0.3,
        "texts": chance.sample(TEXTS, chance.randrange(4)),
        "mixed": chance.sample([0, 1, True, False, "a"], chance.randrange(4)),
    }


def _policy(chance: random.Random, n: int) -> str:
    effect = chance.choice(("permit", "permit", "forbid"))
    scope = chance.choice(
        (
            "principal, action, resource",
            'principal == Operator::"1", action, resource',
            'principal is Operator, action in [Action::"inquire", Action::"x"], resource',
            'principal, action == Action::"inquire", resource in Class::"1"',
            'principal is Operator in Operator::"2", action, resource is Class',
        )
    )
    clauses = " ".join(
        f"{chance.choice(('when', 'when', 'unless'))} {{ {_truth(chance, 3)} }}"
        for _ in range(chance.randrange(3))
    )
    return f'@id("rule-{n}") {effect} ({scope}) {clauses};'


def _truth(chance: random.Random, depth: int) -> str:
    """An expression that mostly yields a truth value."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(
            ("context.truth", "context.untruth", "true", "(context has absent)", "(context has text)")
        )
    below = depth - 1
    relation, equality = chance.choice(("<", "<=", ">", ">=")), chance.choice(("==", "!="))
    inclusion = chance.choice(("containsAll", "containsAny"))
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"({_truth(chance, below)} && {_truth(chance, below)})",
        lambda: f"({_truth(chance, below)} || {_truth(chance, below)})",
        lambda: f"!({_truth(chance, below)})",
        lambda: f"({_any(chance, below)} {equality} {_any(chance, below)})",
        lambda: f"({_number(chance, below)} {relation} {_number(chance, below)})",
        lambda: f"{_set(chance, below)}.contains({_any(chance, below)})",
        lambda: f"{_set(chance, below)}.{inclusion}({_set(chance, below)})",
        lambda: f"{_set(chance, below)}.isEmpty()",
        lambda: f'({_text(chance)} like "{chance.choice(("a*", "*b", "*", "a", "*b*", "A*"))}")',
        lambda: f"({_entity(chance)} in {chance.choice((_entity(chance), _set(chance, 0)))})",
        lambda: f"({_entity(chance)} is {chance.choice(('Operator', 'Class'))})",
        lambda: f"(if {_truth(chance, below)} then {_truth(chance, below)} else {_truth(chance, below)})",
        lambda: _any(chance, 0),
    )
    return chance.choice(forms)()


def _any(chance: random.Random, depth: int) -> str:
    forms: tuple[Callable[[], str], ...] = (
        lambda: _number(chance, depth),
        lambda: _text(chance),
        lambda: _entity(chance),
        lambda: _set(chance, depth),
        lambda: f"context.{chance.choice(ATTRIBUTES)}",
        lambda: _truth(chance, depth),
    )
    return chance.choice(forms)()


def _number(chance: random.Random, depth: int) -> str:
    if depth <= 0 or chance.random() < 0.4:
        return chance.choice(
            ("context.number", "context.other", str(chance.choice(LONGS[1:])), "context.text")
        )
    left, right = _number(chance, depth - 1), _number(chance, depth - 1)
    return chance.choice((f"({left} {chance.choice('+-*')} {right})", f"(-{left})"))


def _text(chance: random.Random) -> str:
    return chance.choice(('"a"', '"abc"', '""', "context.text", "context.text", "context.number"))


def _entity(chance: random.Random) -> str:
    return chance.choice(("principal", "resource", "action", *ENTITIES, "context.text"))


def _set(chance: random.Random, depth: int) -> str:
    if depth <= 0 or chance.random() < 0.4:
        return chance.choice(
            ("context.texts", "context.mixed", '["a", "b"]', "[1, true]", "[]", f"[{ENTITIES[0]}]")
        )
    return f"[{', '.join(_any(chance, 0) for _ in range(chance.randrange(4)))}]"
