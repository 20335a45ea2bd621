"""The tables of the exchange, as `tables.toml` names them."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import pyarrow as pa


class ColumnType(StrEnum):
    """What a column holds. Instants are UTC to the microsecond; `texts` is a list of text."""

    TEXT = "text"
    INTEGER = "integer"
    INSTANT = "instant"
    TEXTS = "texts"


_ARROW = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnType.TEXTS: pa.list_(pa.string()),
}


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column: `values` closes the set of what it may hold, where not empty."""

    name: str
    type: ColumnType
    required: bool
    meaning: str
    values: tuple[str, ...] = ()

    @property
    def arrow(self) -> Any:
        """The column's Arrow type."""
        return _ARROW[self.type]


class ExchangeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the exchange. `group` is `in` for what detection reads, `truth` for what only the benchmark
    may.

    `key` columns together name a row once.
    """

    name: str
    group: str
    required: bool
    key: tuple[str, ...]
    meaning: str
    evidence: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> Any:
        """The Arrow schema of the named columns, in order."""
        return pa.schema([(column.name, column.arrow) for column in self.columns])

    def empty(self) -> Any:
        """The table without rows."""
        return self.schema.empty_table()


@cache
def load_tables() -> dict[str, ExchangeTable]:
    """Every table by name. Raises msgspec.ValidationError when the table file is faulty."""
    rows = tomllib.loads((files("openclets.exchange") / "tables.toml").read_text("utf-8"))["table"]
    tables = msgspec.convert(rows, tuple[ExchangeTable, ...])
    return {table.name: table for table in tables}


def incoming() -> dict[str, ExchangeTable]:
    """The tables a log comes in, by name."""
    return {name: table for name, table in load_tables().items() if table.group == "in"}
