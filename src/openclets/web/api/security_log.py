"""The security log's lines on what was turned away at the door: refusals that leave no entry behind.

An authenticated refusal with an entry is in the journal and not here. Nothing that was sent is printed, so a
line stays one line. Source: security.md 0.8; the corpus' `sec-event`.
"""

from __future__ import annotations

import logging

from openclets.foundation.errors import Refused, Unavailable
from openclets.switch.inquiry import Sender

_security = logging.getLogger("openclets.security")


def note_refusal(error: Refused | Unavailable, sender: Sender | None) -> None:
    """Note a refusal that has no entry. One of nobody known was noted where the credential was read."""
    if sender is not None and isinstance(error, Refused) and error.receipt is None:
        _security.warning("turned away: %s from %s at %s", error.code, sender.operator_id, sender.terminal_id)
