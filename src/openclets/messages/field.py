"""A field of a message: its code, its check, its form in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SEVERAL = ";"
"""Joins the values of a field that may hold several."""


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the field table. `min_length` and `max_length` count characters of the normalised value.

    `edit` names the check (`edit.EDITS`); `pattern` holds the normalised value where the check is one of
    form; `values` are the legal codes with their meanings, where they are few; `letters` the legal first
    letters by record class. `default` fills the field where a key lets it be left out. `placeholders` are
    values that stand for "not known" and are warned of. `member` names the JSON member that carries an
    envelope field. A field of `repeat_max` over 1 holds several values, joined by `;`.
    """

    code: str
    name: str
    edit: str
    min_length: int
    max_length: int
    form: str
    example: str
    evidence: str
    source: str
    pattern: re.Pattern[str] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    placeholders: frozenset[str] = frozenset()
    default: str = ""
    member: str = ""
    free_text: bool = False
    repeat_max: int = 1
