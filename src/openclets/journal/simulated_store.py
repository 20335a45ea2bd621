"""A journal store in memory for the deterministic simulation: durable across its sequencers, and made to
fail.

It keeps every promise of `JournalStore`, including the unpleasant ones: a failed write may have been kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum

from openclets.foundation.errors import Unavailable
from openclets.journal.journal_store import BatchRejected, Head, SealedBatch
from openclets.journal.leaf import encode_leaf
from openclets.journal.seal import SealedEntry


class WriteOutcome(Enum):
    """How one write goes."""

    KEPT = "kept"
    LOST = "lost, and the caller is told that it is unknown"
    KEPT_IN_DOUBT = "kept, though the caller is told that it is unknown"
    REJECTED = "certainly not kept"


class SimulatedDisk:
    """What survives every crash: entries and companion rows in commit order, and who holds the journal."""

    def __init__(self) -> None:
        self.entries: list[SealedEntry] = []
        self.companions: dict[str, list[tuple[object, ...]]] = {}
        self.epoch = 0
        self.holder: object | None = None

    def crash(self) -> None:
        """The process that held the journal is gone; what was kept stays."""
        self.holder = None


class SimulatedStore:
    """A store on a `SimulatedDisk`. `outcome` is asked how each write goes; `pause` is awaited around it."""

    def __init__(
        self,
        disk: SimulatedDisk,
        *,
        outcome: Callable[[SealedBatch], WriteOutcome] = lambda batch: WriteOutcome.KEPT,
        pause: Callable[[], object] | None = None,
    ) -> None:
        self.disk = disk
        self._outcome = outcome
        self._pause = pause or (lambda: asyncio.sleep(0))

    async def open(self) -> Head:
        await self._wait()
        if self.disk.holder not in (None, self):
            raise Unavailable("JOURNAL_UNAVAILABLE", "Another sequencer holds the journal.")
        self.disk.holder = self
        self.disk.epoch += 1
        entries = self.disk.entries
        return Head(len(entries), entries[-1].at if entries else None, self.disk.epoch)

    async def write(self, batch: SealedBatch) -> None:
        await self._wait()
        if self.disk.holder is not self:
            raise Unavailable("JOURNAL_UNAVAILABLE", "This sequencer no longer holds the journal.")
        outcome = self._outcome(batch)
        if outcome is WriteOutcome.REJECTED:
            raise BatchRejected("as simulated")
        if outcome is not WriteOutcome.LOST:
            if batch.entries and batch.entries[0].index != len(self.disk.entries):
                raise BatchRejected("an index that is taken or leaves a gap")
            self.disk.entries.extend(batch.entries)
            for row in batch.companions:
                self.disk.companions.setdefault(row.table, []).append(row.values)
        if outcome is not WriteOutcome.KEPT:
            self.disk.holder = None
            raise Unavailable("JOURNAL_UNAVAILABLE", "The store failed during a write.")
        await self._wait()

    async def leaves(self, start: int, end: int) -> list[bytes]:
        await self._wait()
        return [
            encode_leaf(entry.draft.kind.leaf_class, entry.flags, entry.commitment)
            for entry in self.disk.entries[start:end]
        ]

    async def close(self) -> None:
        if self.disk.holder is self:
            self.disk.holder = None

    async def _wait(self) -> None:
        waited = self._pause()
        if asyncio.iscoroutine(waited):
            await waited
