"""Turning one column as it came into the type it must have, with the rows that will not turn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openclets.exchange.tables import Column, ColumnType
from openclets.foundation.errors import Fault

ROWS_NAMED = 5
"""How many bad rows of a column are named; the rest are counted."""
_INSTANT = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$"
_ZONED = r"(Z|[+-]\d{2}:?\d{2})$"
_INTEGER = r"^[+-]?\d{1,18}$"
_REMEDY = {
    ColumnType.TEXT: "send text",
    ColumnType.INTEGER: "send a whole number",
    ColumnType.INSTANT: "send RFC 3339 in UTC, e.g. 2026-11-22T17:18:49.000000Z",
    ColumnType.TEXTS: "send a list of text",
}


def convert(raw: Any, column: Column, table: str) -> tuple[Any, list[Fault]]:
    """`raw` in the column's type, and what is wrong with it. Where there are faults the first value means
    nothing."""
    where = f"{table}.{column.name}"
    typed, bad = _typed(raw, column)
    faults = _at_rows(
        where, bad, raw, f"is not {_article(column.type)}", _REMEDY[column.type], "VALUE_INVALID"
    )
    if typed is None:
        return pa.nulls(len(raw), column.arrow), faults
    if column.required:
        missing = sorted(set(_rows(pc.is_null(typed))) - set(bad))
        faults += _at_rows(where, missing, raw, "is empty", f"fill in {column.meaning}", "VALUE_MISSING")
    if column.values:
        outside = _rows(
            pc.and_(pc.is_valid(typed), pc.invert(pc.is_in(typed, value_set=pa.array(column.values))))
        )
        remedy = f"use one of: {', '.join(column.values)}"
        faults += _at_rows(where, outside, raw, "is not a word of this column", remedy, "VALUE_UNKNOWN")
    return typed, faults


def _typed(raw: Any, column: Column) -> tuple[Any, list[int]]:
    """The column typed and the rows that could not be; (None, all rows) when its Arrow type is out of
    place."""
    kind = raw.type
    if pa.types.is_dictionary(kind):
        raw = raw.cast(kind.value_type)
        kind = raw.type
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(raw), column.arrow)]), []
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if column.type is ColumnType.INSTANT:
        if is_text:
            return _instants(raw.cast(pa.string()))
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return _plain(raw, column)
    elif column.type is ColumnType.INTEGER:
        if is_text:
            bad = _rows(_unmatched(raw, _INTEGER))
            return pc.cast(_without(raw, bad), pa.int64()), bad
        if pa.types.is_integer(kind):
            return _plain(raw, column)
    elif column.type is ColumnType.TEXT:
        if is_text or pa.types.is_integer(kind):
            text = raw.cast(pa.string())
            return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text), []
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _plain(raw, column)
    elif is_text:
        return pc.split_pattern(raw.cast(pa.string()), ";"), []
    return None, list(range(len(raw)))


def _plain(raw: Any, column: Column) -> tuple[Any, list[int]]:
    """A cast between like types; finer times than microseconds are cut, a naive time is UTC."""
    try:
        return pc.cast(raw, column.arrow, safe=column.type is not ColumnType.INSTANT), []
    except pa.ArrowException:
        return None, list(range(len(raw)))


def _instants(raw: Any) -> tuple[Any, list[int]]:
    bad = _rows(_unmatched(raw, _INSTANT))
    text = _without(raw, bad)
    dated = pc.if_else(
        pc.equal(pc.utf8_length(text), 10), pc.binary_join_element_wise(text, "T00:00", ""), text
    )
    zoned = pc.if_else(
        pc.match_substring_regex(dated, _ZONED), dated, pc.binary_join_element_wise(dated, "Z", "")
    )
    exact = pc.replace_substring_regex(zoned, r"(\.\d{6})\d+", r"\1")
    try:
        return pc.cast(exact, pa.timestamp("us", tz="UTC")), bad
    except pa.ArrowException:
        # Rare: a day the calendar lacks. Only now is it worth looking row by row.
        bad = sorted({*bad, *(n for n, value in enumerate(exact.to_pylist()) if not _is_instant(value))})
        return pc.cast(_without(exact, bad), pa.timestamp("us", tz="UTC")), bad


def _is_instant(value: str | None) -> bool:
    if value is None:
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _unmatched(raw: Any, pattern: str) -> Any:
    return pc.and_(pc.is_valid(raw), pc.invert(pc.match_substring_regex(raw, pattern)))


def _rows(mask: Any) -> list[int]:
    found: list[int] = pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()
    return found


def _mask(rows: list[int], count: int) -> Any:
    marked = set(rows)
    return pa.array([n in marked for n in range(count)], pa.bool_())


def _without(raw: Any, rows: list[int]) -> Any:
    return raw if not rows else pc.if_else(_mask(rows, len(raw)), pa.scalar(None, raw.type), raw)


def _at_rows(where: str, rows: list[int], raw: Any, fault: str, remedy: str, code: str) -> list[Fault]:
    named = [
        Fault(f"{where} row {n + 1}", f"{_shown(raw[n].as_py())} {fault}".strip(), remedy, code)
        for n in rows[:ROWS_NAMED]
    ]
    if len(rows) > ROWS_NAMED:
        named.append(Fault(where, f"{len(rows) - ROWS_NAMED} more rows: {fault}", remedy, code))
    return named


def _shown(value: object) -> str:
    return "" if value is None else repr(value)[:60]


def _article(kind: ColumnType) -> str:
    return {
        ColumnType.TEXT: "text",
        ColumnType.INTEGER: "a whole number",
        ColumnType.INSTANT: "a time",
        ColumnType.TEXTS: "a list of text",
    }[kind]
