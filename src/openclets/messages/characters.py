"""What characters may come at all, how they are named in a fault, and how a name is brought to A to Z.

Controls, marks that turn the direction of text, and characters nobody can see are refused everywhere: they
hide what was asked from whoever reads the log (field rule: printable text only; Nlets' text rules).
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
"""Joiners carry meaning in several scripts and in pictures; they do no harm in free text."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text brought to ASCII. `odd` is the position (from 1) of what could not be, 0 where all could;
    `lookalikes` the positions of letters of another script that look like Latin ones."""

    text: str
    odd: int
    lookalikes: tuple[int, ...]


def refused_at(text: str) -> int:
    """The position (from 1) of the first character that no field takes, or 0."""
    if text.isascii() and text.isprintable():
        return 0
    for position, character in enumerate(text, 1):
        if unicodedata.category(character) in _REFUSED:
            return position
    return 0


def refused_in_free_text_at(text: str) -> int:
    """As `refused_at`, for words: joiners and the combined pictures they make are taken."""
    if text.isascii() and text.isprintable():
        return 0
    for position, character in enumerate(text, 1):
        if character not in _JOINERS and unicodedata.category(character) in _REFUSED:
            return position
    return 0


def named(character: str) -> str:
    """A character as a fault shows it: itself where it is plain, else its code point and its name."""
    if character.isascii() and character.isprintable():
        return "a space" if character == " " else character
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def shown(text: str, most: int = 24) -> str:
    """Typed text as a fault may repeat it: one line, plain characters, at most `most` of them."""
    plain = "".join(c if c.isascii() and c.isprintable() else "?" for c in text[: most + 1])
    return plain if len(text) <= most else plain[:most] + "…"


def fold(text: str) -> Folded:
    """`text` in capital ASCII: marks dropped, ligatures spelled out, look-alikes of other scripts replaced.

    Works on composed text (NFC) and is stable: folding what was folded changes nothing.
    """
    plain, lookalike = _letters()
    out: list[str] = []
    odd = 0
    lookalikes: list[int] = []
    for position, character in enumerate(unicodedata.normalize("NFC", text), 1):
        if character.isascii():
            out.append(character.upper())
            continue
        capital = character.upper() if len(character.upper()) == 1 else character
        known = plain.get(character) or plain.get(capital)
        if known is None and capital in lookalike:
            known = lookalike[capital]
            lookalikes.append(position)
        if known is None:
            decomposed = unicodedata.normalize("NFKD", character)
            known = "".join(
                plain.get(c.upper(), c.upper()) for c in decomposed if unicodedata.category(c) != "Mn"
            )
        if not known.isascii() or not known.isprintable():
            odd = odd or position
            known = "?"
        out.append(known)
    return Folded("".join(out), odd, tuple(lookalikes))


@cache
def _letters() -> tuple[dict[str, str], dict[str, str]]:
    text = (files("openclets.messages") / "catalog" / "letters.toml").read_text("utf-8")
    plain: dict[str, str] = {}
    lookalike: dict[str, str] = {}
    for row in tomllib.loads(text)["fold"]:
        (lookalike if row["lookalike"] else plain).update(row["letters"])
    return plain, lookalike
