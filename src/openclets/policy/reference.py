"""The reference page of the rules, printed from the rules: `python -m openclets.policy.reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from openclets.policy.reason import Weight, known_phrases
from openclets.policy.rule import Rule
from openclets.policy.ruleset import RuleSet, load_ruleset

_HEAD = """\
# The rules

What may be asked, by whom and for which purpose. Printed from `src/openclets/policy/rulesets/{name}`, where
each rule is a Cedar policy; its words, citation and evidence stand in `rules.toml` beside it. Don't edit this
page: run `python -m openclets.policy.reference > docs/reference/rules.md`.

- What no rule permits is refused (`{no_permit}`). A `forbid` wins over every `permit`.
- A rule that can't be evaluated refuses (`{rule_error}`).
- Every entry of the journal names the rule set that decided by its digest. This one is
  `{digest}`.
- "Found" under evidence means that a public text says so; "design" that openclets chose it; "recalled" that
  it is widely told and still to be confirmed.
- `openclets policy explain FILE.json` says what the rules make of one request, and `openclets policy test`
  puts every worked example in `vectors.toml` to them.
"""


def rules_page(ruleset: RuleSet) -> str:
    """The whole page, in Markdown."""
    head = _HEAD.format(
        name=ruleset.name,
        digest=ruleset.digest,
        no_permit=ruleset.no_permit.id,
        rule_error=ruleset.rule_error.id,
    )
    return "\n".join([head, *_summary(ruleset), *_rules(ruleset), *_phrases()])


def _summary(ruleset: RuleSet) -> Iterator[str]:
    yield "| rule | does | in words |"
    yield "|---|---|---|"
    for rule in _ordered(ruleset):
        yield f"| [`{rule.id}`](#{rule.id}) | {rule.effect} | {rule.text} |"
    yield ""


def _rules(ruleset: RuleSet) -> Iterator[str]:
    for file, rules in groupby(_ordered(ruleset), key=lambda rule: rule.file):
        yield f"## {file}"
        yield ""
        for rule in rules:
            yield f"### {rule.id}"
            yield ""
            yield rule.text
            yield ""
            yield f"- Stands on: {rule.citation}"
            yield f"- Evidence: {rule.evidence}"
            yield f"- Applies from: {rule.valid_from.isoformat()}"
            yield ""
            yield "```cedar"
            yield rule.source
            yield "```"
            yield ""


def _phrases() -> Iterator[str]:
    yield "## Words in a reason"
    yield ""
    yield "Compared without case, accents or punctuation. `means` decides, `review` only marks the look-up"
    yield "for a person to read, `other_meaning` is set aside first."
    yield ""
    yield "| words | purpose | weight | evidence |"
    yield "|---|---|---|---|"
    order = list(Weight)
    for row in sorted(known_phrases(), key=lambda row: (row.purpose, order.index(row.weight), row.phrase)):
        weight = row.weight if row.on else f"{row.weight}, switched off"
        yield f"| {row.phrase} | {row.purpose} | {weight} | {row.evidence} |"


def _ordered(ruleset: RuleSet) -> list[Rule]:
    return sorted(ruleset.rules.values(), key=lambda rule: rule.file)


if __name__ == "__main__":
    sys.stdout.write(rules_page(load_ruleset()) + "\n")
