"""A breaker: after too many faults a record system is left alone, then tried with one inquiry at a time.

Rule: security.md 2.2 (opens after 5 faults in 30 s, one probe every 10 s); the figures are `connectors.toml`.
It is told the time (monotonic seconds) and asks nobody.
"""

from __future__ import annotations

from collections import deque

from openclets.adapters.connectors import ConnectorLimits


class Breaker:
    """Counts faults of one record system. Each inquiry admitted reports `answered`, `failed` or `let_go`."""

    def __init__(self, limits: ConnectorLimits) -> None:
        self._limits = limits
        self._faults: deque[float] = deque(maxlen=limits.breaker_faults)
        self._opened_at: float | None = None
        self._probing = False

    @property
    def opened_at(self) -> float | None:
        """When it opened, or None while it is closed."""
        return self._opened_at

    def admits(self, now: float) -> bool:
        """Whether an inquiry may be sent now. When open, one is let through after each rest, as a probe."""
        if self._opened_at is None:
            return True
        if self._probing or now - self._opened_at < self._limits.breaker_rest_s:
            return False
        self._probing = True
        return True

    def answered(self) -> None:
        """The system answered, whatever it said."""
        self._faults.clear()
        self._opened_at = None
        self._probing = False

    def failed(self, now: float) -> None:
        """The system was silent, cut off or unreadable."""
        if self._opened_at is not None:
            self._opened_at = now
            self._probing = False
            return
        self._faults.append(now)
        full = len(self._faults) == self._limits.breaker_faults
        if full and now - self._faults[0] <= self._limits.breaker_window_s:
            self._opened_at = now

    def let_go(self) -> None:
        """An admitted inquiry was given up by its asker: it says nothing about the system."""
        self._probing = False
