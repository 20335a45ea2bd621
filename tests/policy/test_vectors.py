"""The worked examples beside the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from openclets.foundation.errors import BadInput
from openclets.policy.ruleset import SPINE, load_ruleset
from openclets.policy.vectors import check_vectors, read_vectors, rules_without_vector


def test_every_shipped_vector_holds_in_both_forms_and_every_rule_is_shown() -> None:
    """The examples that people read are true, and no rule goes without one."""
    ruleset, vectors = load_ruleset(), read_vectors(SPINE)
    assert [o.wrong for o in check_vectors(vectors, ruleset) if o.wrong] == []
    assert rules_without_vector(vectors, ruleset) == ()


def test_a_vector_that_claims_the_wrong_answer_is_found(tmp_path: Path) -> None:
    """The check is able to fail: one answer turned round, one rule renamed."""
    text = (SPINE / "vectors.toml").read_text()
    (tmp_path / "vectors.toml").write_text(text.replace('rules = ["own-record"]', 'rules = ["declared-tie"]'))
    wrong = [o for o in check_vectors(read_vectors(tmp_path), load_ruleset()) if o.wrong]
    assert [o.vector.name for o in wrong] == ["an operator's own record"]
    turned = text.replace(
        'permitted = false\nrules = ["own-record"]', 'permitted = true\nrules = ["own-record"]'
    )
    (tmp_path / "vectors.toml").write_text(turned)
    wrong = [o for o in check_vectors(read_vectors(tmp_path), load_ruleset()) if o.wrong]
    assert wrong[0].wrong == "was refused by own-record"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[vector]\n",
        '[[vector]]\nname = "x"\nbase = "absent"\npermitted = true\nrules = []\n',
        '[base.b]\nreason = "x"\n[[vector]]\nname = "x"\nbase = "b"\npermitted = true\nrules = []\n',
    ],
)
def test_vectors_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    """A faulty file of examples proves nothing, and says so."""
    (tmp_path / "vectors.toml").write_text(text)
    with pytest.raises(BadInput):
        read_vectors(tmp_path)
