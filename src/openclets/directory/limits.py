"""The figures of `limits.toml`: how often, how long and how many times."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant


@dataclass(frozen=True, slots=True)
class Limits:
    """Every row of `limits.toml`, under its name; the unit is the end of the name."""

    quota_rate_per_minute: int
    quota_burst: int
    log_in_failures: int
    log_in_window_minutes: int
    log_in_tries_per_source_minute: int
    log_in_link_minutes: int
    password_length_min: int
    password_length_max: int
    session_idle_minutes: int
    session_hours: int
    desk_session_idle_minutes: int
    desk_session_hours: int
    token_days_max: int


@cache
def limits() -> Limits:
    """The shipped figures. Raises BrokenInvariant when a row is missing, unknown, below 1 or without
    evidence.
    """
    rows = tomllib.loads((files("openclets.directory") / "limits.toml").read_text("utf-8"))
    named = {field.name for field in fields(Limits)}
    if rows.keys() != named:
        raise BrokenInvariant(f"limits.toml: {sorted(rows.keys() ^ named)} are missing or unknown")
    if any(row["value"] < 1 or not row["evidence"] for row in rows.values()):
        raise BrokenInvariant("limits.toml: a row is below 1 or has no evidence")
    return Limits(**{name: row["value"] for name, row in rows.items()})
