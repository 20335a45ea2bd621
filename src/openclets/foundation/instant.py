"""A moment as somebody wrote it, read into UTC: RFC 3339 text, or a wall-clock time of a named zone.

Wall-clock times are what dispatch systems send. Twice a year a zone has an hour that comes twice or not at
all; the one needs saying which is meant, the other is refused (RFC 3339; decisions on time: stored in UTC,
shown in the agency's zone).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from openclets.foundation.errors import BadInput, Fault

_FORM = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d):(?P<second>\d\d)(?P<part>\.\d{1,6})?"
    r"(?P<zone>[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
YEAR_FIRST, YEAR_LAST = 1000, 9998
"""Beyond these, UTC and a zone may not both have the moment."""

_OFFSET_MAX = timedelta(hours=14)
"""No place on earth keeps a time further from UTC."""


@dataclass(frozen=True, slots=True)
class Instant:
    """`at` in UTC; `offset` from UTC as it was written or as the zone then had it; `leap_second` where
    second 60 was written and 59 is kept; `ambiguous` where the zone had that hour twice."""

    at: datetime
    offset: timedelta
    leap_second: bool = False
    ambiguous: bool = False


def read_instant(
    text: str, *, zone: str | None = None, second_time: bool = False, field: str = "at"
) -> Instant:
    """Read `text`. Without an offset in it, `zone` (an IANA name) is needed; `second_time` picks the later
    of an hour that comes twice.

    Raises BadInput: DATE_FORM, DATE_INVALID, DATE_ZONE (no zone, or one that cannot be), DATE_GAP (a time
    that the zone's clocks skipped).
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise _bad(
            field, "is not written as CCYY-MM-DDThh:mm:ss", "write it so, with Z or an offset", "DATE_FORM"
        )
    leap = match["second"] == "60"
    second = "59" if leap else match["second"]
    try:
        wall = datetime.fromisoformat(f"{match['day']}T{match['time']}:{second}{match['part'] or ''}")
        if not YEAR_FIRST <= wall.year <= YEAR_LAST:
            raise ValueError
    except ValueError:
        raise _bad(field, "is not a moment of the calendar", "check day and time", "DATE_INVALID") from None
    if match["zone"]:
        offset = _offset(match["zone"], field)
        return Instant(wall.replace(tzinfo=timezone(offset)).astimezone(UTC), offset, leap)
    if zone is None:
        raise _bad(field, "has no zone", "end it with Z or an offset such as -08:00", "DATE_ZONE")
    return _in_zone(wall, ZoneInfo(zone), second_time, leap, field)


def _offset(written: str, field: str) -> timedelta:
    if written in "Zz":
        return timedelta()
    hours, minutes = int(written[1:3]), int(written[4:])
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > _OFFSET_MAX:
        raise _bad(
            field, "has an offset that no place keeps", "write an offset from -14:00 to +14:00", "DATE_ZONE"
        )
    return -offset if written[0] == "-" else offset


def _in_zone(wall: datetime, zone: ZoneInfo, second_time: bool, leap: bool, field: str) -> Instant:
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    ambiguous = first.utcoffset() != second.utcoffset()
    chosen = second if second_time and ambiguous else first
    at = chosen.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        said = f"did not happen: clocks of {zone.key} skipped it"
        raise _bad(field, said, "write the time the clock showed, or UTC with Z", "DATE_GAP")
    return Instant(at, chosen.utcoffset() or timedelta(), leap, ambiguous)


def _bad(field: str, said: str, remedy: str, code: str) -> BadInput:
    return BadInput((Fault(field, said, remedy, code),))
