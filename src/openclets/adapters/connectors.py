"""The limits each record system is asked within, as data: deadlines, numbers in flight, breaker, answer size.

Table: `connectors.toml`; rule: security.md 2.2 (connector table: data, not code).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant


@dataclass(frozen=True, slots=True)
class ConnectorLimits:
    """One row of `connectors.toml`. Times in seconds, sizes in bytes."""

    name: str
    connect_s: float
    answer_s: float
    in_flight_max: int
    breaker_faults: int
    breaker_window_s: float
    breaker_rest_s: float
    answer_bytes_max: int
    repeats: int
    unavailable_text: str


@cache
def connector_rows() -> tuple[ConnectorLimits, ...]:
    """Every row. Raises BrokenInvariant when a limit would let nothing through."""
    rows = tomllib.loads((files("openclets.adapters") / "connectors.toml").read_text("utf-8"))["connector"]
    limits = tuple(ConnectorLimits(**{k: v for k, v in row.items() if k != "evidence"}) for row in rows)
    for row in limits:
        if min(row.connect_s, row.answer_s, row.in_flight_max, row.answer_bytes_max, row.breaker_faults) <= 0:
            raise BrokenInvariant(f"connectors.toml: {row.name} has a limit that lets nothing through")
    return limits


@cache
def limits_for(system: str) -> ConnectorLimits:
    """The limits of one record system. Raises BrokenInvariant when no row covers it."""
    covering = [
        row
        for row in connector_rows()
        if row.name == system or (row.name.endswith("*") and system.startswith(row.name[:-1]))
    ]
    if not covering:
        raise BrokenInvariant(f"connectors.toml has no row for {system}")
    return max(covering, key=lambda row: len(row.name))
