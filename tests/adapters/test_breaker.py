"""The breaker: when a record system is left alone, and when it is tried again."""

from __future__ import annotations

from openclets.adapters.breaker import Breaker
from openclets.adapters.connectors import connector_rows, limits_for

LIMITS = limits_for("ncic.vehicle")


def opened(at: float = 100.0) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.breaker_faults):
        breaker.failed(at)
    return breaker


def test_it_opens_at_the_fifth_fault_and_not_before() -> None:
    """Five faults within thirty seconds (security.md 2.2)."""
    breaker = Breaker(LIMITS)
    for n in range(4):
        breaker.failed(100.0 + n)
        assert breaker.admits(105.0)
    breaker.failed(104.0)
    assert not breaker.admits(105.0)


def test_faults_further_apart_than_the_window_do_not_open_it() -> None:
    """The fifth fault counts with those of the last thirty seconds."""
    breaker = Breaker(LIMITS)
    for at in (0.0, 10.0, 20.0, 30.0, 30.1):
        breaker.failed(at)
    assert breaker.admits(31.0)


def test_an_answer_between_faults_begins_the_count_anew() -> None:
    """A system that answers is not down."""
    breaker = Breaker(LIMITS)
    for _ in range(4):
        breaker.failed(100.0)
    breaker.answered()
    breaker.failed(100.0)
    assert breaker.admits(100.0)


def test_one_probe_goes_through_after_each_rest() -> None:
    """Half-open: one at a time; its failure rests again, its answer closes."""
    breaker = opened(100.0)

    assert not breaker.admits(109.9)
    assert breaker.admits(110.0)
    assert not breaker.admits(110.0)
    breaker.failed(111.0)
    assert not breaker.admits(120.9)
    assert breaker.admits(121.0)
    breaker.answered()
    assert breaker.admits(121.0) and breaker.admits(121.0)


def test_a_probe_given_up_by_its_asker_lets_another_through() -> None:
    """A canceled asker says nothing about the system."""
    breaker = opened(100.0)

    assert breaker.admits(110.0)
    breaker.let_go()
    assert breaker.admits(110.0)


def test_the_nearest_row_of_the_table_holds() -> None:
    """The longest name that covers a system; every system is covered."""
    assert limits_for("ncic.iii_index").name == "ncic.*"
    assert limits_for("or.vehicle").name == "*"
    assert len({row.name for row in connector_rows()}) == len(connector_rows())
