"""Whether the other end still lives: when to ask it, and when to give it up. Pure; time comes in.

Source: messages.md 4.5: PING after 30 s idle, dead after 90 s.
"""

from __future__ import annotations

from enum import Enum


class Duty(Enum):
    """What is due now."""

    NOTHING = "nothing"
    PING = "ping"
    GIVE_UP = "give up"


class Liveness:
    """What was heard of one peer. Times are monotonic seconds."""

    def __init__(self, now: float, idle_s: float, dead_s: float) -> None:
        self._idle_s = idle_s
        self._dead_s = dead_s
        self._heard_at = now
        self._asked_at = float("-inf")

    def heard(self, now: float) -> None:
        """Something arrived: whatever it was, the other end lives."""
        self._heard_at = now

    def due(self, now: float) -> Duty:
        """What is due at `now`. A PING that is given out counts as sent."""
        if now - self._heard_at >= self._dead_s:
            return Duty.GIVE_UP
        if now - self._heard_at >= self._idle_s and now - self._asked_at >= self._idle_s:
            self._asked_at = now
            return Duty.PING
        return Duty.NOTHING
