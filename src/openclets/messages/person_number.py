"""The edits of numbers of persons and records: Social Security number, NCIC record number."""

from __future__ import annotations

import re

from openclets.foundation.errors import Fault
from openclets.messages.edited import Circumstances, Edited
from openclets.messages.fault_text import fault
from openclets.messages.field import Field

_SOC = re.compile(r"\d{9}|\d{3}-\d\d-\d{4}|\d{3} \d\d \d{4}", re.ASCII)
_NEVER_ISSUED = re.compile(r"000|666|9\d\d", re.ASCII)


def edit_social_security(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """Nine digits. A training installation takes only areas that were never issued (000, 666, 900 to 999),
    so that no real person's number is typed into it; any other installation refuses exactly those, and group
    00 or serial 0000."""
    if not _SOC.fullmatch(text):
        return Edited(text, (fault("SOC_FORM", field.code, example=field.example),))
    number = text.replace("-", "").replace(" ", "")
    never_issued = bool(_NEVER_ISSUED.match(number))
    hollow = number[3:5] == "00" or number[5:] == "0000"
    if circumstances.training:
        if not never_issued:
            said = "may be a real person's, and this is a training installation"
            return Edited(text, (_range_fault(field, said, "use a number that begins with 9, 666 or 000"),))
        if number.endswith("0000"):
            return Edited(
                number, (), (f"{field.code} looks like a placeholder for a number that is not known",)
            )
    elif never_issued or hollow:
        return Edited(text, (_range_fault(field, "is in a range that was never issued", "check the number"),))
    return Edited(number)


def _range_fault(field: Field, said: str, remedy: str) -> Fault:
    return fault("SOC_RANGE", field.code, fault=said, remedy=remedy)


def edit_record_number(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """One letter for the file and nine digits; the letter must be one of the files that the key asks."""
    if field.pattern is None or not field.pattern.fullmatch(text):
        return Edited(text, (fault("FIELD_FORM", field.code, form=field.form, example=field.example),))
    letters = field.letters.get(circumstances.record_class, "")
    if letters and text[0] not in letters:
        return Edited(
            text,
            (
                fault(
                    "NIC_FILE", field.code, letter=text[0], key=circumstances.key, letters=" ".join(letters)
                ),
            ),
        )
    return Edited(text)
