"""The reference page of the connector table: `python -m openclets.adapters.connectors_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from openclets.adapters.connectors import ConnectorTable, connector_table
from openclets.adapters.hours import WEEKDAYS, Span
from openclets.records.query import MessageClass

_HEAD = """\
# How record systems are asked

Printed from `src/openclets/adapters/connectors.toml`. Don't edit this page: run `make docs`
(`python -m openclets.adapters.connectors_page > docs/reference/connectors.md`).

- A row holds for the system of its name or, ending in `.*`, for every system whose name begins so; the
  longest match holds.
- Every row is checked when the table is read; what is wrong is told all at once, and nothing starts.
- **Lines**: so many inquiries are under way at a time, so many more wait for a free line within their own
  deadline. Who finds both full is told `UNAVAILABLE` at once.
- **Breaker**: it opens after so many faults, one after the other, within its window. Open, legs are
  `NOT_ASKED` with the reason, and one probe goes after each rest. It closes when enough probes were answered
  without a fault for long enough: a system that flaps is left alone until it stops.
- **Sent again**: an inquiry, once at most, when the connection failed before any answer, within its deadline.
  An entry never: it may have taken effect.
- **Hours**: outside them the leg is `NOT_ASKED` and says when the system is asked again.
- **Cache**: none. What was answered about a person yesterday is no answer today; no row may say otherwise.
- A system that is silent, cut off, unreadable or left alone prints its text, which says that it is no
  negative.
"""


def connectors_page(table: ConnectorTable) -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_limits(table), *_breakers(table), *_texts(table), *_calendars(table)])


def _limits(table: ConnectorTable) -> Iterator[str]:
    yield "## Deadlines and lines\n"
    yield "| systems | connect | answer | at a time | waiting | largest answer | sent again: inquiry, entry |"
    yield "|---|---|---|---|---|---|---|"
    for row in table.rows:
        retry = f"{row.retry[MessageClass.INQUIRY]}, {row.retry[MessageClass.ENTRY]}"
        yield (
            f"| `{row.name}` | {row.connect_s:g} s | {row.answer_s:g} s | {row.in_flight_max:,}"
            f" | {row.waiting_max:,} | {row.answer_bytes_max:,} bytes | {retry} |"
        )
    yield ""


def _breakers(table: ConnectorTable) -> Iterator[str]:
    yield "## Breaker, hours, cache\n"
    yield "| systems | opens after | a probe each | closes after | hours | cache | evidence |"
    yield "|---|---|---|---|---|---|---|"
    for row in table.rows:
        closes = f"{row.breaker_trial_answers} answers over {row.breaker_trial_s:g} s"
        yield (
            f"| `{row.name}` | {row.breaker_faults} faults in {row.breaker_window_s:g} s"
            f" | {row.breaker_rest_s:g} s | {closes} | `{row.hours.name}` | {row.cache} | {row.evidence} |"
        )
    yield ""


def _texts(table: ConnectorTable) -> Iterator[str]:
    yield "## What is printed when a system does not answer\n"
    yield "| systems | text |"
    yield "|---|---|"
    yield from (f"| `{row.name}` | {row.unavailable_text} |" for row in table.rows)
    yield ""


def _calendars(table: ConnectorTable) -> Iterator[str]:
    yield "## Calendars\n"
    yield "| calendar | zone | open | closed on |"
    yield "|---|---|---|---|"
    for hours in table.calendars.values():
        days = "; ".join(
            f"{WEEKDAYS[day]} {', '.join(_span(span) for span in spans)}"
            for day, spans in sorted(hours.open.items())
        )
        shown = "always" if hours.always else days
        closed = ", ".join(day.isoformat() for day in sorted(hours.closed_on)) or "–"
        yield f"| `{hours.name}` | {hours.zone} | {shown} | {closed} |"


def _span(span: Span) -> str:
    return f"{span.begins:%H:%M}–{f'{span.ends:%H:%M}' if span.ends else '24:00'}"


if __name__ == "__main__":
    sys.stdout.write(connectors_page(connector_table()) + "\n")
