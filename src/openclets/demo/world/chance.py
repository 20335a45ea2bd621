"""Chance from a seed: one stream a table, and weighted choice.

A stream is named, so that a new table or a longer one leaves the draws of all others as they were.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, table: str) -> random.Random:
    """The stream of chance for one table of one world; equal for equal arguments, on every machine."""
    return random.Random(f"openclets world {seed} {table}")


class Weighted(Generic[T]):
    """Choice among things in proportion to their weights."""

    def __init__(self, choices: Iterable[tuple[T, float]]) -> None:
        pairs = list(choices)
        self._things = [thing for thing, _ in pairs]
        self._sums = list(accumulate(weight for _, weight in pairs))
        if not self._sums or self._sums[-1] <= 0:
            raise ValueError("nothing to choose from")
        self._total = self._sums[-1]
        self._last = len(self._sums) - 1

    def pick(self, chance: random.Random) -> T:
        return self._things[min(bisect(self._sums, chance.random() * self._total), self._last)]


def poisson(chance: random.Random, mean: float) -> int:
    """A count of independent happenings with that mean. Above 50 the normal approximation is near enough."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, left = 0, chance.expovariate(1.0)
    while left < mean:
        count += 1
        left += chance.expovariate(1.0)
    return count
