"""The reference page of the rules."""

from __future__ import annotations

from pathlib import Path

from openclets.policy.reference import rules_page
from openclets.policy.ruleset import load_ruleset

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"


def test_the_page_says_what_the_rules_say() -> None:
    """docs/reference/rules.md is printed from the rules; when this fails, print it again as the page says."""
    assert PAGE.read_text("utf-8") == rules_page(load_ruleset()) + "\n"
