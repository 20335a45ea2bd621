"""Intents that never got a reply are closed: the book says of every inquiry what became of it
(decisions.md 4).

At the opening of the journal all of them; while the switch runs, the recent ones that are old enough
that nobody can still be at work on them. Nothing of such an inquiry ever left: its reply was not entered.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol

from openclets.journal.append import Journal
from openclets.switch import entries
from openclets.switch.entries import Names

AT_WORK_MAX = timedelta(seconds=30)
"""Longer than any profile waits for first parts: an intent that is older and unanswered has nobody
at work on it.
"""

CLOSED_AT_ONCE_MAX = 500
EVER = datetime.min.replace(tzinfo=UTC)


class UnansweredIntents(Protocol):
    """Finds intents with neither reply, nor withholding, nor abandonment, entered from `since` until
    before `until`, oldest first.
    """

    async def unanswered(self, until: datetime, since: datetime = EVER) -> list[Names]: ...


async def close_abandoned(
    journal: Journal,
    intents: UnansweredIntents,
    until: datetime,
    at_work: Collection[str] = (),
    since: datetime = EVER,
) -> int:
    """Enter `InquiryAbandoned` for each unanswered intent between `since` and `until` but those
    `at_work`; how many there were.

    Raises Unavailable; what is left is closed the next time.
    """
    left = [names for names in await intents.unanswered(until, since) if names.transaction not in at_work]
    for start in range(0, len(left), CLOSED_AT_ONCE_MAX):
        part = left[start : start + CLOSED_AT_ONCE_MAX]
        await journal.append(*(entries.draft(entries.INQUIRY_ABANDONED, names, {}) for names in part))
    return len(left)
