"""Prints `docs/reference/journal-entries.md`: everything a serving process can enter, because it is wired
here."""

from __future__ import annotations

import sys

import openclets.wiring  # noqa: F401  every slice that enters anything declares its kinds on import
from openclets.journal.entry import declared_kinds
from openclets.journal.reference import reference_page

if __name__ == "__main__":
    sys.stdout.write(reference_page(declared_kinds()))
