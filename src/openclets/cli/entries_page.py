"""Prints `docs/reference/journal-entries.md`: every kind of entry that any slice declares."""

from __future__ import annotations

import sys

import openclets.directory.entries
import openclets.duty.entries
import openclets.journal.kinds
import openclets.line.entries
import openclets.switch.entries  # noqa: F401  a slice declares its kinds on import
from openclets.journal.entry import declared_kinds
from openclets.journal.reference import reference_page

if __name__ == "__main__":
    sys.stdout.write(reference_page(declared_kinds()))
