"""The figures of `limits.toml`: sizes, waits, windows of the line protocol."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant


@dataclass(frozen=True, slots=True)
class Limits:
    """Every row of `limits.toml`, under its name; the unit is the end of the name."""

    payload_bytes_max: int
    image_payload_bytes_max: int
    hello_bytes_max: int
    hello_s: float
    ping_idle_s: float
    dead_s: float
    resend_s: float
    window: int
    window_bytes: int
    in_flight: int
    busy_retry_s: float
    backoff_first_s: float
    backoff_most_s: float
    kept_days: int
    token_days: int
    token_renewed_days: int

    def payload_max(self, *, images: bool) -> int:
        """The longest payload of a line, in bytes."""
        return self.image_payload_bytes_max if images else self.payload_bytes_max


@cache
def limits() -> Limits:
    """The shipped figures. Raises BrokenInvariant when a row is missing, unknown, not above zero or without
    evidence.
    """
    rows = tomllib.loads((files("openclets.line") / "limits.toml").read_text("utf-8"))
    named = {field.name for field in fields(Limits)}
    if rows.keys() != named:
        raise BrokenInvariant(f"line/limits.toml: {sorted(rows.keys() ^ named)} are missing or unknown")
    if any(row["value"] <= 0 or not row["evidence"] for row in rows.values()):
        raise BrokenInvariant("line/limits.toml: a row is not above zero or has no evidence")
    return Limits(**{name: row["value"] for name, row in rows.items()})
