"""An operator's own look-ups, as auditors will see them: since the shift began, and older ones that
owe a reason.

What was asked lies sealed; opening it for the list is one entry that names every body opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from openclets.journal.entries import JournalEntries, StoredEntry
from openclets.switch.inquiry import Sender
from openclets.switch.network import OwedReasons
from openclets.switch.reread import IntentBody, Rereading

READ_MAX = 400
"""Entries looked through: a shift of one operator at the quota's pace stays far below."""

_INQUIRIES = ("InquiryPermitted", "InquiryRefused")


@dataclass(frozen=True, slots=True)
class PastInquiry:
    """One look-up. `result` is the reply's result class, REFUSED, WITHHELD, ABANDONED, or empty
    while it is open.
    """

    transaction: str
    at: datetime
    message_key: str
    asked: IntentBody
    result: str
    reason_owed: bool
    index: int


async def past_inquiries(
    stored: JournalEntries, rereading: Rereading, owed: OwedReasons, sender: Sender, since: datetime
) -> list[PastInquiry]:
    """Newest first: those since `since`, then older ones whose reason is still owed."""
    open_reasons = [transaction for transaction, _ in await owed.open_of(sender.operator_id)]
    recent = await stored.of_operator(sender.operator_id, limit=READ_MAX)
    wanted: dict[str, list[StoredEntry]] = {}
    for entry in recent:
        if entry.at >= since and entry.transaction and entry.leaf_class in (1, 2, 3):
            wanted.setdefault(entry.transaction, []).append(entry)
    for transaction in open_reasons:
        if transaction not in wanted:
            wanted[transaction] = await stored.of_transaction(transaction)
    begun = [entry for entries in wanted.values() for entry in entries if entry.kind in _INQUIRIES]
    opened = await rereading.opened(begun, sender, "in the history")
    asked = {one.entry.transaction: msgspec.json.decode(one.body, type=IntentBody) for one in opened}
    rows = [
        PastInquiry(
            transaction=entry.transaction,
            at=entry.at,
            message_key=entry.message_key,
            asked=asked[entry.transaction],
            result=_result(wanted[entry.transaction]),
            reason_owed=entry.transaction in open_reasons,
            index=entry.index,
        )
        for entry in begun
    ]
    return sorted(rows, key=lambda row: row.index, reverse=True)


def _result(entries: Sequence[StoredEntry]) -> str:
    by_kind = {entry.kind: entry for entry in entries}
    for kind in ("InquiryRefused", "ReplyWithheld", "ReplyReleased"):
        if kind in by_kind:
            return by_kind[kind].result_class
    return "ABANDONED" if "InquiryAbandoned" in by_kind else ""
