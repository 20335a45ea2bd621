"""The reference page of the duty feed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from openclets.duty.feed import read_line
from openclets.duty.reference import reference_page
from openclets.duty.work import Incident

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "duty-feed.md"
REMEDY = "run: python -m openclets.duty.reference > docs/reference/duty-feed.md"


def test_the_page_says_what_the_nouns_say() -> None:
    """A page that lags behind the reader misleads whoever connects a dispatch system."""
    assert PAGE.read_text("utf-8") == reference_page(), REMEDY


def test_the_page_s_example_is_taken() -> None:
    """Whoever copies the example must not be refused."""
    (example,) = (line.strip() for line in reference_page().splitlines() if line.startswith("    {"))
    assert isinstance(read_line(example.encode(), 1, datetime(2026, 11, 22, 18, tzinfo=UTC)), Incident)
