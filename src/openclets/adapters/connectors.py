"""How each record system is asked, as data: deadlines, lines, breaker, retry, answer size, hours, cache.

Table: `connectors.toml`; rule: security.md 2.2 (connector table: data, not code). A row that could harm is
not taken: one that lets nothing through, repeats an entry, or keeps answers about people.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openclets.adapters.hours import WEEKDAYS, Hours, Span, read_span
from openclets.foundation.errors import BadInput, BrokenInvariant, Fault
from openclets.records.query import MessageClass

NOT_KEPT = "none"
"""The one value of `cache`: personal records are not kept (security.md 2.2)."""

RETRY_MAX = 1
"""An inquiry may be sent once more within its deadline; more would be a storm when a system comes back."""

_ABOVE_ZERO = (
    "connect_s",
    "answer_s",
    "in_flight_max",
    "breaker_faults",
    "breaker_window_s",
    "breaker_rest_s",
    "breaker_trial_answers",
    "answer_bytes_max",
)
_ZERO_OR_MORE = ("waiting_max", "breaker_trial_s")
_CODE = "SETTING_INVALID"


@dataclass(frozen=True, slots=True)
class ConnectorLimits:
    """One row of `connectors.toml`. Times in seconds, sizes in bytes; what each means stands there."""

    name: str
    connect_s: float
    answer_s: float
    in_flight_max: int
    waiting_max: int
    breaker_faults: int
    breaker_window_s: float
    breaker_rest_s: float
    breaker_trial_answers: int
    breaker_trial_s: float
    answer_bytes_max: int
    retry: Mapping[MessageClass, int]
    hours: Hours
    cache: str
    unavailable_text: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ConnectorTable:
    """The whole table: calendars by name, rows in the order written."""

    calendars: Mapping[str, Hours]
    rows: tuple[ConnectorLimits, ...]

    def limits_for(self, system: str) -> ConnectorLimits:
        """The limits of one record system. Raises BrokenInvariant when no row covers it."""
        covering = [
            row
            for row in self.rows
            if row.name == system or (row.name.endswith("*") and system.startswith(row.name[:-1]))
        ]
        if not covering:
            raise BrokenInvariant(f"connectors.toml has no row for {system}")
        return max(covering, key=lambda row: len(row.name))


@cache
def connector_table() -> ConnectorTable:
    """The shipped table. Raises BadInput with every fault of every row."""
    return read_connectors((files("openclets.adapters") / "connectors.toml").read_text("utf-8"))


@cache
def limits_for(system: str) -> ConnectorLimits:
    """The limits of one record system by the shipped table."""
    return connector_table().limits_for(system)


def read_connectors(text: str) -> ConnectorTable:
    """The table in `text`. Raises BadInput (`SETTING_INVALID`) with every fault of every row."""
    written = tomllib.loads(text)
    faults: list[Fault] = []
    calendars = {
        str(row.get("name")): _calendar(row, f"calendar {row.get('name', n)}", faults)
        for n, row in enumerate(written.get("calendar", []), 1)
    }
    rows = [
        _connector(row, f"connector {row.get('name', n)}", calendars, faults)
        for n, row in enumerate(written.get("connector", []), 1)
    ]
    named = [row.get("name") for row in written.get("connector", [])]
    for twice in sorted({str(name) for name in named if named.count(name) > 1}):
        faults.append(Fault(f"connector {twice}", "stands there twice", "keep one row", _CODE))
    if faults:
        raise BadInput(tuple(faults), _CODE)
    return ConnectorTable(
        {name: hours for name, hours in calendars.items() if hours is not None},
        tuple(row for row in rows if row is not None),
    )


def _connector(
    row: Mapping[str, Any], where: str, calendars: Mapping[str, Hours | None], faults: list[Fault]
) -> ConnectorLimits | None:
    before = len(faults)

    def fault(member: str, said: str, remedy: str) -> None:
        faults.append(Fault(f"{where}: {member}", said, remedy, _CODE))

    _same_members(row, ConnectorLimits, where, faults)
    for member in (*_ABOVE_ZERO, *_ZERO_OR_MORE):
        value = row.get(member)
        if value is None:
            continue
        least = "0 or more" if member in _ZERO_OR_MORE else "above 0"
        whole = not member.endswith("_s")
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            fault(member, f"is {value!r}", f"write a {'whole ' if whole else ''}number {least}")
        elif value < 0 or (value == 0 and member in _ABOVE_ZERO):
            fault(member, f"is {value}, which lets nothing through", f"write a number {least}")
    retry = row.get("retry", {})
    if not isinstance(retry, dict) or set(retry) != set(MessageClass):
        fault("retry", f"is {retry!r}", f"give a number for each of {', '.join(MessageClass)}")
    else:
        if retry[MessageClass.ENTRY] != 0:
            fault("retry", "sends an entry again, which may have taken effect", "write entry = 0")
        if retry[MessageClass.INQUIRY] not in range(RETRY_MAX + 1):
            fault("retry", f"is {retry[MessageClass.INQUIRY]!r} for an inquiry", f"write 0 to {RETRY_MAX}")
    if row.get("cache", NOT_KEPT) != NOT_KEPT:
        fault("cache", f"is {row['cache']!r}: records about people would be kept", f'write "{NOT_KEPT}"')
    if "hours" in row and row["hours"] not in calendars:
        fault("hours", f"names no calendar: {row['hours']!r}", f"name one of {', '.join(calendars)}")
    for member in ("unavailable_text", "evidence", "name"):
        if not isinstance(row.get(member), str) or not row[member].strip():
            fault(member, "says nothing", "write a text")
    if "NOT A NEGATIVE" not in str(row.get("unavailable_text", "")).upper():
        fault("unavailable_text", "could be read as a negative", "say that it is NOT A NEGATIVE RESPONSE")
    hours = calendars.get(str(row.get("hours")))
    if len(faults) > before or hours is None:
        return None
    by_class = {MessageClass(name): times for name, times in retry.items()}
    return ConnectorLimits(**{**row, "retry": by_class, "hours": hours})


def _calendar(row: Mapping[str, Any], where: str, faults: list[Fault]) -> Hours | None:
    before = len(faults)

    def fault(member: str, said: object, remedy: str) -> None:
        faults.append(Fault(f"{where}: {member}", str(said), remedy, _CODE))

    try:
        ZoneInfo(str(row.get("zone")))
    except (ZoneInfoNotFoundError, ValueError):
        fault("zone", f"no such zone: {row.get('zone')!r}", "name a zone of the IANA database")
    spans: dict[int, tuple[Span, ...]] = {}
    for day, texts in dict(row.get("open", {})).items():
        if day not in WEEKDAYS:
            fault("open", f"{day} is no weekday", f"write {', '.join(WEEKDAYS)}")
            continue
        try:
            spans[WEEKDAYS.index(day)] = tuple(read_span(str(text)) for text in texts)
        except ValueError as wrong:
            fault(f"open.{day}", wrong, "write spans as 08:00-17:00; 24:00 is the end of the day")
    closed: set[date] = set()
    for text in row.get("closed_on", []):
        try:
            closed.add(date.fromisoformat(str(text)))
        except ValueError as wrong:
            fault("closed_on", wrong, "write days as 2026-12-25")
    if not spans:
        fault("open", "no day is open", "give at least one day with a span")
    if not str(row.get("evidence", "")).strip():
        fault("evidence", "says nothing", "say where it is from")
    if len(faults) > before:
        return None
    whole_day = (read_span("00:00-24:00"),)
    always = not closed and all(spans.get(day) == whole_day for day in range(7))
    return Hours(str(row["name"]), str(row["zone"]), spans, frozenset(closed), always)


def _same_members(row: Mapping[str, Any], shape: type, where: str, faults: list[Fault]) -> None:
    wanted = set(get_type_hints(shape))
    for missing in sorted(wanted - set(row)):
        faults.append(Fault(f"{where}: {missing}", "is missing", "write it", _CODE))
    for unknown in sorted(set(row) - wanted):
        faults.append(Fault(f"{where}: {unknown}", "is not known here", "take it out", _CODE))
