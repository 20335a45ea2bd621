"""A breaker: after too many faults a record system is left alone, then tried with one inquiry at a time.

Rule: security.md 2.2 (opens after 5 faults in 30 s, one probe every 10 s); the figures are `connectors.toml`.
It closes when probes were answered for a while without a fault, so that a system that flaps does not make it
flap (fault F-28). It is told the time (monotonic seconds) and asks nobody.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from openclets.adapters.connectors import ConnectorLimits


class Turn(Enum):
    """How an inquiry was let through."""

    FREE = "free"
    """The breaker was closed."""
    PROBE = "probe"
    """It was open: this one tries whether the system is back."""


class Breaker:
    """Counts faults of one record system. Each turn given reports `answered`, `failed` or `let_go`."""

    def __init__(self, limits: ConnectorLimits) -> None:
        self._limits = limits
        self._faults: deque[float] = deque(maxlen=limits.breaker_faults)
        self._opened_at: float | None = None
        self._failed_at = 0.0
        self._probing = False
        self._good = 0
        self._good_since = 0.0
        self.openings = 0
        """How often it opened."""

    @property
    def opened_at(self) -> float | None:
        """When it opened, or None while it is closed."""
        return self._opened_at

    @property
    def failed_at(self) -> float:
        """When the system last failed, by what this breaker was told."""
        return self._failed_at

    def admit(self, now: float) -> Turn | None:
        """A turn, or None where the system is left alone. When open, one probe goes at a time, the first
        after a rest.
        """
        if self._opened_at is None:
            return Turn.FREE
        resting = not self._good and now - self._failed_at < self._limits.breaker_rest_s
        if self._probing or resting:
            return None
        self._probing = True
        return Turn.PROBE

    def answered(self, turn: Turn, now: float) -> None:
        """The system answered, whatever it said."""
        if turn is Turn.FREE:
            # One that was sent before it opened says nothing of how the system is now.
            if self._opened_at is None:
                self._faults.clear()
            return
        self._probing = False
        if not self._good:
            self._good_since = now
        self._good += 1
        limits = self._limits
        if self._good >= limits.breaker_trial_answers and now - self._good_since >= limits.breaker_trial_s:
            self._opened_at = None
            self._good = 0
            self._faults.clear()

    def failed(self, turn: Turn, now: float) -> None:
        """The system was silent, cut off or unreadable."""
        if turn is Turn.PROBE:
            self._failed_at = now
            self._probing = False
            self._good = 0
            return
        if self._opened_at is not None:
            return
        self._failed_at = now
        self._faults.append(now)
        full = len(self._faults) == self._limits.breaker_faults
        if full and now - self._faults[0] <= self._limits.breaker_window_s:
            self._opened_at = now
            self.openings += 1

    def let_go(self, turn: Turn) -> None:
        """A turn was given up by its asker, or never reached the system: it says nothing about it."""
        if turn is Turn.PROBE:
            self._probing = False
