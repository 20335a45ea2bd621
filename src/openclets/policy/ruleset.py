"""A rule set: Cedar files with their words and citations, read once, refused whole if anything in it is
wrong.

Named by a digest over its files, so that a journal entry says exactly which rules decided. Decides nothing
itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import cedarpy
import msgspec

from openclets.foundation import canonical
from openclets.foundation.errors import BadInput, Fault, RuleCited
from openclets.policy.compile import Evaluate, UnknownConstruct, compile_policies
from openclets.policy.decision import CONTEXT, CONTEXT_TYPES
from openclets.policy.reason import PHRASES_FILE, phrases_text
from openclets.policy.rule import Effect, Rule
from openclets.policy.semantics import EntityUid

SPINE = Path(__file__).parent / "rulesets" / "spine"
"""The rule set that ships with openclets."""

SCHEMA_FILE = "schema.cedarschema"
RULES_FILE = "rules.toml"
VECTORS_FILE = "vectors.toml"
NO_PERMIT = "no-permit"
RULE_ERROR = "rule-error"

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """A valid rule set. `digest` is 64 hexadecimal characters over its Cedar files, schema, words and
    phrases.

    `policies` and `schema` are the reference engine's handles, `evaluate` the compiled form of the same
    policies.
    """

    name: str
    digest: str
    valid_from: date
    rules: Mapping[str, Rule]
    cited: Mapping[str, RuleCited] = field(repr=False)
    no_permit: RuleCited
    rule_error: RuleCited
    record_classes: Mapping[str, EntityUid]
    evaluate: Evaluate = field(repr=False)
    policies: cedarpy.PolicySet = field(repr=False)
    schema: cedarpy.Schema = field(repr=False)


class _RuleRow(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    id: str
    file: str
    text: str
    citation: str
    evidence: str
    valid_from: date


class _DefaultRow(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    id: str
    text: str
    citation: str
    evidence: str
    valid_from: date


@dataclass(slots=True)
class _Words:
    """What `rules.toml` says, as far as it can be read."""

    name: str = ""
    valid_from: date = date.min
    rules: dict[str, _RuleRow] = field(default_factory=dict)
    defaults: dict[str, _DefaultRow] = field(default_factory=dict)


def load_ruleset(directory: Path = SPINE) -> RuleSet:
    """Read and check the rule set in `directory`. Raises BadInput with every fault found: it is taken whole
    or not at all.
    """
    faults: list[Fault] = []
    texts = _read_files(directory, faults)
    words = _read_words(texts.get(RULES_FILE, ""), faults)
    schema_text = texts.get(SCHEMA_FILE, "")
    policies, files = _read_policies({n: t for n, t in texts.items() if n.endswith(".cedar")}, faults)
    _match_words(words, policies, files, faults)
    for rule_id, policy in policies.items():
        _check_conditions(files[rule_id], rule_id, policy, faults)
    joined = "\n".join(text for name, text in sorted(texts.items()) if name.endswith(".cedar"))
    if not faults:
        faults += _validate(joined, schema_text)
    if faults:
        raise BadInput(tuple(faults), "RULESET_INVALID")
    try:
        evaluate = compile_policies(policies, attributes=dict(zip(CONTEXT, CONTEXT_TYPES, strict=True)))
    except UnknownConstruct as unknown:
        raise BadInput(
            (_fault("*.cedar", str(unknown), "Write the rule without it."),), "RULESET_INVALID"
        ) from unknown
    rules = {rule_id: _rule(words.rules[rule_id], policy) for rule_id, policy in policies.items()}
    return RuleSet(
        name=words.name,
        digest=_digest(texts),
        valid_from=words.valid_from,
        rules=rules,
        cited={rule_id: rule.cited() for rule_id, rule in rules.items()},
        no_permit=_cited(words.defaults[NO_PERMIT]),
        rule_error=_cited(words.defaults[RULE_ERROR]),
        record_classes=_record_classes(schema_text),
        evaluate=evaluate,
        policies=cedarpy.PolicySet.from_json_str(_policy_set(policies)),
        schema=cedarpy.Schema.from_str(schema_text),
    )


def _read_files(directory: Path, faults: list[Fault]) -> dict[str, str]:
    texts: dict[str, str] = {}
    if not directory.is_dir():
        faults.append(_fault(str(directory), "is not a folder", "Name a folder that holds a rule set."))
        return texts
    for path in sorted(directory.iterdir()):
        known = path.suffix == ".cedar" or path.name in (SCHEMA_FILE, RULES_FILE, VECTORS_FILE)
        if not known or not path.is_file():
            faults.append(_fault(path.name, "is no file of a rule set", "Take it out of the folder."))
            continue
        try:
            texts[path.name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            faults.append(_fault(path.name, "is not UTF-8", "Save it as UTF-8."))
    for name in (SCHEMA_FILE, RULES_FILE):
        if name not in texts:
            faults.append(_fault(name, "is missing", "Add it."))
    return texts


def _read_words(text: str, faults: list[Fault]) -> _Words:
    words = _Words()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(_fault(RULES_FILE, f"is not TOML: {error}", "Correct it."))
        return words
    for key in document.keys() - {"name", "valid_from", "rule", "default"}:
        faults.append(_fault(f"{RULES_FILE} {key}", "is not known", "Take it out."))
    words.name = str(document.get("name", ""))
    started = document.get("valid_from")
    if not words.name or not isinstance(started, date):
        faults.append(_fault(RULES_FILE, "lacks name or valid_from", "Add both at its top."))
    else:
        words.valid_from = started
    for kind, row_type, into in (("rule", _RuleRow, words.rules), ("default", _DefaultRow, words.defaults)):
        for row in document.get(kind, []):
            _take_row(row, row_type, into, faults)
    for needed in {NO_PERMIT, RULE_ERROR} - words.defaults.keys():
        faults.append(_fault(f"{RULES_FILE} {needed}", "is missing", "Add it as a [[default]]."))
    return words


def _take_row(row: Any, row_type: type[Any], into: dict[str, Any], faults: list[Fault]) -> None:
    label = f"{RULES_FILE} {row.get('id', '?')}" if isinstance(row, dict) else RULES_FILE
    try:
        taken = msgspec.convert(row, row_type)
    except msgspec.ValidationError as error:
        faults.append(_fault(label, str(error), "Give id, file, text, citation, evidence and valid_from."))
        return
    for name in ("text", "citation", "evidence"):
        if not getattr(taken, name).strip():
            faults.append(_fault(label, f"has no {name}", "Say it: a rule nobody can trace is no rule."))
    if taken.id in into:
        faults.append(_fault(label, "is described twice", "Keep one."))
    into[taken.id] = taken


def _read_policies(texts: Mapping[str, str], faults: list[Fault]) -> tuple[dict[str, Any], dict[str, str]]:
    """Cedar's JSON form by @id, and the file of each."""
    policies: dict[str, Any] = {}
    files: dict[str, str] = {}
    for name, text in sorted(texts.items()):
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(text))
        except ValueError as error:
            faults.append(_fault(name, f"is not Cedar: {error}", "Correct it."))
            continue
        if parsed["templates"] or parsed["templateLinks"]:
            faults.append(_fault(name, "holds a template", "Write the rule out."))
        for policy in parsed["staticPolicies"].values():
            rule_id = policy.get("annotations", {}).get("id") or ""
            if not _ID.fullmatch(rule_id):
                faults.append(
                    _fault(name, f'a rule has no usable @id ("{rule_id}")', 'Give it @id("words-like-this").')
                )
            elif rule_id in policies:
                faults.append(
                    _fault(f"{name} {rule_id}", "names an @id that is taken", "Give it one of its own.")
                )
            else:
                policies[rule_id], files[rule_id] = policy, name
    if not policies and not faults:
        faults.append(_fault("*.cedar", "holds no rule", "Add the rules."))
    return policies, files


def _match_words(
    words: _Words, policies: Mapping[str, Any], files: Mapping[str, str], faults: list[Fault]
) -> None:
    for rule_id in policies.keys() - words.rules.keys():
        faults.append(
            _fault(f"{files[rule_id]} {rule_id}", "has no citation", f"Describe it in {RULES_FILE}.")
        )
    for rule_id, row in words.rules.items():
        if rule_id not in policies:
            faults.append(
                _fault(f"{RULES_FILE} {rule_id}", "describes no rule", "Take it out, or write the rule.")
            )
        elif row.file != files[rule_id]:
            faults.append(_fault(f"{RULES_FILE} {rule_id}", f"is in {files[rule_id]}", "Correct its file."))


def _check_conditions(file: str, rule_id: str, policy: Mapping[str, Any], faults: list[Fault]) -> None:
    """A permit must depend on what is asked: at least one `when` that looks at the context."""
    if policy["effect"] != Effect.PERMIT:
        return
    bodies = [c["body"] for c in policy["conditions"] if c["kind"] == "when"]
    if not any(_mentions_context(body) for body in bodies):
        faults.append(_fault(f"{file} {rule_id}", "permits without a condition", "Say when it permits."))


def _mentions_context(body: Any) -> bool:
    if isinstance(body, dict):
        return body.get("Var") == "context" or any(_mentions_context(inner) for inner in body.values())
    return isinstance(body, list) and any(_mentions_context(inner) for inner in body)


def _validate(policies: str, schema: str) -> list[Fault]:
    try:
        cedarpy.Schema.from_str(schema)
    except ValueError as error:
        return [_fault(SCHEMA_FILE, f"is not a Cedar schema: {error}", "Correct it.")]
    found = cedarpy.validate_policies(policies, schema)
    return [_fault("*.cedar", e.error, "Correct the rule, or the schema.") for e in found.errors]


def _record_classes(schema: str) -> dict[str, EntityUid]:
    """The enumerated ids of `RecordClass`: an inquiry about any other is an error, in both forms."""
    found = re.search(r"entity\s+RecordClass\s+enum\s*\[([^\]]*)\]", schema)
    names = re.findall(r'"([^"]*)"', found.group(1)) if found else []
    return {name: EntityUid("RecordClass", name) for name in names}


def _digest(texts: Mapping[str, str]) -> str:
    """SHA-256 over the canonical list of what decides, the phrases of reasons included.

    Vectors are left out, as they decide nothing.
    """
    deciding = {name: text for name, text in texts.items() if name != VECTORS_FILE}
    deciding[PHRASES_FILE] = phrases_text()
    listed = [
        {"name": name, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        for name, text in sorted(deciding.items())
    ]
    return hashlib.sha256(canonical.encode(listed)).hexdigest()


def _rule(row: _RuleRow, policy: Mapping[str, Any]) -> Rule:
    source = cedarpy.format_policies(cedarpy.policies_from_json_str(_policy_set({row.id: policy})))
    return Rule(
        id=row.id,
        effect=Effect(policy["effect"]),
        file=row.file,
        text=row.text,
        citation=row.citation,
        evidence=row.evidence,
        valid_from=row.valid_from,
        source=source.strip(),
    )


def _policy_set(policies: Mapping[str, Any]) -> str:
    """Cedar's JSON form of a set whose policies bear our ids, so that its reasons and errors are in our
    words.
    """
    return json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})


def _cited(row: _DefaultRow) -> RuleCited:
    return RuleCited(row.id, row.text, row.citation)


def _fault(where: str, fault: str, remedy: str) -> Fault:
    return Fault(where, fault, remedy, "RULESET_INVALID")
