"""Who is entitled to transact now, and why not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from directory.places import CAR, CITY, DESK, ELSEWHERE, NOON, OFFICER, view
from openclets.directory.standing import check_standing, days_left, standing_rules


def _faults(now: datetime = NOON, at: str | None = DESK.mnemonic, **changes: Any) -> list[str]:
    return [rule.id for rule in check_standing(view(**changes), OFFICER.id, at, now).faults]


def test_an_operator_in_order_may_transact() -> None:
    """Agreement current, operator certified, terminal enrolled, nobody suspended: no fault."""
    standing = check_standing(view(), OFFICER.id, DESK.mnemonic, NOON)
    assert standing.entitled
    assert standing.operator == OFFICER
    assert standing.agency == CITY
    assert standing.terminal == DESK


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"officer": {"suspended": True}}, "operator-suspended"),
        ({"officer": {"training_until": date(2026, 11, 21)}}, "training-expired"),
        ({"agency": {"suspended": True}}, "agency-suspended"),
        ({"agency": {"agreement_until": None}}, "agreement-not-current"),
        ({"agency": {"agreement_until": date(2026, 11, 21)}}, "agreement-not-current"),
        ({"terminal": {"enrolled": False}}, "terminal-enrolled"),
    ],
)
def test_each_fault_keeps_out_and_is_named(changes: dict[str, Any], fault: str) -> None:
    """One thing changed, one fault, with its words and its citation."""
    assert _faults(**changes) == [fault]
    rule = standing_rules()[fault]
    assert rule.text
    assert rule.citation


def test_every_fault_is_said_at_once() -> None:
    """Whoever must mend it sees all of it."""
    faults = _faults(
        officer={"suspended": True}, agency={"agreement_until": None}, terminal={"enrolled": False}
    )
    assert faults == ["operator-suspended", "agreement-not-current", "terminal-enrolled"]


def test_operators_and_terminals_nobody_knows_are_faults_not_failures() -> None:
    """Unknown ids are answered like any other fault."""
    assert [r.id for r in check_standing(view(), "NOBODY", DESK.mnemonic, NOON).faults] == ["operator-known"]
    assert _faults(at="ABSENT01") == ["terminal-known"]
    assert _faults(at=ELSEWHERE.mnemonic) == ["terminal-of-agency"]
    assert _faults(at=CAR.mnemonic) == []


def test_an_operator_who_is_asked_for_needs_no_terminal() -> None:
    """On whose behalf it is asked is checked as if present, but sits nowhere (decisions.md 11)."""
    assert _faults(at=None) == []
    assert _faults(at=None, officer={"suspended": True}) == ["operator-suspended"]


def test_certification_holds_to_the_end_of_its_last_day_where_the_agency_is() -> None:
    """Midnight is the agency's, not UTC's: both sides of it on one set-up (decisions.md 22)."""
    last = {"officer": {"training_until": date(2026, 11, 22)}}
    midnight = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert _faults(midnight - timedelta(microseconds=1), **last) == []
    assert _faults(midnight, **last) == ["training-expired"]
    assert days_left(view(**last).operators[OFFICER.id], CITY, midnight) == -1


def test_the_day_is_right_across_the_change_of_the_clocks() -> None:
    """On November 1, 2026 clocks go back; the day that ends is still the agency's."""
    last = {"officer": {"training_until": date(2026, 11, 1)}}
    assert _faults(datetime(2026, 11, 2, 7, 59, tzinfo=UTC), **last) == []
    assert _faults(datetime(2026, 11, 2, 8, 0, tzinfo=UTC), **last) == ["training-expired"]
