"""The vectors of a rule set: worked examples with the answer each must have, kept beside the rules.

A vector starts from a named base and changes what it is about, so that it shows the one thing that decides.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openclets.foundation.errors import BadInput, Fault
from openclets.policy.decide import decide, decide_by_cedar
from openclets.policy.decision import Decision, PolicyRequest
from openclets.policy.request import make_request
from openclets.policy.ruleset import VECTORS_FILE, RuleSet


@dataclass(frozen=True, slots=True)
class Vector:
    """One example. `rules` are the ids that must decide it, in the order of the rule set."""

    name: str
    request: PolicyRequest
    permitted: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VectorOutcome:
    """What became of a vector. `wrong` says in words what differed, empty where nothing did."""

    vector: Vector
    decision: Decision
    wrong: str


def read_vectors(directory: Path) -> tuple[Vector, ...]:
    """The vectors of the rule set in `directory`. Raises BadInput with every fault."""
    try:
        document = tomllib.loads((directory / VECTORS_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        fault = Fault(VECTORS_FILE, f"can't be read: {error}", "Add or correct it.", "RULESET_INVALID")
        raise BadInput((fault,), "RULESET_INVALID") from error
    vectors: list[Vector] = []
    faults: list[Fault] = []
    bases: Mapping[str, Mapping[str, Any]] = document.get("base", {})
    for n, row in enumerate(document.get("vector", [])):
        _take(row, n, bases, vectors, faults)
    if faults or not vectors:
        empty = Fault(VECTORS_FILE, "holds no vector", "Add one for each rule.", "RULESET_INVALID")
        raise BadInput(tuple(faults) or (empty,), "RULESET_INVALID")
    return tuple(vectors)


def check_vectors(vectors: tuple[Vector, ...], ruleset: RuleSet) -> tuple[VectorOutcome, ...]:
    """Put every vector to both forms of the rules."""
    return tuple(_check(vector, ruleset) for vector in vectors)


def rules_without_vector(vectors: tuple[Vector, ...], ruleset: RuleSet) -> tuple[str, ...]:
    """The rules that no vector shows deciding."""
    shown = {rule_id for vector in vectors for rule_id in vector.rules}
    return tuple(rule_id for rule_id in ruleset.rules if rule_id not in shown)


def _check(vector: Vector, ruleset: RuleSet) -> VectorOutcome:
    decision = decide(vector.request, ruleset)
    rules = tuple(rule.id for rule in decision.rules)
    wrong = ""
    if decision != decide_by_cedar(vector.request, ruleset):
        wrong = "the compiled rules and the reference engine differ"
    elif decision.permitted != vector.permitted:
        wrong = f"was {'permitted' if decision.permitted else 'refused'} by {', '.join(rules)}"
    elif rules != vector.rules:
        wrong = f"was decided by {', '.join(rules)} instead of {', '.join(vector.rules)}"
    return VectorOutcome(vector, decision, wrong)


def _take(
    row: Mapping[str, Any],
    n: int,
    bases: Mapping[str, Mapping[str, Any]],
    vectors: list[Vector],
    faults: list[Fault],
) -> None:
    label = f"{VECTORS_FILE} {row.get('name', n)}"
    unknown = row.keys() - {"name", "base", "change", "permitted", "rules"}
    if unknown or row.get("base") not in bases or not {"name", "permitted", "rules"} <= row.keys():
        remedy = "Give name, base (one of [base.…]), change, permitted and rules, and nothing else."
        faults.append(Fault(label, "is incomplete or names what is not known", remedy, "RULESET_INVALID"))
        return
    try:
        request = make_request({**bases[row["base"]], **row.get("change", {})})
    except BadInput as bad:
        faults.extend(Fault(f"{label} {f.field}", f.fault, f.remedy, f.code) for f in bad.faults)
        return
    vectors.append(Vector(row["name"], request, row["permitted"], tuple(row["rules"])))
