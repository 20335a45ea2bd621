"""The words of a rule set: what `rules.toml` says of each rule, and what is said when no rule speaks.

Reads as far as it can, and notes every fault; whether the words fit the rules is `ruleset.py`'s affair.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import msgspec

from openclets.foundation.errors import Fault

RULES_FILE: Final = "rules.toml"
NO_PERMIT: Final = "no-permit"
RULE_ERROR: Final = "rule-error"


class RuleWords(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One rule in words. `file` is the Cedar file that defines it."""

    id: str
    file: str
    text: str
    citation: str
    evidence: str
    valid_from: date


class DefaultWords(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is said when no rule speaks."""

    id: str
    text: str
    citation: str
    evidence: str
    valid_from: date


@dataclass(slots=True)
class Words:
    """What `rules.toml` says, as far as it can be read."""

    name: str = ""
    valid_from: date = date.min
    rules: dict[str, RuleWords] = field(default_factory=dict)
    defaults: dict[str, DefaultWords] = field(default_factory=dict)


def read_words(text: str, faults: list[Fault]) -> Words:
    """The words in `text`; what can't be taken is added to `faults`."""
    words = Words()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(ruleset_fault(RULES_FILE, f"is not TOML: {error}", "Correct it."))
        return words
    for key in document.keys() - {"name", "valid_from", "rule", "default"}:
        faults.append(ruleset_fault(f"{RULES_FILE} {key}", "is not known", "Take it out."))
    words.name = str(document.get("name", ""))
    started = document.get("valid_from")
    if not words.name or not isinstance(started, date):
        faults.append(ruleset_fault(RULES_FILE, "lacks name or valid_from", "Add both at its top."))
    else:
        words.valid_from = started
    for kind, row_type, into in (("rule", RuleWords, words.rules), ("default", DefaultWords, words.defaults)):
        for row in document.get(kind, []):
            _take_row(row, row_type, into, faults)
    for needed in {NO_PERMIT, RULE_ERROR} - words.defaults.keys():
        faults.append(ruleset_fault(f"{RULES_FILE} {needed}", "is missing", "Add it as a [[default]]."))
    return words


def _take_row(row: Any, row_type: type[Any], into: dict[str, Any], faults: list[Fault]) -> None:
    label = f"{RULES_FILE} {row.get('id', '?')}" if isinstance(row, dict) else RULES_FILE
    try:
        taken = msgspec.convert(row, row_type)
    except msgspec.ValidationError as error:
        faults.append(
            ruleset_fault(label, str(error), "Give id, file, text, citation, evidence and valid_from.")
        )
        return
    for name in ("text", "citation", "evidence"):
        if not getattr(taken, name).strip():
            faults.append(
                ruleset_fault(label, f"has no {name}", "Say it: a rule nobody can trace is no rule.")
            )
    if taken.id in into:
        faults.append(ruleset_fault(label, "is described twice", "Keep one."))
    into[taken.id] = taken


def ruleset_fault(where: str, fault: str, remedy: str) -> Fault:
    """A fault of a rule set, at `where`."""
    return Fault(where, fault, remedy, "RULESET_INVALID")
