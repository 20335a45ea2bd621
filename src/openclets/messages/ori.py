"""The edit of an ORI, the nine characters that name an agency on the network (Nlets, ORION rules).

It has no check digit, so what is offered is the usual slip: the letter O for a zero, I for a one. Whether
the agency exists and may transact is the directory's to say.
"""

from __future__ import annotations

import re

from openclets.foundation.errors import Fault
from openclets.messages.fault_text import fault

LENGTH = 9
EXAMPLE = "CA9010100"
_FORM = re.compile(r"[A-Z]{2}[A-Z0-9]{7}")
_TO_DIGITS = str.maketrans("OI", "01")
_TO_LETTERS = str.maketrans("01", "OI")


def edit_ori(text: str, states: frozenset[str], field: str = "ori") -> tuple[str, tuple[Fault, ...]]:
    """The ORI in capitals, and its faults. `states` are the codes an ORI may begin with."""
    ori = text.strip().upper()
    if len(ori) != LENGTH:
        return ori, (fault("ORI_LENGTH", field, length=len(ori), example=EXAMPLE),)
    meant = _meant(ori)
    remedy = f"did you mean {meant}?" if meant != ori and _FORM.fullmatch(meant) else f"write it as {EXAMPLE}"
    if not _FORM.fullmatch(ori) or (meant != ori and meant[2:8].isdigit()):
        return ori, (fault("ORI_CHARACTER", field, remedy=remedy),)
    if ori[:2] not in states:
        return ori, (fault("ORI_UNKNOWN_STATE", field, state=ori[:2], remedy=f"write it as {EXAMPLE}"),)
    return ori, ()


def _meant(ori: str) -> str:
    """Letters where the state stands, digits where county, agency and unit would then all be digits."""
    state, number, last = ori[:2].translate(_TO_LETTERS), ori[2:8].translate(_TO_DIGITS), ori[8]
    if not number.isdigit():
        return state + ori[2:]
    return state + number + last.translate(_TO_DIGITS)
