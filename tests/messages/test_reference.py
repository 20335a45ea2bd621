"""The reference page of message keys."""

from __future__ import annotations

from pathlib import Path

from openclets.messages.reference import reference_page
from openclets.messages.vocabulary import load

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "message-keys.md"
REMEDY = "run: python -m openclets.messages.reference > docs/reference/message-keys.md"


def test_the_page_says_what_the_tables_say():
    """The page is written from the tables; a changed table needs it written anew."""
    assert PAGE.read_text("utf-8") == reference_page(load()), REMEDY


def test_the_page_says_that_the_keys_are_not_authentic():
    """Nobody may take our keys for the state's."""
    assert "Not authentic" in PAGE.read_text("utf-8")
    assert "not public" in PAGE.read_text("utf-8")


def test_every_key_field_and_purpose_is_on_the_page():
    """Nothing that can be sent is left out."""
    page = PAGE.read_text("utf-8")
    assert all(f"| `{key.key}` " in page for key in load().keys.values())
    assert all(f"| `{code}` |" in page for code in load().fields)
    assert all(f"| {code} | {purpose.meaning} |" in page for code, purpose in load().purposes.items())
