"""What a serving process does once it is built: it takes what stays for good out of the collector's rounds.

Parts, tables and code live as long as the process; walking them to find nothing would cost milliseconds each
time. What one inquiry makes is freed as it ends, by counting references; the collector is for cycles, which
are rare here, so it may come seldom.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000
"""How many more objects are made than freed before the youngest are looked through."""


def settle_in() -> None:
    """Freeze what there is, and let the collector come seldom from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
