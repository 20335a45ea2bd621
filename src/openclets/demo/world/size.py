"""How large an invented state is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts to make. `days` is how far back lived history reaches where one is written out."""

    agencies: int
    operators: int
    persons: int
    days: int


SIZES: dict[str, Size] = {
    "small": Size(agencies=8, operators=50, persons=20_000, days=14),
    "county": Size(agencies=24, operators=1_200, persons=400_000, days=30),
    "state": Size(agencies=300, operators=40_000, persons=1_000_000, days=30),
}
"""`small` for one machine and one screen; `county` for load and detection; `state` is bounded by memory
(about 1 kB a person)."""
