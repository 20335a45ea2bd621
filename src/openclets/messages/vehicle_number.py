"""The edits of numbers on vehicles: plate, VIN, registration number.

The letter O of a plate is never turned into a zero: both are legal, and the answer shows what was searched.
"""

from __future__ import annotations

import re

from openclets.foundation.errors import Fault
from openclets.messages.characters import named
from openclets.messages.edited import Circumstances, Edited
from openclets.messages.fault_text import fault
from openclets.messages.field import Field

VIN_LENGTH = 17
VIN_SINCE = 1981
"""Model year from which 49 CFR 565 fixes seventeen characters and a check digit."""

PART_MIN = 3
"""How many characters of a plate must be known to ask by a part of it (ours: fewer find half a state)."""

_LETTERS_AND_DIGITS = re.compile(r"[A-Z0-9]+")
_GAPS = str.maketrans("", "", " -")
_NEVER = {"I": "1", "O": "0", "Q": "0"}
_CHECK_POSITION = 8
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_WORTH = {str(digit): digit for digit in range(10)} | dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ",
        (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)


def check_digit(vin: str) -> str:
    """What position 9 of a seventeen-character VIN must hold: a digit, or X for ten (49 CFR 565.15(c))."""
    remainder = sum(weight * _WORTH[character] for weight, character in zip(_WEIGHTS, vin, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def edit_plate(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """The plate without spaces and hyphens; `*` stands for any characters where the key asks by a part."""
    plate = text.translate(_GAPS)
    if field.code in circumstances.wildcards:
        return _edit_part(text, plate, field)
    if not _LETTERS_AND_DIGITS.fullmatch(plate):
        position = next((p for p, c in enumerate(text, 1) if not c.isalnum() and c not in " -"), 1)
        return Edited(
            text,
            (fault("PLATE_CHARACTER", field.code, position=position, character=named(text[position - 1])),),
        )
    if len(plate) > field.max_length:
        return Edited(text, (fault("FIELD_LENGTH", field.code, length=len(plate), form=field.form),))
    return Edited(plate)


def _edit_part(text: str, plate: str, field: Field) -> Edited:
    known = plate.replace("*", "")
    if "*" not in plate or len(known) < PART_MIN or not _LETTERS_AND_DIGITS.fullmatch(known):
        return Edited(text, (fault("PLATE_PART", field.code, least=PART_MIN),))
    if len(plate) > field.max_length:
        return Edited(text, (fault("FIELD_LENGTH", field.code, length=len(plate), form=field.form),))
    return Edited(plate)


def edit_registration(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """As a plate; of more than ten characters the last ten count, with a warning (Nlets, snowmobiles)."""
    number = text.translate(_GAPS)
    if not _LETTERS_AND_DIGITS.fullmatch(number):
        return Edited(text, (fault("FIELD_FORM", field.code, form=field.form, example=field.example),))
    if len(number) > field.max_length:
        last = number[-field.max_length :]
        return Edited(
            last,
            (),
            (f"{field.code} has {len(number)} characters; the last {len(last)} are searched: {last}",),
        )
    return Edited(number)


def edit_vin(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """The VIN without spaces and hyphens. A check digit that does not fit warns: the plate of the dash may
    be misread, and an inquiry must still go out. Another length needs a model year before 1981 or a
    snowmobile."""
    vin = text.translate(_GAPS)
    position = next((p for p, c in enumerate(vin, 1) if c not in _WORTH), 0)
    if position:
        return Edited(text, (_character_fault(vin, position, field),))
    if len(vin) == VIN_LENGTH:
        if vin[_CHECK_POSITION] == check_digit(vin):
            return Edited(vin)
        if circumstances.changes_record:
            return Edited(vin, (fault("VIN_CHECK_DIGIT", field.code),))
        return Edited(
            vin, (), (f"{field.code}: the check digit in position 9 does not fit; compare with the vehicle",)
        )
    old = circumstances.model_year.isdigit() and int(circumstances.model_year) < VIN_SINCE
    if len(vin) <= field.max_length and (old or circumstances.record_class == "off_highway"):
        return Edited(
            vin, (), (f"{field.code} has {len(vin)} characters, as older vehicles and snowmobiles may have",)
        )
    return Edited(
        text, (fault("VIN_LENGTH", field.code, length=len(vin), remedy=_length_remedy(vin, circumstances)),)
    )


def _character_fault(vin: str, position: int, field: Field) -> Fault:
    character = vin[position - 1]
    remedy = field.form
    if character in _NEVER:
        meant = "".join(_NEVER.get(each, each) for each in vin)
        remedy = (
            f"did you mean {meant}?" if all(c in _WORTH for c in meant) else "write 1 for I, 0 for O and Q"
        )
    return fault("VIN_CHARACTER", field.code, position=position, character=named(character), remedy=remedy)


def _length_remedy(vin: str, circumstances: Circumstances) -> str:
    count = f"a VIN has {VIN_LENGTH} characters since model year {VIN_SINCE}"
    if circumstances.model_year:
        return f"{count}; the model year sent is not older"
    return f"{count}; for an older vehicle send its model year (VYR) as well"
