"""A rule set: Cedar files with their words and citations, read once, refused whole if anything in it is
wrong.

Named by a digest over its files, so that a journal entry says exactly which rules decided. Decides nothing
itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import cedarpy

from openclets.foundation import canonical
from openclets.foundation.errors import BadInput, Fault, RuleCited
from openclets.policy.compile import Evaluate, UnknownConstruct, compile_policies
from openclets.policy.decision import CONTEXT, CONTEXT_TYPES
from openclets.policy.reason import PHRASES_FILE, phrases_text
from openclets.policy.rule import Effect, Rule
from openclets.policy.rule_words import (
    NO_PERMIT,
    RULE_ERROR,
    RULES_FILE,
    DefaultWords,
    RuleWords,
    Words,
    read_words,
    ruleset_fault,
)
from openclets.policy.semantics import EntityUid

SPINE = Path(__file__).parent / "rulesets" / "spine"
"""The rule set that ships with openclets."""

SCHEMA_FILE = "schema.cedarschema"
VECTORS_FILE = "vectors.toml"

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


def load_ruleset(directory: Path = SPINE) -> RuleSet:
    """Read and check the rule set in `directory`. Raises BadInput with every fault found: it is taken whole
    or not at all.
    """
    faults: list[Fault] = []
    texts = _read_files(directory, faults)
    words = read_words(texts.get(RULES_FILE, ""), faults)
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
            (ruleset_fault("*.cedar", str(unknown), "Write the rule without it."),), "RULESET_INVALID"
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
        faults.append(
            ruleset_fault(str(directory), "is not a folder", "Name a folder that holds a rule set.")
        )
        return texts
    for path in sorted(directory.iterdir()):
        known = path.suffix == ".cedar" or path.name in (SCHEMA_FILE, RULES_FILE, VECTORS_FILE)
        if not known or not path.is_file():
            faults.append(ruleset_fault(path.name, "is no file of a rule set", "Take it out of the folder."))
            continue
        try:
            texts[path.name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            faults.append(ruleset_fault(path.name, "is not UTF-8", "Save it as UTF-8."))
    for name in (SCHEMA_FILE, RULES_FILE):
        if name not in texts:
            faults.append(ruleset_fault(name, "is missing", "Add it."))
    return texts


def _read_policies(texts: Mapping[str, str], faults: list[Fault]) -> tuple[dict[str, Any], dict[str, str]]:
    """Cedar's JSON form by @id, and the file of each."""
    policies: dict[str, Any] = {}
    files: dict[str, str] = {}
    for name, text in sorted(texts.items()):
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(text))
        except ValueError as error:
            faults.append(ruleset_fault(name, f"is not Cedar: {error}", "Correct it."))
            continue
        if parsed["templates"] or parsed["templateLinks"]:
            faults.append(ruleset_fault(name, "holds a template", "Write the rule out."))
        for policy in parsed["staticPolicies"].values():
            rule_id = policy.get("annotations", {}).get("id") or ""
            if not _ID.fullmatch(rule_id):
                faults.append(
                    ruleset_fault(
                        name, f'a rule has no usable @id ("{rule_id}")', 'Give it @id("words-like-this").'
                    )
                )
            elif rule_id in policies:
                faults.append(
                    ruleset_fault(
                        f"{name} {rule_id}", "names an @id that is taken", "Give it one of its own."
                    )
                )
            else:
                policies[rule_id], files[rule_id] = policy, name
    if not policies and not faults:
        faults.append(ruleset_fault("*.cedar", "holds no rule", "Add the rules."))
    return policies, files


def _match_words(
    words: Words, policies: Mapping[str, Any], files: Mapping[str, str], faults: list[Fault]
) -> None:
    for rule_id in policies.keys() - words.rules.keys():
        faults.append(
            ruleset_fault(f"{files[rule_id]} {rule_id}", "has no citation", f"Describe it in {RULES_FILE}.")
        )
    for rule_id, row in words.rules.items():
        if rule_id not in policies:
            faults.append(
                ruleset_fault(
                    f"{RULES_FILE} {rule_id}", "describes no rule", "Take it out, or write the rule."
                )
            )
        elif row.file != files[rule_id]:
            faults.append(
                ruleset_fault(f"{RULES_FILE} {rule_id}", f"is in {files[rule_id]}", "Correct its file.")
            )


def _check_conditions(file: str, rule_id: str, policy: Mapping[str, Any], faults: list[Fault]) -> None:
    """A permit must depend on what is asked: at least one `when` that looks at the context."""
    if policy["effect"] != Effect.PERMIT:
        return
    bodies = [c["body"] for c in policy["conditions"] if c["kind"] == "when"]
    if not any(_mentions_context(body) for body in bodies):
        faults.append(
            ruleset_fault(f"{file} {rule_id}", "permits without a condition", "Say when it permits.")
        )


def _mentions_context(body: Any) -> bool:
    if isinstance(body, dict):
        return body.get("Var") == "context" or any(_mentions_context(inner) for inner in body.values())
    return isinstance(body, list) and any(_mentions_context(inner) for inner in body)


def _validate(policies: str, schema: str) -> list[Fault]:
    try:
        cedarpy.Schema.from_str(schema)
    except ValueError as error:
        return [ruleset_fault(SCHEMA_FILE, f"is not a Cedar schema: {error}", "Correct it.")]
    found = cedarpy.validate_policies(policies, schema)
    return [ruleset_fault("*.cedar", e.error, "Correct the rule, or the schema.") for e in found.errors]


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


def _rule(row: RuleWords, policy: Mapping[str, Any]) -> Rule:
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


def _cited(row: DefaultWords) -> RuleCited:
    return RuleCited(row.id, row.text, row.citation)
