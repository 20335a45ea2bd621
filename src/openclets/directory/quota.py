"""How fast one may ask: a bucket of tokens each, filled evenly, emptied by asking.

Pure but for the buckets themselves, which live in this process alone: several processes each grant the whole
rate, which bounds scraping all the same. Figures: `limits.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from openclets.directory.limits import limits
from openclets.directory.operator import Operator
from openclets.foundation.errors import RuleCited

_BUCKETS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left to ask. `tokens` at the moment `at`, in seconds of a monotonic clock."""

    tokens: float
    at: float


def take(bucket: Bucket | None, now: float, rate_per_minute: float, burst: int) -> tuple[Bucket, float]:
    """Take one token: the bucket afterwards, and the seconds to wait, 0 where the token was there.

    A refused taking leaves the tokens as they are. None is a bucket never used, and full.
    """
    tokens = _filled(bucket, now, rate_per_minute, burst)
    if tokens >= 1:
        return Bucket(tokens - 1, now), 0.0
    return Bucket(tokens, now), (1 - tokens) * 60 / rate_per_minute


def _filled(bucket: Bucket | None, now: float, rate_per_minute: float, burst: int) -> float:
    if bucket is None:
        return float(burst)
    return min(float(burst), bucket.tokens + max(0.0, now - bucket.at) * rate_per_minute / 60)


class Buckets:
    """One bucket a name, all of one size. Full ones are forgotten when they become many."""

    def __init__(self, rate_per_minute: float, burst: int) -> None:
        self._rate = rate_per_minute
        self._burst = burst
        self._buckets: dict[str, Bucket] = {}

    def take(self, name: str, now: float) -> float:
        """Count one asking by `name` at `now`. The seconds to wait, 0 where it may go on."""
        if len(self._buckets) >= _BUCKETS_MAX and name not in self._buckets:
            self._forget_full(now)
        self._buckets[name], wait_s = take(self._buckets.get(name), now, self._rate, self._burst)
        return wait_s

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            name: bucket
            for name, bucket in self._buckets.items()
            if _filled(bucket, now, self._rate, self._burst) < self._burst
        }


class Quotas:
    """The buckets of all operators. Operators marked `quota_exempt` are not counted."""

    def __init__(self, rate_per_minute: float | None = None, burst: int | None = None) -> None:
        rate = limits().quota_rate_per_minute if rate_per_minute is None else rate_per_minute
        at_once = limits().quota_burst if burst is None else burst
        self._buckets = Buckets(rate, at_once)
        self.rule = RuleCited(
            "quota-per-operator",
            f"One operator may ask {rate:g} times a minute, and {at_once} times at once.",
            "openclets: look-ups per operator are bounded, so that nobody scrapes the network",
        )

    def take(self, operator: Operator, now: float) -> float:
        """Count one inquiry at `now` (monotonic seconds). The seconds to wait, 0 where it may go on."""
        return 0.0 if operator.quota_exempt else self._buckets.take(operator.id, now)
