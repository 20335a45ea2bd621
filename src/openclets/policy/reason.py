"""What a reason in words says the look-up is for, as far as words can say it.

The phrases are rows of `purposes.toml`. It refuses nothing: the rules do, from what is found here. A reason
that hides its purpose is for detection to find.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from openclets.foundation.errors import BrokenInvariant


class Weight(StrEnum):
    """What finding a phrase amounts to."""

    MEANS = "means"
    REVIEW = "review"
    OTHER_MEANING = "other_meaning"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row of `purposes.toml`. `phrase` is folded already: lower case, no accents, words parted by one
    space.
    """

    phrase: str
    purpose: str
    weight: Weight
    evidence: str
    on: bool


@dataclass(frozen=True, slots=True)
class ReasonClass:
    """What a reason says. `phrases` are those that decided, `review` those a person should read again."""

    immigration: bool = False
    concealed_carry: bool = False
    phrases: tuple[str, ...] = ()
    review: tuple[str, ...] = ()


PHRASES_FILE: Final = "purposes.toml"
PURPOSES: Final = ("immigration", "concealed_carry")
_NOTHING: Final = ReasonClass()
_APART: Final = re.compile(r"[^a-z0-9]+")


def classify_reason(reason: str) -> ReasonClass:
    """What `reason` says the look-up is for. Pure; case, accents and punctuation don't matter."""
    found = _pattern().findall(f" {fold(reason)} ")
    if not found:
        return _NOTHING
    rows = [_phrases()[words] for words in dict.fromkeys(found)]
    means = [row for row in rows if row.weight is Weight.MEANS]
    return ReasonClass(
        immigration=any(row.purpose == "immigration" for row in means),
        concealed_carry=any(row.purpose == "concealed_carry" for row in means),
        phrases=tuple(row.phrase for row in means),
        review=tuple(row.phrase for row in rows if row.weight is Weight.REVIEW),
    )


def phrases_text() -> str:
    """The table as it stands in its file: part of what decides, and so of a rule set's digest."""
    return (files("openclets.policy") / PHRASES_FILE).read_text("utf-8")


def known_phrases() -> tuple[Phrase, ...]:
    """Every row of the table."""
    return tuple(_phrases().values())


def fold(text: str) -> str:
    """`text` in lower case, without accents, its words parted by single spaces."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _APART.sub(" ", text.lower()).strip()


@cache
def _phrases() -> Mapping[str, Phrase]:
    """Every row, by phrase. Raises BrokenInvariant for a row that could never be found, or twice the same."""
    text = phrases_text()
    rows = [
        Phrase(r["phrase"], r["purpose"], Weight(r["weight"]), r["evidence"], r.get("on", True))
        for r in tomllib.loads(text)["phrase"]
    ]
    for row in rows:
        if fold(row.phrase) != row.phrase or row.purpose not in PURPOSES or not row.evidence:
            raise BrokenInvariant(f"purposes.toml: the row of {row.phrase!r} can't be used")
    phrases = {row.phrase: row for row in rows}
    if len(phrases) != len(rows):
        raise BrokenInvariant("purposes.toml names one phrase twice")
    return phrases


@cache
def _pattern() -> re.Pattern[str]:
    """All phrases that are on, longest first, so that `black ice` is read before `ice`; each found phrase is
    used up.
    """
    used = [row.phrase for row in _phrases().values() if row.on]
    longest_first = sorted(used, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"(?<= )(" + "|".join(map(re.escape, longest_first)) + r")(?= )")
