"""Identifiers made from injected time and randomness, so that a simulation can repeat them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Randomness = Callable[[int], bytes]
"""Gives that many random bytes; `os.urandom` outside the simulation."""


def uuid7(at: datetime, randomness: Randomness) -> str:
    """A UUID of version 7 (RFC 9562, 5.7) as lower-case text: 48 bits of `at` in milliseconds, 74 random."""
    milliseconds = int(at.timestamp() * 1000)
    tail = bytearray(randomness(10))
    tail[0] = 0x70 | (tail[0] & 0x0F)
    tail[2] = 0x80 | (tail[2] & 0x3F)
    text = (milliseconds.to_bytes(6, "big") + tail).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
