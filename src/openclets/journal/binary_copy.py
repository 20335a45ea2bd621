"""Writes rows in PostgreSQL's binary COPY form, for the types that journal tables and their companions use.

Source: PostgreSQL manual, COPY, "Binary Format". Python builds each batch with joins; the server parses
no text.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_length = struct.Struct(">i").pack
_int2 = struct.Struct(">ih").pack
_int4 = struct.Struct(">ii").pack
_int8 = struct.Struct(">iq").pack
_float8 = struct.Struct(">id").pack

Encoder = Callable[[object], bytes]


def microseconds(at: datetime) -> int:
    """An instant as PostgreSQL counts it: microseconds since 2000-01-01 UTC."""
    return (at - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=16384)
def text_field(text: str) -> bytes:
    """A text value with its length. Codes and names repeat from entry to entry, so the last are kept."""
    encoded = text.encode()
    return _length(len(encoded)) + encoded


def uuid_field(text: str) -> bytes:
    """A UUID given as text; NULL for empty text. Raises ValueError for anything else."""
    if not text:
        return NULL
    encoded = bytes.fromhex(text.replace("-", ""))
    if len(encoded) != 16:
        raise ValueError(f"not a UUID: {text!r}")
    return b"\x00\x00\x00\x10" + encoded


def bytes_field(value: bytes) -> bytes:
    """A bytea value with its length."""
    return _length(len(value)) + value


def _any_text(value: object) -> bytes:
    return text_field(str(value))


def _any_bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"bytea takes bytes, not {type(value).__name__}")
    return bytes_field(value)


def _any_timestamp(value: object) -> bytes:
    if not isinstance(value, datetime):
        raise TypeError(f"timestamptz takes an aware datetime, not {type(value).__name__}")
    return _int8(8, microseconds(value))


def _any_bool(value: object) -> bytes:
    return b"\x00\x00\x00\x01" + (b"\x01" if value else b"\x00")


def _any_jsonb(value: object) -> bytes:
    encoded = b"\x01" + (value if isinstance(value, bytes) else str(value).encode())
    return bytes_field(encoded)


ENCODERS: dict[str, Encoder] = {
    "bool": _any_bool,
    "bytea": _any_bytes,
    "float8": lambda value: _float8(8, value),
    "int2": lambda value: _int2(2, value),
    "int4": lambda value: _int4(4, value),
    "int8": lambda value: _int8(8, value),
    "jsonb": _any_jsonb,
    "text": _any_text,
    "timestamptz": _any_timestamp,
    "uuid": lambda value: uuid_field(str(value)),
}
"""PostgreSQL type name to the encoder of one value that is not None."""


def encode_rows(rows: Iterable[tuple[object, ...]], encoders: tuple[Encoder, ...]) -> bytes:
    """Rows of any values, each by its column's encoder; None is NULL.

    Raises TypeError, ValueError or struct.error for a value its column cannot hold.
    """
    count = struct.pack(">h", len(encoders))
    parts = [HEADER]
    for row in rows:
        parts.append(count)
        for value, encoder in zip(row, encoders, strict=True):
            parts.append(NULL if value is None else encoder(value))
    parts.append(TRAILER)
    return b"".join(parts)
