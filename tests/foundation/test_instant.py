"""Moments as they are written, read into UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.foundation.clock import rfc3339
from openclets.foundation.errors import BadInput
from openclets.foundation.instant import read_instant

ZONE = "America/Los_Angeles"


@given(st.integers(-30_000_000_000, 250_000_000_000))
def test_a_printed_moment_reads_as_itself(second):
    """RFC 3339 out and in, to the microsecond."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second, microseconds=second % 1_000_000)
    assert read_instant(rfc3339(at)).at == at


def test_an_offset_is_kept_beside_the_moment():
    """Stored in UTC; how it was written is not lost."""
    read = read_instant("2026-11-22T10:00:00-08:00")
    assert read.at == datetime(2026, 11, 22, 18, tzinfo=UTC)
    assert read.offset == timedelta(hours=-8)


def test_an_hour_that_comes_twice_is_two_moments():
    """The last hour of summer time: the first of the two unless the second is said."""
    first = read_instant("2026-11-01T01:30:00", zone=ZONE)
    second = read_instant("2026-11-01T01:30:00", zone=ZONE, second_time=True)
    assert (first.at.hour, second.at.hour) == (8, 9)
    assert first.ambiguous and second.ambiguous
    assert not read_instant("2026-11-01T03:30:00", zone=ZONE, second_time=True).ambiguous


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-03-08T02:30:00", "DATE_GAP"),
        ("2026-11-22T10:00:00+99:00", "DATE_ZONE"),
        ("2026-11-22T10:00:00+14:30", "DATE_ZONE"),
        ("2026-11-22T10:00:00+05:60", "DATE_ZONE"),
        ("2026-02-30T10:00:00Z", "DATE_INVALID"),
        ("2026-11-22T25:00:00Z", "DATE_INVALID"),
        ("0001-01-01T00:00:00+14:00", "DATE_INVALID"),
        ("9999-12-31T23:59:59-14:00", "DATE_INVALID"),
        ("2026-11-22T10:00:61Z", "DATE_INVALID"),
        ("1/2/2016 10:00", "DATE_FORM"),
        ("２０２６-11-22T10:00:00Z", "DATE_FORM"),
        ("", "DATE_FORM"),
    ],
)
def test_what_is_no_moment_is_refused(text, code):
    """A skipped hour, an offset no place keeps, no day, no form."""
    with pytest.raises(BadInput) as caught:
        read_instant(text, zone=ZONE)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_a_time_without_a_zone_is_refused():
    """Nobody can say which moment it was."""
    with pytest.raises(BadInput) as caught:
        read_instant("2026-11-22T10:00:00")
    assert caught.value.faults[0].code == "DATE_ZONE"


def test_a_leap_second_is_kept_as_the_second_before_and_said():
    """Second 60 exists; our clocks do not hold it."""
    read = read_instant("2026-12-31T23:59:60Z")
    assert read.leap_second
    assert read.at == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
