"""`openclets policy …`: what the rules make of one request, and whether every worked example still holds.

Needs neither a server nor a database. Exit codes: interfaces.md 2.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from openclets.cli.failing import exit_codes
from openclets.foundation.errors import RuleCited
from openclets.policy.decide import decide, load_ruleset
from openclets.policy.decision import Decision, PolicyRequest
from openclets.policy.reason import classify_reason
from openclets.policy.request import read_request
from openclets.policy.ruleset import SPINE
from openclets.policy.vectors import VectorOutcome, check_vectors, read_vectors, rules_without_vector

REFUSED = 3
DIFFERS = 4
INCOMPLETE = 5

app = typer.Typer(help="Ask the rules, and test them.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
RulesetOption = Annotated[
    Path, typer.Option("--ruleset", help="A folder that holds a rule set.", show_default="the one shipped")
]


@app.command("explain")
def explain_command(
    file: Annotated[str, typer.Argument(help="A request as a JSON object; - reads standard input.")],
    ruleset: RulesetOption = SPINE,
    as_json: JsonOption = False,
) -> None:
    """Say what the rules decide about one request, and which rules say so.

    Exit code 0: permitted. 3: refused. 2: the request or the rule set can't be read.

    Example: openclets policy explain request.json
    """
    with exit_codes(json_wanted=as_json):
        request = read_request(_text_of(file))
        decision = decide(request, load_ruleset(ruleset))
    (_print_decision_json if as_json else _print_decision)(decision, request)
    raise typer.Exit(0 if decision.permitted else REFUSED)


@app.command("test")
def test_command(ruleset: RulesetOption = SPINE, as_json: JsonOption = False) -> None:
    """Put every worked example of a rule set to its rules, in the compiled form and by the reference engine.

    Exit code 0: all hold. 4: one does not. 5: a rule has no example. 2: the rule set can't be read.

    Example: openclets policy test --ruleset drafts/2027
    """
    with exit_codes(json_wanted=as_json):
        rules = load_ruleset(ruleset)
        vectors = read_vectors(ruleset)
    outcomes = check_vectors(vectors, rules)
    unshown = rules_without_vector(vectors, rules)
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    if as_json:
        _print_json(
            {
                "ruleset": rules.name,
                "digest": rules.digest,
                "vectors": len(outcomes),
                "wrong": [{"name": o.vector.name, "wrong": o.wrong} for o in wrong],
                "rules_without_vector": list(unshown),
            }
        )
    else:
        _print_outcomes(outcomes, wrong, unshown, rules.name, rules.digest)
    raise typer.Exit(DIFFERS if wrong else INCOMPLETE if unshown else 0)


def _text_of(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} can't be read: {error}") from error


def _print_decision(decision: Decision, request: PolicyRequest) -> None:
    print("Permitted." if decision.permitted else "Refused.")
    for rule in decision.rules:
        print(f"  {rule.id}: {rule.text}")
        print(f"    {rule.citation}")
    for error in decision.errors:
        print(f"  could not be evaluated: {error}")
    words = classify_reason(request.reason)
    for phrase in words.phrases:
        print(f'  the reason says "{phrase}"; the switch tells the rules so')
    for phrase in words.review:
        print(f'  the reason says "{phrase}"; a person should read it again')
    print(f"  rule set {decision.ruleset_digest}")


def _print_decision_json(decision: Decision, request: PolicyRequest) -> None:
    words = classify_reason(request.reason)
    _print_json(
        {
            "permitted": decision.permitted,
            "rules": [_rule_json(rule) for rule in decision.rules],
            "errors": list(decision.errors),
            "ruleset_digest": decision.ruleset_digest,
            "reason": {"means": list(words.phrases), "review": list(words.review)},
        }
    )


def _rule_json(rule: RuleCited) -> dict[str, str]:
    return {"id": rule.id, "text": rule.text, "citation": rule.citation}


def _print_outcomes(
    outcomes: tuple[VectorOutcome, ...],
    wrong: list[VectorOutcome],
    unshown: tuple[str, ...],
    name: str,
    digest: str,
) -> None:
    for outcome in wrong:
        print(f"WRONG  {outcome.vector.name}: {outcome.wrong}")
    for rule_id in unshown:
        print(f"NONE   {rule_id}: no vector shows it deciding")
    held = len(outcomes) - len(wrong)
    print(f"{held} of {len(outcomes)} vectors hold, in both forms. Rule set {name} {digest}")


def _print_json(document: dict[str, object]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))
