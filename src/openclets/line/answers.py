"""What an answer in keyed text means to a program: its exit code.

Source: interfaces.md 2 (exit codes).
"""

from __future__ import annotations

import re
from typing import Final

from openclets.foundation.errors import catalogue

ANSWERED: Final = 0
UNFORESEEN: Final = 1
INCOMPLETE: Final = 5
_ERROR = re.compile(r"^ER (\.\d\d\.) (.*)$", re.MULTILINE)
_SILENT = re.compile(
    r"^-- .*\): (?:NO ANSWER|STILL WAITING|ANSWERED, BUT NOT READABLE|ANSWERED IN PART)", re.MULTILINE
)


def exit_of(text: str) -> int:
    """0 answered whole, 5 a source is missing, else the exit code of the error it is."""
    first = text.partition("\n")[0] if not text.startswith("*") else text.partition("\n")[2]
    error = _ERROR.match(first)
    if error is None:
        return INCOMPLETE if _SILENT.search(text) else ANSWERED
    rows = [row for row in catalogue().values() if row.keyed == error[1]]
    exact = [row for row in rows if row.text.upper() == error[2]]
    return (exact or rows)[0].exit if rows else UNFORESEEN
