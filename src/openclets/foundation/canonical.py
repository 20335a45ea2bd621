"""One byte string for one value: RFC 8785 JSON of strings, whole numbers, booleans, null, lists and objects.

Floats are refused: two languages may print one number in two ways, and a commitment must open everywhere.
"""

from __future__ import annotations

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> bytes:
    """The canonical form of `value`. Object keys are ASCII field names, so byte order is UTF-16 order.

    Raises TypeError for a float, for a whole number beyond 2**53 (RFC 8785, 3.2.2.3), and for a key
    that is not ASCII.
    """
    _check(value)
    return _encoder.encode(value)


def encode_trusted(value: Any) -> bytes:
    """As `encode`, without the walk over the value: only for shapes whose types already exclude floats."""
    return _encoder.encode(value)


def _check(value: Any) -> None:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > 2**53:
            raise TypeError(f"whole number beyond 2**53 has no canonical form: {value}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise TypeError(f"object key must be ASCII text: {key!r}")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    else:
        raise TypeError(f"no canonical form for {type(value).__name__}")
