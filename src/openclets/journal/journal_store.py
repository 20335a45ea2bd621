"""What the sequencer asks of the place entries are kept in, and what it hands over.

`store.py` keeps it on PostgreSQL, `simulated_store.py` in memory for the deterministic simulation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from openclets.foundation.errors import Unavailable
from openclets.journal.seal import SealedEntry


class Head(msgspec.Struct, frozen=True):
    """Where the journal stands when it is opened: how many entries, the time of the last, the epoch now
    taken.
    """

    size: int
    last_at: datetime | None
    epoch: int


class CompanionRow(msgspec.Struct, frozen=True, gc=False):
    """A row for another slice's table, its `ENTRY_INDEX` filled in."""

    table: str
    values: tuple[object, ...]


class SealedBatch(msgspec.Struct, frozen=True):
    """Entries with consecutive indexes and their companion rows: all of them become durable, or none."""

    entries: tuple[SealedEntry, ...]
    companions: tuple[CompanionRow, ...]


class BatchRejected(Exception):
    """The store refused a batch and has certainly kept nothing of it; its connection is still good."""


class StoreLost(Unavailable):
    """The store went away since it was last written to, and nothing of the batch was sent: after `open`, the
    same drafts may be written.
    """


class JournalStore(Protocol):
    """Where entries are kept. One sequencer at a time.

    `open` takes the journal for this sequencer alone, under an epoch above every earlier one, and may be
    called again after a failure. `write` returns when the batch is durable; it raises BatchRejected when
    nothing was kept, and Unavailable when that is unknown, after which only `open` may follow. `leaves`
    gives the 64-byte leaves of [start, end), in order. All raise Unavailable when the store cannot be
    reached.
    """

    async def open(self) -> Head: ...

    async def write(self, batch: SealedBatch) -> None: ...

    async def leaves(self, start: int, end: int) -> list[bytes]: ...

    async def close(self) -> None: ...
