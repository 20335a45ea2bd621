"""Reading a feed of police work: one JSON object a line, or every fault of every line at once.

It reads text and keeps nothing; `receive.py` enters and stores. Form: decisions.md 13 (NDJSON, upsert by
source id).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache

import msgspec
from msgspec import NODEFAULT

from openclets.duty.work import KINDS, Assignment, Broadcast, DutyRecord, Incident, Shift, Unit
from openclets.foundation.errors import BadInput, Fault

LINES_MAX = 20_000
LINE_BYTES_MAX = 8_192
FAULTS_MAX = 200
"""Faults listed; beyond it the last fault says how many more there are."""
AHEAD_MAX = timedelta(days=400)
"""Rosters and court days are known ahead, but not years ahead: a wrong year is caught here."""


@dataclass(frozen=True, slots=True)
class FeedRead:
    """A feed that read without fault. A record that came twice is there once, as it came last."""

    records: tuple[DutyRecord, ...]
    lines: int

    def counts(self) -> dict[str, int]:
        """Records by kind."""
        return dict(Counter(str(type(record).__struct_config__.tag) for record in self.records))


def read_line(line: bytes, number: int, now: datetime) -> DutyRecord | tuple[Fault, ...]:
    """One line as the noun it is, or all that is wrong with it. `number` counts lines from 1."""
    where = f"line {number}"
    if len(line) > LINE_BYTES_MAX:
        return (
            Fault(where, f"is longer than {LINE_BYTES_MAX} bytes", "send one fact a line", "LINE_TOO_LONG"),
        )
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return (
            Fault(where, f"is not JSON in UTF-8 ({error})", "send one JSON object a line", "JSON_INVALID"),
        )
    if not isinstance(found, dict):
        return (Fault(where, "is not a JSON object", "send one JSON object a line", "JSON_INVALID"),)
    kind = found.pop("kind", None)
    noun = KINDS.get(kind) if isinstance(kind, str) else None
    if noun is None:
        return (_unknown(f"{where} kind", str(kind), tuple(KINDS), "KIND_UNKNOWN"),)
    faults = tuple(_field_faults(where, noun, found))
    if faults:
        return faults
    record = msgspec.convert(found, noun)
    return tuple(_order_faults(where, record, now)) or record


def read_feed(lines: Iterable[bytes], now: datetime, *, agencies: frozenset[str] | None = None) -> FeedRead:
    """Every line, or BadInput with the faults of all. Blank lines are skipped.

    `agencies` are the ORIs the sender may speak for; None is any.
    """
    records: dict[tuple[type[DutyRecord], str], DutyRecord] = {}
    faults: list[Fault] = []
    count = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        count += 1
        if count > LINES_MAX:
            remedy = f"send at most {LINES_MAX} lines at a time"
            faults.append(Fault(f"line {number}", "is one line too many", remedy, "FEED_TOO_LONG"))
            break
        read = read_line(line, number, now)
        if isinstance(read, tuple):
            faults.extend(read)
        elif agencies is not None and read.agency_ori not in agencies:
            remedy = "send only the work of agencies this system was enrolled for"
            faults.append(
                Fault(
                    f"line {number} agency_ori", f"{read.agency_ori} is not yours", remedy, "AGENCY_NOT_YOURS"
                )
            )
        else:
            records[type(read), read.id] = read
    if faults:
        raise BadInput(_first(faults))
    return FeedRead(tuple(records.values()), count)


def _first(faults: list[Fault]) -> tuple[Fault, ...]:
    if len(faults) <= FAULTS_MAX:
        return tuple(faults)
    rest = Fault(
        "feed",
        f"{len(faults) - FAULTS_MAX} faults more",
        "correct those listed and send again",
        "FAULTS_MANY",
    )
    return (*faults[:FAULTS_MAX], rest)


@cache
def _fields(noun: type[DutyRecord]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(noun)}


def _field_faults(where: str, noun: type[DutyRecord], found: dict[str, object]) -> Iterator[Fault]:
    fields = _fields(noun)
    for name in found:
        if name not in fields:
            yield _unknown(f"{where} {name}", name, tuple(fields), "FIELD_UNKNOWN")
    for name, field in fields.items():
        if name not in found:
            if field.default is NODEFAULT:
                yield Fault(f"{where} {name}", "is missing", f"add `{name}`", "FIELD_MISSING")
            continue
        try:
            msgspec.convert(found[name], field.type)
        except msgspec.ValidationError as error:
            yield Fault(f"{where} {name}", str(error), _remedy(name), "FIELD_INVALID")
        else:
            value = found[name]
            if isinstance(value, str) and not value.isprintable():
                yield Fault(
                    f"{where} {name}", "holds control characters", "send plain text", "CHARACTER_INVALID"
                )


def _remedy(name: str) -> str:
    if name in {"opened", "closed", "starts", "ends", "at"}:
        return "send RFC 3339 with its offset, e.g. 2026-11-22T17:18:49Z"
    if name == "agency_ori":
        return "send the nine characters of the agency's ORI"
    return "see docs/reference/duty-feed.md"


def _order_faults(where: str, record: DutyRecord, now: datetime) -> Iterator[Fault]:
    first, last, name = _span(record)
    if first is not None and last is not None and last < first:
        yield Fault(
            f"{where} {name}", "is before the beginning", "send the end after the beginning", "TIMES_REVERSED"
        )
    if first is not None and first > now + AHEAD_MAX:
        yield Fault(
            f"{where}", f"begins more than {AHEAD_MAX.days} days ahead", "check the year", "TIME_TOO_FAR"
        )


def _span(record: DutyRecord) -> tuple[datetime | None, datetime | None, str]:
    if isinstance(record, Incident):
        return record.opened, record.closed, "closed"
    if isinstance(record, Shift | Assignment | Broadcast | Unit):
        return record.starts, record.ends, "ends"
    return None, None, ""


def _unknown(field: str, word: str, known: tuple[str, ...], code: str) -> Fault:
    near = get_close_matches(word, known, n=1)
    remedy = f"did you mean `{near[0]}`?" if near else f"use one of: {', '.join(known)}"
    return Fault(field, f"{word!r} is not known", remedy, code)
