"""The breaker: when a record system is left alone, when it is tried again, and that it does not flap."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from openclets.adapters.breaker import Breaker, Turn
from openclets.adapters.connectors import limits_for

LIMITS = limits_for("ncic.vehicle")


def failed(breaker: Breaker, at: float) -> None:
    """One inquiry that is let through and fails at once."""
    turn = breaker.admit(at)
    assert turn is not None
    breaker.failed(turn, at)


def answered(breaker: Breaker, at: float) -> None:
    """One inquiry that is let through and answered at once."""
    turn = breaker.admit(at)
    assert turn is not None
    breaker.answered(turn, at)


def opened(at: float = 100.0) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.breaker_faults):
        failed(breaker, at)
    assert breaker.opened_at == at
    return breaker


def test_it_opens_at_the_fifth_fault_and_not_before() -> None:
    """Five faults within thirty seconds (security.md 2.2)."""
    breaker = Breaker(LIMITS)
    for n in range(4):
        failed(breaker, 100.0 + n)
        assert breaker.opened_at is None
    failed(breaker, 104.0)
    assert breaker.admit(105.0) is None
    assert breaker.openings == 1


def test_faults_further_apart_than_the_window_do_not_open_it() -> None:
    """The fifth fault counts with those of the last thirty seconds."""
    breaker = Breaker(LIMITS)
    for at in (0.0, 10.0, 20.0, 30.0, 30.1):
        failed(breaker, at)
    assert breaker.admit(31.0) is Turn.FREE


def test_an_answer_between_faults_begins_the_count_anew() -> None:
    """A system that answers is not down."""
    breaker = Breaker(LIMITS)
    for _ in range(4):
        failed(breaker, 100.0)
    answered(breaker, 100.0)
    failed(breaker, 100.0)
    assert breaker.admit(100.0) is Turn.FREE


def test_one_probe_goes_through_after_each_rest() -> None:
    """Half-open: one at a time; its failure rests again."""
    breaker = opened(100.0)

    assert breaker.admit(109.9) is None
    assert breaker.admit(110.0) is Turn.PROBE
    assert breaker.admit(110.0) is None
    breaker.failed(Turn.PROBE, 111.0)
    assert breaker.admit(120.9) is None
    assert breaker.admit(121.0) is Turn.PROBE


def test_it_closes_after_probes_answered_for_long_enough() -> None:
    """Three answers over three seconds, one at a time; then all may ask."""
    breaker = opened(100.0)
    for at in (110.0, 110.1, 110.2, 112.9):
        answered(breaker, at)
        assert breaker.opened_at is not None
    answered(breaker, 113.0)
    assert breaker.opened_at is None
    assert breaker.admit(113.0) is breaker.admit(113.0) is Turn.FREE


def test_a_fault_amid_the_trial_rests_again() -> None:
    """What was answered before it counts no longer."""
    breaker = opened(100.0)
    answered(breaker, 110.0)
    answered(breaker, 111.0)
    failed(breaker, 112.0)
    assert breaker.admit(121.9) is None
    answered(breaker, 122.0)
    assert breaker.opened_at is not None


def test_a_probe_given_up_by_its_asker_lets_another_through() -> None:
    """A canceled asker says nothing about the system."""
    breaker = opened(100.0)

    assert breaker.admit(110.0) is Turn.PROBE
    breaker.let_go(Turn.PROBE)
    assert breaker.admit(110.0) is Turn.PROBE


def test_what_was_sent_before_it_opened_neither_closes_nor_prolongs_it() -> None:
    """Answers and faults that come in late say nothing of how the system is now."""
    breaker = opened(100.0)
    for at in (101.0, 105.0, 109.0):
        breaker.failed(Turn.FREE, at)
        breaker.answered(Turn.FREE, at)
    assert breaker.opened_at == 100.0
    assert breaker.admit(110.0) is Turn.PROBE


@given(
    st.floats(min_value=0, max_value=2),
    st.integers(min_value=6, max_value=200),
    st.floats(min_value=0.1, max_value=1.4),
)
def test_it_does_not_flap_under_a_system_that_flaps(phase: float, rate: int, up_s: float) -> None:
    """F-28: a system up and down by turns, some hundred inquiries a second: it opens once and stays open."""
    breaker = Breaker(LIMITS)
    for n in range(int(120 * rate)):
        now = 1000.0 + n / rate
        turn = breaker.admit(now)
        if turn is None:
            continue
        if (now + phase) % (up_s + 1.0) < up_s:
            breaker.answered(turn, now)
        else:
            breaker.failed(turn, now)
    assert breaker.openings == 1
    assert breaker.opened_at is not None


def test_it_closes_once_the_flapping_has_stopped() -> None:
    """Within a rest and a trial."""
    breaker = opened(100.0)
    at = 100.0
    while breaker.opened_at is not None and at < 200:
        at += 0.1
        turn = breaker.admit(at)
        if turn is not None:
            breaker.answered(turn, at)
    assert at < 100 + LIMITS.breaker_rest_s + LIMITS.breaker_trial_s + 1


def test_no_trial_closes_at_the_first_answer() -> None:
    """A row may say so: 1 answer over 0 s."""
    breaker = Breaker(dataclasses.replace(LIMITS, breaker_trial_answers=1, breaker_trial_s=0.0))
    for _ in range(5):
        failed(breaker, 0.0)
    answered(breaker, 10.0)
    assert breaker.opened_at is None
