"""Intents that never got a reply are closed: the book says of every inquiry what became of it
(decisions.md 4).

At the opening of the journal all of them; while the switch runs, those of its own that it had to leave
because the journal was away, or because the corridor failed. Nothing of such an inquiry ever left: its reply
was not entered.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from openclets.journal.append import Journal
from openclets.switch import entries
from openclets.switch.entries import Names

CLOSED_AT_ONCE_MAX = 500
IN_DOUBT_S = 60.0
"""How long a write whose outcome is unknown may still turn up: its server may be slow to die."""


class UnansweredIntents(Protocol):
    """Finds intents with neither reply, nor withholding, nor abandonment, oldest first."""

    async def unanswered(self, until: datetime) -> list[Names]:
        """All that were entered before `until`."""

    async def unanswered_of(self, transactions: Collection[str]) -> list[Names]:
        """Those of these transactions."""


class LeftOpen:
    """Transactions of this process that the corridor left without knowing their end."""

    def __init__(self) -> None:
        self._noted: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._noted)

    def note(self, transaction: str, now: float) -> None:
        """Note one, at `now` (monotonic seconds)."""
        self._noted[transaction] = now

    async def close(self, journal: Journal, intents: UnansweredIntents, now: float) -> int:
        """Enter `InquiryAbandoned` for those whose intent stands unanswered; how many there were.

        What has no intent in the journal is asked about again until IN_DOUBT_S have passed. Raises
        Unavailable; what is left is closed the next time.
        """
        known = tuple(self._noted)
        closed = await _abandon(journal, await intents.unanswered_of(known)) if known else ()
        for transaction in known:
            if transaction in closed or now - self._noted[transaction] > IN_DOUBT_S:
                del self._noted[transaction]
        return len(closed)


async def close_abandoned(journal: Journal, intents: UnansweredIntents, until: datetime) -> int:
    """Enter `InquiryAbandoned` for each unanswered intent before `until`; how many there were.

    Raises Unavailable; what is left is closed the next time.
    """
    return len(await _abandon(journal, await intents.unanswered(until)))


async def _abandon(journal: Journal, left: list[Names]) -> frozenset[str]:
    for start in range(0, len(left), CLOSED_AT_ONCE_MAX):
        part = left[start : start + CLOSED_AT_ONCE_MAX]
        await journal.append(*(entries.draft(entries.INQUIRY_ABANDONED, names, {}) for names in part))
    return frozenset(names.transaction for names in left)
