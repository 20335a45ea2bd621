"""Kinds of entry that only the journal's own tests make."""

from __future__ import annotations

from openclets.journal.entry import EntryKind, declare

ASKED = declare(EntryKind("TestAsked", 1, "A test asked.", {"n": "a number"}, "tests"))
ANSWERED = declare(EntryKind("TestAnswered", 2, "A test was answered.", {"n": "a number"}, "tests"))
