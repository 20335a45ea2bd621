"""The name of a field code in words, from the vocabulary; a code it does not know stands for itself."""

from __future__ import annotations

from openclets.messages import vocabulary


def field_word(code: str) -> str:
    """E.g. `Offense` for `OFF`."""
    known = vocabulary.load().fields.get(code)
    return known.name if known else code
