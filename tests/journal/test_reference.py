"""The page of journal entries says what the code declares, and every declaration says enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from journal.kinds_for_tests import ASKED
from openclets.foundation.errors import BrokenInvariant
from openclets.journal.entry import EntryKind, declare, declared_kinds, is_declared
from openclets.journal.reference import LEAF_CLASSES, reference_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "journal-entries.md"


def test_the_page_is_what_the_code_declares():
    """X-Road's rule: each kind is in the catalogue with its fields; red when a kind is added without it."""
    printed = subprocess.run(
        [sys.executable, "-m", "openclets.cli.entries_page"], capture_output=True, text=True, check=True
    ).stdout

    assert PAGE.read_text("utf-8") == printed
    more = EntryKind("AnotherKind", 6, "Something new.", {"a": "b"}, "tests")
    assert reference_page({"AnotherKind": more}) not in printed
    assert "AnotherKind" in reference_page({"AnotherKind": more})


def test_a_kind_is_declared_once_and_under_a_class():
    """CJIS AU-2: one registry of event types; nothing enters that is not in it."""
    assert is_declared(ASKED)
    assert not is_declared(EntryKind(ASKED.name, 1, "", {}, ""))
    with pytest.raises(BrokenInvariant):
        declare(EntryKind(ASKED.name, 1, "again", {}, "tests"))
    with pytest.raises(BrokenInvariant):
        declare(EntryKind("TestClassless", 7, "", {}, "tests"))


def test_every_kind_has_words_and_a_source():
    """A kind that nobody can look up is a secret."""
    for kind in declared_kinds().values():
        assert kind.text.endswith("."), kind.name
        assert kind.evidence, kind.name
        assert kind.leaf_class in LEAF_CLASSES
