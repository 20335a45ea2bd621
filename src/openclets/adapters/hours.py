"""When a record system is asked: a calendar of weekdays, hours and closed days in the system's own time zone.

Pure: it is told the time. Table: `connectors.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD = 400
"""How far the next opening is looked for: a year of closed days, and a month."""

_LAST = time.max


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` up to, not including, `ends`; None is the end of the day."""

    begins: time
    ends: time | None


@dataclass(frozen=True, slots=True)
class Hours:
    """A row of `connectors.toml`. `open` holds each weekday's spans (0 is Monday)."""

    name: str
    zone: str
    open: Mapping[int, tuple[Span, ...]]
    closed_on: frozenset[date]
    always: bool

    def is_open(self, at: datetime) -> bool:
        """Whether it is asked at `at` (aware)."""
        if self.always:
            return True
        local = at.astimezone(ZoneInfo(self.zone))
        wall = local.time()
        return local.date() not in self.closed_on and any(
            span.begins <= wall and (span.ends is None or wall < span.ends)
            for span in self.open.get(local.weekday(), ())
        )

    def opens_next(self, at: datetime) -> datetime | None:
        """The first opening after `at`, in the system's zone; None where there is none within DAYS_AHEAD."""
        zone = ZoneInfo(self.zone)
        first = at.astimezone(zone).date()
        for ahead in range(DAYS_AHEAD):
            day = first + timedelta(days=ahead)
            if day in self.closed_on:
                continue
            for span in self.open.get(day.weekday(), ()):
                # Through UTC, so that an hour which the clock skips becomes the one it shows instead.
                opening = datetime.combine(day, span.begins, zone).astimezone(UTC)
                if opening > at and self.is_open(opening):
                    return opening.astimezone(zone)
        return None


def closed_words(hours: Hours, at: datetime) -> str:
    """Why a leg is not asked at `at`, which is outside the hours."""
    opening = hours.opens_next(at)
    again = f"; it is asked again from {opening:%a %Y-%m-%d %H:%M %Z}" if opening else ""
    return f"closed: outside its hours ({hours.name}, {hours.zone}){again}"


def read_span(text: str) -> Span:
    """A span as written, `08:00-17:00`; `24:00` is the end of the day. Raises ValueError."""
    begins, _, ends = text.partition("-")
    span = Span(time.fromisoformat(begins), None if ends == "24:00" else time.fromisoformat(ends))
    if span.begins >= (span.ends or _LAST):
        raise ValueError(f"{text} ends before it begins")
    return span
