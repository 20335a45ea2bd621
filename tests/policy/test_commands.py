"""`openclets policy explain` and `openclets policy test` as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import asdict
from typer.testing import CliRunner

from openclets.cli.policy import app
from openclets.policy.ruleset import SPINE
from policy.requests import ORDINARY, asking

runner = CliRunner()


def _file(tmp_path: Path, **changes: object) -> str:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(asdict(asking(ORDINARY, **changes))))
    return str(path)


def test_explain_says_permitted_and_by_which_rule(tmp_path: Path) -> None:
    """Exit code 0, the rule by id, its words and its citation."""
    result = runner.invoke(app, ["explain", _file(tmp_path)])
    assert result.exit_code == 0
    assert "ordinary-inquiry" in result.stdout


def test_explain_says_refused_with_exit_code_3(tmp_path: Path) -> None:
    """The refusal as one JSON document, with what decided."""
    result = runner.invoke(app, ["explain", _file(tmp_path, own_record=True), "--json"])
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert document["permitted"] is False
    assert document["rules"][0]["id"] == "own-record"
    assert document["rules"][0]["citation"]


def test_explain_lists_every_fault_of_a_bad_request(tmp_path: Path) -> None:
    """Exit code 2 for what can't be read."""
    path = tmp_path / "request.json"
    path.write_text('{"reason": 3}')
    result = runner.invoke(app, ["explain", str(path), "--json"])
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)["error"]["faults"]) == 20
    assert runner.invoke(app, ["explain", str(tmp_path / "absent.json")]).exit_code == 2


def test_test_passes_on_the_shipped_rules_and_fails_on_a_changed_one(tmp_path: Path) -> None:
    """Exit code 0 where every vector holds, 4 where a rule was weakened, 5 where a rule has no vector."""
    assert runner.invoke(app, ["test"]).exit_code == 0
    for file in SPINE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    rules = (tmp_path / "ordinary.cedar").read_text()
    (tmp_path / "ordinary.cedar").write_text(
        rules.replace("when { context.own_record }", "when { context.own_record && context.declared_tie }")
    )
    weakened = runner.invoke(app, ["test", "--ruleset", str(tmp_path), "--json"])
    assert weakened.exit_code == 4
    assert [w["name"] for w in json.loads(weakened.stdout)["wrong"]] == ["an operator's own record"]
    (tmp_path / "ordinary.cedar").write_text(rules)
    vectors = (tmp_path / "vectors.toml").read_text()
    (tmp_path / "vectors.toml").write_text(vectors.replace('rules = ["own-record"]', "rules = []"))
    assert "own-record" in runner.invoke(app, ["test", "--ruleset", str(tmp_path)]).stdout


def test_a_faulty_rule_set_is_refused_with_every_fault(tmp_path: Path) -> None:
    """Exit code 2, faults on standard error."""
    result = runner.invoke(app, ["test", "--ruleset", str(tmp_path)])
    assert result.exit_code == 2
    assert "rules.toml" in result.stderr


@pytest.mark.parametrize("command", ["explain", "test"])
def test_help_shows_an_example(command: str) -> None:
    """Every command's help has an example (interfaces.md 2)."""
    assert "Example:" in runner.invoke(app, [command, "--help"]).stdout
