"""How fast one may ask."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from directory.places import OFFICER
from openclets.directory.quota import Bucket, Quotas, take


def test_a_burst_is_granted_and_then_the_rate_holds() -> None:
    """Thirty at once, the next one a second later."""
    quotas = Quotas(rate_per_minute=60, burst=30)
    assert [quotas.take(OFFICER, 5.0) for _ in range(30)] == [0.0] * 30
    assert quotas.take(OFFICER, 5.0) == 1.0
    assert quotas.take(OFFICER, 5.5) == 0.5
    assert quotas.take(OFFICER, 6.0) == 0.0
    assert quotas.take(OFFICER, 6.0) == 1.0


def test_each_operator_has_a_bucket_and_exempt_ones_need_none() -> None:
    """One operator's haste is nobody else's wait."""
    quotas = Quotas(rate_per_minute=60, burst=1)
    quotas.take(OFFICER, 0.0)
    assert quotas.take(OFFICER, 0.0) > 0
    assert quotas.take(replace(OFFICER, id="SYNO002"), 0.0) == 0.0
    exempt = replace(OFFICER, quota_exempt=True)
    assert all(quotas.take(exempt, 0.0) == 0.0 for _ in range(100))


@given(st.lists(st.floats(min_value=0, max_value=5), max_size=200), st.integers(1, 40))
def test_no_stretch_of_time_grants_more_than_rate_and_burst(gaps: list[float], burst: int) -> None:
    """Whatever the pattern of asking, grants never exceed burst + rate x time."""
    bucket: Bucket | None = None
    now, granted = 0.0, 0
    for gap in gaps:
        now += gap
        bucket, wait_s = take(bucket, now, 60, burst)
        granted += wait_s == 0.0
    assert granted <= burst + now + 1e-6


def test_a_clock_that_falls_grants_nothing() -> None:
    """Time going back adds no tokens."""
    bucket, _ = take(None, 100.0, 60, 1)
    assert take(bucket, 50.0, 60, 1)[1] > 0
