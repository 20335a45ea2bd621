"""The header that dispatch and records systems put before a message: terminal, reference, user, text.

`TERMINAL.REFERENCE.USERID.` and an ordinary keyed message. A line that is a system's own must say for whom it
asks; the line has shown who it is by its certificate, so the terminal must be the line's. What is no such
header is left as it stands, and the network refuses it for want of an operator, with an entry.
Source: messages.md 4.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(
    r"([A-Z0-9]{1,8})\.([A-Z0-9-]{1,10})\.([A-Z0-9]{4,15})\.(?=[A-Z0-9]{1,4}\.)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class CadMessage:
    """A message with its header taken off. `on_behalf_of` and `reference` are empty where it had none."""

    text: str
    on_behalf_of: str = ""
    reference: str = ""


def read_cad(text: str, terminal_id: str) -> CadMessage:
    """`text` without its header, as far as it has one that names `terminal_id`."""
    found = _HEADER.match(text)
    if found is None or found[1].upper() != terminal_id.upper():
        return CadMessage(text)
    return CadMessage(text[found.end() :], found[3].upper(), found[2])
