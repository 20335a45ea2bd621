"""The reference page of the audit exchange."""

from __future__ import annotations

from pathlib import Path

from openclets.exchange.reference import reference_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "exchange.md"
REMEDY = "run: python -m openclets.exchange.reference > docs/reference/exchange.md"


def test_the_page_says_what_the_table_says() -> None:
    """A page that lags behind its table misleads whoever brings a log."""
    assert PAGE.read_text("utf-8") == reference_page(), REMEDY
