"""A whole answer as text: header, records one after another with why they matched, or what was not found.

A negative echoes what was searched and names the scope, so that a typing error is seen (messages.md 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from openclets.adapters.synthetic.systems import SystemRow
from openclets.adapters.synthetic.texts.layout import print_record
from openclets.foundation.clock import Clock
from openclets.records.answer import Record
from openclets.records.query import Query

HOME_ZONE = ZoneInfo("America/Los_Angeles")
_PERSON = ("SEX", "RAC", "EBS", "ENS")


@dataclass(frozen=True, slots=True)
class Moment:
    """The local minute an answer is made: `today` CCYYMMDD for legal days, and the line printed under a
    header.
    """

    today: str
    printed: str


class MomentOf:
    """The present Moment; made anew when the minute turns, since printing one costs more than asking the
    time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minute: datetime | None = None
        self._moment = Moment("", "")

    def __call__(self) -> Moment:
        minute = self._clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:
            local = minute.astimezone(HOME_ZONE)
            self._moment = Moment(f"{local:%Y%m%d}", f"DATE:{local:%m/%d/%y} TIME:{local:%H:%M}")
            self._minute = minute
        return self._moment


def print_records(
    row: SystemRow, query: Query, records: Sequence[Record], moment: Moment, left_out: int
) -> str:
    """The text of an answer that holds records. `left_out` counts matches that were too many to send."""
    lines = _header(row, query, moment)
    several = len(records) > 1
    for n, record in enumerate(records, 1):
        if several:
            lines.append(f"RECORD {n} OF {len(records)}")
        lines += print_record(record)
        lines.append(f"MATCHED ON: {record.matched_on}")
    if left_out:
        lines.append(f"*** {left_out} MORE NOT SENT - NARROW THE INQUIRY ***")
    return "\n".join(lines)


def print_negative(row: SystemRow, query: Query, moment: Moment) -> str:
    """The text of an answer that holds none: the identifiers searched, and what was searched."""
    lines = _header(row, query, moment)
    lines.append(f"{row.negative}  {_echo(row, query)}")
    lines.append(f"*{row.scope}*")
    return "\n".join(lines)


def _header(row: SystemRow, query: Query, moment: Moment) -> list[str]:
    if not row.header:
        return []
    header = row.headers.get(query.message_key, row.header)
    return [f"{header.ljust(46)} *REF{query.transaction[-10:].upper()}", moment.printed]


def _echo(row: SystemRow, query: Query) -> str:
    fields = query.fields
    echoed: list[str] = []
    for wanted in row.search:
        if wanted.code in fields:
            echoed.append(f"{wanted.code}/{fields[wanted.code]}")
            if wanted.state in fields:
                echoed.append(f"{wanted.state}/{fields[wanted.state]}")
    if echoed:
        return " ".join(echoed + [f"{code}/{fields[code]}" for code in row.narrowed_by if code in fields])
    for pair in row.names:
        if pair[0] in fields and pair[1] in fields:
            codes = pair + _PERSON if pair[0] == "NAM" else pair
            return " ".join([f"{code}/{fields[code]}" for code in codes if code in fields])
    return " ".join(f"{code}/{value}" for code, value in fields.items())
