"""Names as they are compared: folded to letters, split, and coded by sound.

Rules: messages.md 3.4 (LAST,FIRST MIDDLE SUFFIX) and 7 (apostrophe and hyphen dropped; American Soundex and
NYSIIS, both kept, chosen by configuration; aliases are equal names). It judges nothing: `matching.py` does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import jellyfish

_NOT_LETTERS = re.compile(r"[^A-Z]+")
_SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV"})


class Phonetics(StrEnum):
    """The codes a surname is kept under."""

    SOUNDEX = "soundex"
    NYSIIS = "nysiis"


_CODERS: dict[Phonetics, Callable[[str], str]] = {
    Phonetics.SOUNDEX: jellyfish.soundex,
    Phonetics.NYSIIS: jellyfish.nysiis,
}


@dataclass(frozen=True, slots=True)
class FoldedName:
    """A name ready to be compared: `surname` without marks, its parts if double, and the given names."""

    surname: str
    surname_parts: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def surnames(self) -> tuple[str, ...]:
        """The surname and, if double, each part: GARCIA-LOPEZ is also found as GARCIA and as LOPEZ."""
        return (self.surname, *self.surname_parts) if len(self.surname_parts) > 1 else (self.surname,)


@lru_cache(maxsize=65_536)
def fold_name(name: str) -> FoldedName:
    """`LAST,FIRST MIDDLE SUFFIX` folded. Without a comma the whole is taken for a surname."""
    plain = (
        unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").upper().replace("'", "")
    )
    last, _, rest = plain.partition(",")
    parts = tuple(part for part in _NOT_LETTERS.split(last) if part)
    given = tuple(part for part in _NOT_LETTERS.split(rest) if part and part not in _SUFFIXES)
    return FoldedName("".join(parts), parts, given)


@lru_cache(maxsize=65_536)
def sound(surname: str, phonetics: Phonetics) -> str:
    """The code of a folded surname; empty where there is no surname."""
    return _CODERS[phonetics](surname) if surname else ""
