"""May this be asked, and which rules say so: the compiled form for the hot path, the reference engine beside
it.

An error refuses, in either form: Cedar skips a policy that errs, so a broken `forbid` would allow
(decisions.md 8). Both forms give the same decision, rules and errors; `tests/policy/test_decide.py` holds
them together.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import cedarpy

from openclets.foundation.errors import RuleCited
from openclets.policy.decision import CONTEXT, CONTEXT_TYPES, Decision, PolicyRequest, context_values
from openclets.policy.ruleset import RuleSet, load_ruleset
from openclets.policy.semantics import MISSING_ATTRIBUTE, OVERFLOW, TYPE, EntityUid, Value

__all__ = ["RuleSet", "decide", "decide_by_cedar", "load_ruleset"]

REQUEST_ERROR: Final = "request: does not fit the schema"

_INQUIRE: Final = EntityUid("Action", "inquire")
_LONG: Final = 2**63

_ERROR_KINDS: Final = (
    (re.compile(r"does not have the attribute"), MISSING_ATTRIBUTE),
    (re.compile(r"type error"), TYPE),
    (re.compile(r"integer overflow"), OVERFLOW),
)
_POLICY_ERROR: Final = re.compile(r"error while evaluating policy `([^`]*)`: (.*)", re.DOTALL)


def decide(request: PolicyRequest, ruleset: RuleSet) -> Decision:
    """What `ruleset` says of `request`, by the compiled rules. Raises nothing: what cannot be decided is
    refused.
    """
    values: tuple[Value, ...] = context_values(request)
    if (
        tuple(map(type, values)) != CONTEXT_TYPES
        or type(request.operator_id) is not str
        or type(request.record_class) is not str
        or not -_LONG <= request.training_days_left < _LONG
    ):
        return _decision((), (), (REQUEST_ERROR,), ruleset)
    resource = ruleset.record_classes.get(request.record_class)
    if resource is None:
        return _decision((), (), (REQUEST_ERROR,), ruleset)
    principal = EntityUid("Operator", request.operator_id)
    permits, forbids, errors = ruleset.evaluate(principal, _INQUIRE, resource, *values)
    erred = tuple([f"{rule_id}: {kind}" for rule_id, kind in errors]) if errors else ()
    return _decision(tuple(permits), tuple(forbids), erred, ruleset)


def decide_by_cedar(request: PolicyRequest, ruleset: RuleSet) -> Decision:
    """As `decide`, by the reference engine with strict checking of the request against the schema."""
    asked = {
        "principal": {"type": "Operator", "id": request.operator_id},
        "action": {"type": "Action", "id": "inquire"},
        "resource": {"type": "RecordClass", "id": request.record_class},
        "context": dict(zip(CONTEXT, context_values(request), strict=True)),
    }
    try:
        answer = cedarpy.is_authorized(asked, ruleset.policies, [], ruleset.schema)
    except (TypeError, ValueError, OverflowError):
        return _decision((), (), (REQUEST_ERROR,), ruleset)
    if answer.decision is cedarpy.Decision.NoDecision:
        return _decision((), (), (REQUEST_ERROR,), ruleset)
    named = set(answer.diagnostics.reasons)
    holding = tuple(rule_id for rule_id in ruleset.rules if rule_id in named)
    permits = holding if answer.decision is cedarpy.Decision.Allow else ()
    forbids = holding if answer.decision is cedarpy.Decision.Deny else ()
    noted = dict(_read_error(text) for text in answer.diagnostics.errors)
    errors = tuple(f"{rule_id}: {noted[rule_id]}" for rule_id in ruleset.rules if rule_id in noted)
    return _decision(permits, forbids, errors, ruleset)


@lru_cache(maxsize=4096)
def _decision(
    permits: tuple[str, ...], forbids: tuple[str, ...], errors: tuple[str, ...], ruleset: RuleSet
) -> Decision:
    """The decision these outcomes amount to: few differ, so each is made once."""
    if permits and not forbids and not errors:
        return Decision(True, _cited(permits, ruleset), ruleset.digest)
    rules = _cited(forbids, ruleset)
    if errors:
        rules = (*rules, ruleset.rule_error)
    elif not rules:
        rules = (ruleset.no_permit,)
    return Decision(False, rules, ruleset.digest, errors)


def _cited(rule_ids: tuple[str, ...], ruleset: RuleSet) -> tuple[RuleCited, ...]:
    return tuple(ruleset.cited[rule_id] for rule_id in rule_ids)


def _read_error(text: str) -> tuple[str, str]:
    """(rule id, kind) of one of the reference engine's error texts."""
    found = _POLICY_ERROR.fullmatch(text)
    if found is None:
        return "", text
    kind = next((kind for pattern, kind in _ERROR_KINDS if pattern.search(found.group(2))), found.group(2))
    return found.group(1), kind
