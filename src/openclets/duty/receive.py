"""Taking a feed: read it whole, enter that it came, then store what it says.

A feed with any fault changes nothing. A feed sent twice changes nothing the second time but is entered
both times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from openclets.duty.entries import feed_received
from openclets.duty.feed import read_feed
from openclets.duty.work import DutyRecord
from openclets.journal.append import Journal
from openclets.journal.entry import Receipt


class FactStore(Protocol):
    """Where facts of police work are kept."""

    async def put(self, records: Iterable[DutyRecord], source: str, now: datetime) -> int:
        """Insert or amend by (source, id); returns how many rows changed. All or none."""


@dataclass(frozen=True, slots=True)
class FeedReceipt:
    """What became of a feed: facts read by kind, how many were new or amended, and the entry that says it
    came.

    `receipt` is None for a feed of no lines, which is taken and not entered.
    """

    counts: dict[str, int]
    changed: int
    sha256: str
    receipt: Receipt | None


async def take(
    store: FactStore,
    journal: Journal,
    lines: bytes | Iterable[bytes],
    sender_system: str,
    now: datetime,
    *,
    agencies: frozenset[str] | None = None,
) -> FeedReceipt:
    """Take one feed from `sender_system`: NDJSON as one body or line by line.

    `agencies` are the ORIs the sender may speak for, None for any. Raises BadInput with every fault,
    Unavailable when the journal or the store is not there; after Unavailable the same feed may be sent
    again.
    """
    body = lines if isinstance(lines, bytes) else b"\n".join(line.rstrip(b"\n") for line in lines)
    digest = hashlib.sha256(body).hexdigest()
    read = read_feed(body.split(b"\n"), now, agencies=agencies)
    if not read.records:
        return FeedReceipt({}, 0, digest, None)
    concerned = tuple(sorted({record.agency_ori for record in read.records}))
    # Commit point: the journal shows that the facts came before anything is held to be known.
    (entered,) = await journal.append(feed_received(sender_system, read.counts(), digest, concerned))
    changed = await store.put(read.records, sender_system, now)
    return FeedReceipt(read.counts(), changed, digest, entered.receipt)
