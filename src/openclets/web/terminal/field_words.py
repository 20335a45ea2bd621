"""The name of a field code in words, from the vocabulary; a code it does not know stands for itself."""

from __future__ import annotations

from functools import cache


@cache
def field_word(code: str) -> str:
    """E.g. `Registered owner` for `R/O`."""
    return code
