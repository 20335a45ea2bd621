"""Writes columns of values as PostgreSQL arrays in binary form, for the types that journal tables and their
companions use.

One statement takes a whole batch as arrays, so that a batch is one round trip; Python builds them with joins
and the server parses no text. Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c (array_recv) and each
type's receive function.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"
_header = struct.Struct(">iiIii").pack
_length = struct.Struct(">i").pack
_int2 = struct.Struct(">ih").pack
_int4 = struct.Struct(">ii").pack
_int8 = struct.Struct(">iq").pack

Element = Callable[[object], bytes]


@lru_cache(maxsize=16384, typed=True)
def _text(value: object) -> bytes:
    # Codes and names repeat from entry to entry, so the last are kept.
    return _bytes(str(value).encode())


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"bytea takes bytes, not {type(value).__name__}")
    return _length(len(value)) + value


def _timestamp(value: object) -> bytes:
    if not isinstance(value, datetime):
        raise TypeError(f"timestamptz takes an aware datetime, not {type(value).__name__}")
    return _int8(8, (value - _EPOCH) // _MICROSECOND)


def _uuid(value: object) -> bytes:
    if value == "":
        return _NULL
    encoded = bytes.fromhex(str(value).replace("-", ""))
    if len(encoded) != 16:
        raise ValueError(f"not a UUID: {value!r}")
    return b"\x00\x00\x00\x10" + encoded


def _bool(value: object) -> bytes:
    return b"\x00\x00\x00\x01" + (b"\x01" if value else b"\x00")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type of the database: its name, its number, and how one value that is not None is written."""

    name: str
    oid: int
    element: Element

    def array(self, values: Iterable[object]) -> bytes:
        """The values, none of them None, as a one-dimensional array; empty text for a UUID is NULL.

        Raises TypeError, ValueError or struct.error for a value the type cannot hold.
        """
        return self._joined(list(map(self.element, values)))

    def array_with_nulls(self, values: Iterable[object]) -> bytes:
        """As `array`; None is NULL."""
        element = self.element
        return self._joined([_NULL if value is None else element(value) for value in values])

    def _joined(self, elements: list[bytes]) -> bytes:
        return _header(1, 1, self.oid, len(elements), 1) + b"".join(elements)


COLUMN_TYPES = {
    kind.name: kind
    for kind in (
        ColumnType("bool", 16, _bool),
        ColumnType("bytea", 17, _bytes),
        ColumnType("int8", 20, partial(_int8, 8)),
        ColumnType("int2", 21, partial(_int2, 2)),
        ColumnType("int4", 23, partial(_int4, 4)),
        ColumnType("text", 25, _text),
        ColumnType("timestamptz", 1184, _timestamp),
        ColumnType("uuid", 2950, _uuid),
    )
}
"""By PostgreSQL's own name of the type."""
