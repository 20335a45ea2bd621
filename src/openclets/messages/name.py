"""The edit of a person's name: LAST,FIRST MIDDLE SUFFIX, 30 characters of A to Z (Nlets, Driver History).

A name is never a word of the language, of a database or of a shell: NULL, TRUE and O'BRIEN are people. What
harms nobody is taken as literal text with a warning; markup and braces are refused.
"""

from __future__ import annotations

import re
import unicodedata

from openclets.messages.characters import fold, named, refused_at
from openclets.messages.edited import Circumstances, Edited
from openclets.messages.fault_text import fault
from openclets.messages.field import Field

# The whole form in one expression, so that nearly every name is done at one match.
_PLAIN = re.compile(r"[A-Z](?:[A-Z'-]| (?![ ,]))*,[A-Z](?:[A-Z'-]| (?! |$))*")
_USUAL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ '-,")
_REFUSED = frozenset("<>{}[]\\^|~/")
"""Markup, braces, and the stroke that marks a field in keyed text."""


def edit_name(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """The name in capitals with one comma. Warns of folded letters, two scripts, unusual characters."""
    capital = text.upper() if text.isascii() else ""
    if capital and _PLAIN.fullmatch(capital):
        if field.min_length <= len(capital) <= field.max_length:
            return Edited(capital)
        return Edited(text, (fault("NAME_LENGTH", field.code, length=len(capital)),))
    return _edit_odd_name(text, field)


def _edit_odd_name(typed: str, field: Field) -> Edited:
    code = field.code
    position = refused_at(typed)
    if position:
        remedy = "write the name on one line, without hidden characters"
        return Edited(
            typed,
            (
                fault(
                    "CHARACTER_INVALID",
                    code,
                    position=position,
                    character=named(typed[position - 1]),
                    remedy=remedy,
                ),
            ),
        )
    composed = unicodedata.normalize("NFC", typed)
    folded = fold(composed)
    if folded.odd:
        character = named(composed[folded.odd - 1])
        return Edited(typed, (fault("NAME_CHARACTER", code, position=folded.odd, character=character),))
    refused = next((p for p, c in enumerate(folded.text, 1) if c in _REFUSED), 0)
    if refused:
        character = named(folded.text[refused - 1])
        return Edited(typed, (fault("NAME_CHARACTER", code, position=refused, character=character),))
    return _in_form(folded.text, composed, folded.lookalikes, field)


def _in_form(text: str, composed: str, lookalikes: tuple[int, ...], field: Field) -> Edited:
    """`text` is ASCII and harmless: put comma, spaces and periods in order, and say what was changed."""
    code = field.code
    last, comma, first = text.replace(".", " ").partition(",")
    last, first = " ".join(last.split()), " ".join(first.replace(",", " ").split())
    if not (comma and _has_letter(last) and _has_letter(first)):
        return Edited(text, (fault("NAME_FORM", code, example=field.example),))
    value = f"{last},{first}"
    if not field.min_length <= len(value) <= field.max_length:
        return Edited(text, (fault("NAME_LENGTH", code, length=len(value)),))
    warnings: list[str] = []
    if not composed.isascii():
        warnings.append(f"{code} is asked as {value}; as typed: {composed}")
    if lookalikes:
        at = lookalikes[0]
        warnings.append(
            f"{code} mixes alphabets: position {at} is {named(composed[at - 1])}, "
            "read as the Latin letter it looks like"
        )
    if any(character not in _USUAL for character in value):
        warnings.append(
            f"{code} holds characters that names seldom have; they are searched for as they stand"
        )
    if text.count(",") > 1 or "." in text:
        warnings.append(f"{code} is asked as {value}, without the further commas and periods")
    return Edited(value, (), tuple(warnings))


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)
