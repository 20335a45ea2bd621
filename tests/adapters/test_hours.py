"""When a record system is asked: its own calendar, in its own zone, over every change of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.adapters.connectors import connector_table
from openclets.adapters.hours import Hours, Span, closed_words, read_span

OFFICE = connector_table().calendars["office"]
PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T16:59:59", True),
        ("2026-11-23T17:00:00", False),
        ("2026-11-22T12:00:00", False),
        ("2026-11-26T12:00:00", False),
    ],
)
def test_an_office_is_open_in_its_hours(local: str, is_open: bool) -> None:
    """Weekdays from eight to five in its own zone, not on Sundays, not on a closed day."""
    at = datetime.fromisoformat(local).replace(tzinfo=PACIFIC)
    assert OFFICE.is_open(at) is is_open
    assert OFFICE.is_open(at.astimezone(UTC)) is is_open


def test_a_closed_leg_says_when_it_is_asked_again() -> None:
    """Over a closed Thursday and Friday, the next opening is Monday's."""
    at = datetime(2026, 11, 25, 18, 0, tzinfo=PACIFIC)
    words = closed_words(OFFICE, at)
    assert words.startswith("closed: outside its hours")
    assert "Mon 2026-11-30 08:00 PST" in words


TWO_YEARS = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(TWO_YEARS)
def test_the_next_opening_is_open_and_the_moment_before_is_not(at: datetime) -> None:
    """Whenever it is asked, over both changes of the clock."""
    opening = OFFICE.opens_next(at)
    assert opening is not None and opening > at
    assert OFFICE.is_open(opening)
    assert not OFFICE.is_open(opening - timedelta(seconds=1))


def test_an_opening_in_the_hour_that_is_skipped_is_the_one_the_clock_shows_instead() -> None:
    """2027-03-14 02:30 does not exist in California."""
    early = Hours(
        "early", "America/Los_Angeles", {6: (Span(time(2, 30), time(9)),)}, frozenset[date](), always=False
    )
    at = datetime(2027, 3, 14, 0, 0, tzinfo=PACIFIC)
    opening = early.opens_next(at)
    assert opening is not None and opening.strftime("%H:%M %Z") == "03:30 PDT"


@pytest.mark.parametrize("text", ["", "08:00", "17:00-08:00", "8-17", "08:00-25:00", "08:00-08:00"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """A span ends after it begins."""
    with pytest.raises(ValueError):
        read_span(text)


def test_a_calendar_without_a_closed_hour_is_open_always() -> None:
    """And costs nothing to ask."""
    always = connector_table().calendars["always"]
    assert always.always and always.is_open(datetime(2026, 12, 25, tzinfo=UTC))
