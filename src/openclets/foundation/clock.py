"""Time as an argument: what the wall says, and what a deadline is measured against.

Deadlines use the monotonic clock; entries and legal days use the wall clock (decisions.md 22).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

_encode = msgspec.json.Encoder().encode


class Clock(Protocol):
    """A source of time. `now` may jump when the machine's clock is set; `monotonic` never does."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, to the microsecond."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never falls."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SetClock:
    """A clock that stands still until it is moved; tests and the simulation set it."""

    def __init__(self, at: datetime) -> None:
        self._now = at
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward by `seconds`."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_wall(self, at: datetime) -> None:
        """Move the wall clock alone, as an administrator or a time server may."""
        self._now = at


def rfc3339(at: datetime) -> str:
    """`at` as RFC 3339 text in UTC with `Z` and six decimals, e.g. `2026-11-22T17:18:49.000000Z`."""
    at = at.astimezone(UTC)
    # The encoder takes a tenth of isoformat's time, and leaves out decimals that are all zero.
    if at.microsecond:
        return _encode(at)[1:-1].decode("ascii")
    return at.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"
