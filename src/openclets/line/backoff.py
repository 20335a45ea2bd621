"""How long to wait before the next try: twice as long each time, up to a bound, spread so that many that wait
do not come at once.
"""

from __future__ import annotations

from openclets.foundation.identifiers import Randomness


class Backoff:
    """The waits of one series of tries, in seconds."""

    def __init__(self, first_s: float, most_s: float, randomness: Randomness) -> None:
        self._next_s = first_s
        self._most_s = most_s
        self._randomness = randomness

    def wait_s(self, asked_s: float = 0.0) -> float:
        """The next wait: at least what the other side asked for, within the bound."""
        wait_s, self._next_s = self._next_s, min(self._next_s * 2, self._most_s)
        spread = 0.75 + self._randomness(1)[0] / 512
        return min(max(wait_s, asked_s), self._most_s) * spread
