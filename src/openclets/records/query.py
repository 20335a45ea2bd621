"""What a record system is asked: one leg of an inquiry, with the receipt that allows the asking."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from openclets.journal.entry import Receipt


class MessageClass(StrEnum):
    """What a message does in a record system, and so whether it may be sent twice."""

    INQUIRY = "inquiry"
    """It only asks."""
    ENTRY = "entry"
    """It enters, changes or clears a record: sent twice, it may take effect twice."""


class Asker(msgspec.Struct, frozen=True, gc=False):
    """On whose behalf a record system is asked; record systems keep it in their own logs."""

    agency_ori: str
    operator_id: str
    terminal_id: str
    attention: str
    purpose_code: str


class Query(msgspec.Struct, frozen=True, gc=False):
    """One question to one record system. `fields` are NCIC field codes to normalised values.

    `sweep` marks a leg of a composite or of a sweeping key (QW): inactive orders and limited warrants stay
    out (messages.md 5.2, 5.3). `deadline_s` is what remains for this leg, in seconds. What is not said to be
    an inquiry is taken for an entry, and never sent twice.
    """

    transaction: str
    system: str
    message_key: str
    fields: Mapping[str, str]
    asker: Asker
    receipt: Receipt
    deadline_s: float
    sweep: bool = False
    message_class: MessageClass = MessageClass.ENTRY
