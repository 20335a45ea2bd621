"""The edits of dates and years: real days, written so that month and day cannot be mistaken."""

from __future__ import annotations

import re
from datetime import date

from openclets.messages.edited import Circumstances, Edited
from openclets.messages.fault_text import fault
from openclets.messages.field import Field

YEARS_MAX = 130
"""Nobody is older; field rule of DOB."""

FIRST_MODEL_YEAR = 1886

NEVER = "NONEXP"
"""The expiry of what does not end."""

_DAY = re.compile(r"\d{8}", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SHORT_DAY = re.compile(r"\d{6}", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def edit_birth_date(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """CCYYMMDD, or CCYY-MM-DD; on driver keys MMDDYY too, read as the latest such day that is past (Nlets).

    Warns of a short date that was filled in and of a day that stands for "not known".
    """
    today = circumstances.today()
    warnings: tuple[str, ...] = ()
    if _ISO_DAY.fullmatch(text):
        text = text.replace("-", "")
    elif circumstances.record_class == "driver" and _SHORT_DAY.fullmatch(text):
        text = _with_century(text, today)
        warnings = (f"{field.code} was read as {text}, from six digits",)
    if not _DAY.fullmatch(text):
        return Edited(text, (fault("DATE_FORM", field.code, form=field.form, example=field.example),))
    try:
        born = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return Edited(text, (fault("DATE_INVALID", field.code, example=field.example),))
    if born > today:
        return Edited(text, (fault("DATE_RANGE", field.code, direction="in the future"),))
    if text in field.placeholders:
        return Edited(
            text, (), (*warnings, f"{field.code} looks like a placeholder for a date that is not known")
        )
    if today.year - born.year > YEARS_MAX:
        return Edited(text, (fault("DATE_RANGE", field.code, direction=f"more than {YEARS_MAX} years ago"),))
    return Edited(text, (), warnings)


def _with_century(short: str, today: date) -> str:
    """MMDDYY as CCYYMMDD, within the last hundred years."""
    month_day, year = short[:4], int(short[4:])
    century = today.year // 100 * 100
    this_century = f"{century + year:04d}{month_day}"
    return this_century if this_century <= f"{today:%Y%m%d}" else f"{century - 100 + year:04d}{month_day}"


def edit_past_day(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """CCYYMMDD or CCYY-MM-DD, a real day, not in the future."""
    read = _read_day(text, field)
    if isinstance(read, Edited):
        return read
    if read > circumstances.today():
        return Edited(text, (fault("DATE_RANGE", field.code, direction="in the future"),))
    return Edited(f"{read:%Y%m%d}")


def edit_expiry(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """CCYYMMDD or CCYY-MM-DD, a real day, or NONEXP. A day that is past is taken with a warning."""
    if text == NEVER:
        return Edited(text)
    read = _read_day(text, field)
    if isinstance(read, Edited):
        return read
    past = read < circumstances.today()
    return Edited(f"{read:%Y%m%d}", (), (f"{field.code}: {read:%Y%m%d} is past",) if past else ())


def _read_day(text: str, field: Field) -> date | Edited:
    digits = text.replace("-", "") if _ISO_DAY.fullmatch(text) else text
    if not _DAY.fullmatch(digits):
        return Edited(text, (fault("DATE_FORM", field.code, form=field.form, example=field.example),))
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return Edited(text, (fault("DATE_INVALID", field.code, example=field.example),))


def edit_model_year(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """CCYY from 1886 to the model year after next."""
    if _YEAR.fullmatch(text) and FIRST_MODEL_YEAR <= int(text) <= circumstances.today().year + 2:
        return Edited(text)
    return Edited(text, (fault("YEAR_INVALID", field.code, form=field.form, example=field.example),))


def edit_plate_year(text: str, field: Field, circumstances: Circumstances) -> Edited:
    """CCYY, or YY read as this century's, or NX for a plate that does not expire."""
    if text == "NX":
        return Edited(text)
    year = "20" + text if len(text) == 2 else text
    if _YEAR.fullmatch(year) and "1900" <= year <= "2099":
        return Edited(year)
    return Edited(text, (fault("YEAR_INVALID", field.code, form=field.form, example=field.example),))
