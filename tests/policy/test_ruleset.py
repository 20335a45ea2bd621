"""Loading a rule set: taken whole, or refused whole with every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from openclets.foundation.errors import BadInput
from openclets.policy.ruleset import SPINE, load_ruleset


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped rule set, to be spoiled."""
    for file in SPINE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_the_shipped_rules_load_and_each_has_words_citation_and_evidence() -> None:
    """Every rule says in plain words what it does, what it stands on, and how sure that is."""
    ruleset = load_ruleset()
    assert len(ruleset.rules) > 30
    for rule in ruleset.rules.values():
        assert rule.text.endswith(".")
        assert rule.citation
        assert rule.evidence
        assert rule.id in rule.source


def test_the_digest_names_what_decides_and_nothing_else(copy: Path) -> None:
    """One byte of a rule, of its words or of the schema gives another digest; vectors do not."""
    before = load_ruleset(copy).digest
    (copy / "vectors.toml").write_text("# none\n")
    assert load_ruleset(copy).digest == before
    for name in ("ordinary.cedar", "rules.toml", "schema.cedarschema"):
        kept = (copy / name).read_text()
        comment = "# changed\n" if name.endswith(".toml") else "// changed\n"
        (copy / name).write_text(comment + kept)
        assert load_ruleset(copy).digest != before
        (copy / name).write_text(kept)
    assert load_ruleset(copy).digest == before


def _add(copy: Path, cedar: str, words: str = "") -> None:
    (copy / "added.cedar").write_text(cedar)
    with (copy / "rules.toml").open("a") as file:
        file.write(words)


def _row(rule_id: str = "added", file: str = "added.cedar", citation: str = "c") -> str:
    return (
        f'\n[[rule]]\nid = "{rule_id}"\nfile = "{file}"\ntext = "t"\ncitation = "{citation}"\n'
        'evidence = "design"\nvalid_from = 2026-01-01\n'
    )


GOOD = '@id("added") forbid (principal, action, resource) when { context.own_record };\n'


def test_an_added_rule_with_its_words_is_taken(copy: Path) -> None:
    """The set-up that the next test spoils is a good one."""
    _add(copy, GOOD, _row())
    assert "added" in load_ruleset(copy).rules


@pytest.mark.parametrize(
    ("cedar", "words", "fault"),
    [
        (GOOD, "", "has no citation"),
        (GOOD, _row(citation=" "), "has no citation"),
        (GOOD, _row(file="ordinary.cedar"), "is in added.cedar"),
        (GOOD, _row() + _row(), "described twice"),
        (GOOD + GOOD, _row(), "is taken"),
        (GOOD.replace("added", "own-record"), "", "is taken"),
        (GOOD.replace('@id("added") ', ""), "", "no usable @id"),
        (GOOD.replace("added", "Added One"), _row("Added One"), "no usable @id"),
        (GOOD.replace("own_record", "own_recrd"), _row(), "own_recrd"),
        (GOOD.replace("context.own_record", 'context.reason == 3'), _row(), "types"),
        (GOOD.replace("resource)", 'resource == RecordClass::"vehcle")'), _row(), "vehcle"),
        (GOOD.replace(";", ""), _row(), "is not Cedar"),
        ('@id("added") permit (principal, action, resource);', _row(), "permits without a condition"),
        ('@id("added") permit (principal, action, resource) when { true };', _row(), "without a condition"),
        (
            '@id("added") permit (principal, action, resource) unless { context.own_record };',
            _row(),
            "without a condition",
        ),
        (GOOD.replace("principal,", "principal == ?principal,"), _row(), "template"),
        ("", "\n[rules]\nx = 1\n", "is not known"),
        ("", '\n[[rule]]\nid = "x"\n', "file"),
        ("", "\n[[rule]\n", "is not TOML"),
    ],
)  # fmt: skip
def test_a_spoiled_rule_set_is_refused_whole(copy: Path, cedar: str, words: str, fault: str) -> None:
    """Any fault refuses the whole set and says what and where (corpus B261)."""
    _add(copy, cedar, words)
    if not cedar:
        (copy / "added.cedar").unlink()
    with pytest.raises(BadInput) as refused:
        load_ruleset(copy)
    assert refused.value.code == "RULESET_INVALID"
    assert any(fault in f"{f.field} {f.fault}" for f in refused.value.faults), refused.value.faults
    assert all(f.remedy for f in refused.value.faults)


def test_all_faults_are_said_at_once(copy: Path) -> None:
    """Three faults in three files are three faults in one refusal."""
    _add(copy, GOOD, "")
    (copy / "notes.yaml").write_text("!!python/object:os.system")
    (copy / "firearm.cedar").write_text("permit")
    with pytest.raises(BadInput) as refused:
        load_ruleset(copy)
    fields = {fault.field.split()[0] for fault in refused.value.faults}
    assert {"added.cedar", "notes.yaml", "firearm.cedar"} <= fields


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """No rule set is no rule set; nothing falls back to another."""
    with pytest.raises(BadInput):
        load_ruleset(tmp_path / "absent")
