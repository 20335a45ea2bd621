"""Every edit by its name in the field table: a typed value in, a normalised value or its faults out.

All but the edit of names are given capitals of printable ASCII, trimmed; names come as typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from openclets.messages.calendar_day import (
    edit_birth_date,
    edit_expiry,
    edit_model_year,
    edit_past_day,
    edit_plate_year,
)
from openclets.messages.edited import Circumstances, Edited
from openclets.messages.fault_text import fault
from openclets.messages.field import Field
from openclets.messages.name import edit_name
from openclets.messages.ori import edit_ori
from openclets.messages.person_number import edit_record_number, edit_social_security
from openclets.messages.vehicle_number import edit_plate, edit_registration, edit_vin

Edit = Callable[[str, Field, Circumstances], Edited]


def edit_pattern(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """The value without its spaces where the field's form has none; it must have that form."""
    if field.pattern is not None and field.pattern.fullmatch(text):
        return Edited(text)
    close = text.replace(" ", "")
    if field.pattern is not None and field.pattern.fullmatch(close):
        return Edited(close)
    if len(close) > field.max_length:
        return Edited(text, (fault("FIELD_LENGTH", field.code, length=len(close), form=field.form),))
    return Edited(text, (fault("FIELD_FORM", field.code, form=field.form, example=field.example),))


def edit_listed(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """One of the field's few values."""
    if text in field.values:
        return Edited(text)
    values = ", ".join(f"{value} {meaning}" for value, meaning in field.values.items())
    return Edited(text, (fault("VALUE_UNKNOWN", field.code, values=values),))


def edit_state(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """Two letters. A code not known here is passed on with a warning: the full list is NCIC's."""
    if text in circumstances.states:
        return Edited(text)
    if len(text) == 2 and text.isalpha():
        return Edited(text, (), (f"{field.code}: {text} is no state code known here",))
    return Edited(text, (fault("STATE_INVALID", field.code),))


def edit_agency(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """The nine characters of an agency or a court."""
    ori, faults = edit_ori(text, circumstances.ori_states, field.code)
    return Edited(ori, faults)


def edit_words(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """Words in capitals, on one line."""
    if len(text) > field.max_length:
        return Edited(text, (fault("FIELD_LENGTH", field.code, length=len(text), form=field.form),))
    return Edited(text)


def edit_envelope(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """A field that travels beside the others: found among them, it is named and sent where it belongs."""
    return Edited(text, (fault("FIELD_OF_ENVELOPE", field.code, member=field.member),))


EDITS: Mapping[str, Edit] = {
    "agency": edit_agency,
    "birth_date": edit_birth_date,
    "envelope": edit_envelope,
    "expiry": edit_expiry,
    "listed": edit_listed,
    "model_year": edit_model_year,
    "name": edit_name,
    "past_day": edit_past_day,
    "pattern": edit_pattern,
    "plate": edit_plate,
    "plate_year": edit_plate_year,
    "record_number": edit_record_number,
    "registration": edit_registration,
    "social_security": edit_social_security,
    "state": edit_state,
    "vin": edit_vin,
    "words": edit_words,
}
