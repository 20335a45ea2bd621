"""The commit point of the network: an entry is durable before anybody is told so.

One sequencer alone gives index and time (decisions.md 4). It seals what waits, writes it as one batch, and
answers when the store says that the batch is durable; the next batch is what arrived meanwhile. There is no
timer: a lone entry commits at once, and load makes its own batches.

It does not build the public tree (`publish.py`) and knows no SQL (`store.py`). It runs on any asyncio loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from openclets.foundation.canonical import encode
from openclets.foundation.clock import Clock
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.journal.entry import ENTRY_INDEX, Entered, EntryDraft, is_declared
from openclets.journal.journal_store import (
    BatchRejected,
    CompanionRow,
    Head,
    JournalStore,
    SealedBatch,
    StoreLost,
)
from openclets.journal.keyring import Keyring
from openclets.journal.kinds import JOURNAL_OPENED
from openclets.journal.leaf import encode_leaf, leaf_hash
from openclets.journal.receipt import issue_receipt, verify_receipt
from openclets.journal.seal import SealedEntry, seal

__all__ = ["Committed", "Head", "Journal", "JournalStore", "SealedBatch", "Sequencer", "verify_receipt"]

BATCH_ENTRIES_MAX = 1024
_TICK = timedelta(microseconds=1)

Committed = Callable[[int, bytes], None]
"""Told of each new entry, in order: its index and its 64-byte leaf."""


class Journal(Protocol):
    """The one way to make an entry."""

    async def append(self, *drafts: EntryDraft) -> tuple[Entered, ...]:
        """Enter the drafts together, all or none; durable on return.

        Raises Unavailable (`JOURNAL_UNAVAILABLE`, `SWITCH_BUSY`). After `JOURNAL_UNAVAILABLE` the drafts may
        nevertheless stand in the journal: act on nothing, and ask again with drafts of your own.
        """


@dataclass(frozen=True, slots=True)
class _Waiting:
    drafts: tuple[EntryDraft, ...]
    answer: asyncio.Future[tuple[Entered, ...]]


class _Sealed:
    """A batch ready to write, with what each caller is told once it is durable."""

    __slots__ = ("answers", "batch", "last_at", "leaves", "waiting")

    def __init__(self) -> None:
        self.batch = SealedBatch((), ())
        self.waiting: list[_Waiting] = []
        self.answers: list[tuple[Entered, ...]] = []
        self.leaves: list[bytes] = []
        self.last_at = datetime.min.replace(tzinfo=UTC)


class Sequencer:
    """The one writer of the journal. `run` is its only task; `append` may be called from any number of
    them.
    """

    def __init__(
        self,
        store: JournalStore,
        keyring: Keyring,
        clock: Clock,
        randomness: Randomness,
        *,
        origin: str,
        companion_tables: Mapping[str, tuple[str, ...]] | None = None,
        queue_limit: int = 4096,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._randomness = randomness
        self._origin = origin
        self._companion_tables = dict(companion_tables or {})
        self._queue_limit = queue_limit
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._callbacks: list[Committed] = []
        self._is_open = False
        self._closing = False
        self._size = 0
        self._epoch = 0
        self._last_at = datetime.min.replace(tzinfo=UTC)

    @property
    def size(self) -> int:
        """How many entries are known to be durable."""
        return self._size

    @property
    def is_writable(self) -> bool:
        """Whether the last write went through and the journal is held."""
        return self._is_open

    def on_committed(self, callback: Committed) -> None:
        """Tell `callback` of every entry that becomes durable from now on, in order."""
        self._callbacks.append(callback)

    async def open(self) -> None:
        """Take the journal and enter `JournalOpened`. Raises Unavailable when another sequencer holds it."""
        known = self._size
        head = await self._store.open()
        if head.size < known:
            raise BrokenInvariant(f"the journal held {known} entries and now holds {head.size}")
        # A batch whose outcome was in doubt may have been kept: the followers of the journal learn of it
        # here.
        recovered = await self._store.leaves(known, head.size) if known else []
        self._size, self._epoch = head.size, head.epoch
        if head.last_at is not None:
            self._last_at = head.last_at
        self._tell(known, recovered)

        body = encode({"epoch": head.epoch, "size": head.size})
        opening = _Waiting((EntryDraft(JOURNAL_OPENED, body),), asyncio.get_running_loop().create_future())
        sealed = self._seal([opening])
        await self._store.write(sealed.batch)
        self._is_open = True
        self._settle(sealed)

    async def append(self, *drafts: EntryDraft) -> tuple[Entered, ...]:
        """Enter the drafts together; see `Journal.append`."""
        if self._closing:
            raise _unavailable()
        if len(self._queue) >= self._queue_limit:
            raise Unavailable("SWITCH_BUSY", "The journal has as much waiting as it can carry.")
        for draft in drafts:
            self._check(draft)
        waiting = _Waiting(drafts, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def run(self) -> None:
        """Commit what waits, for ever; ends after `close`."""
        try:
            while not self._closing:
                await self._arrived.wait()
                self._arrived.clear()
                while self._queue:
                    await self._commit(self._take())
        finally:
            # Whatever ends the task, nobody is left waiting for a writer that is gone.
            self._closing = True
            self._refuse(self._queue)

    async def close(self) -> None:
        """Take nothing more, give the journal up. Whoever still waits gets JOURNAL_UNAVAILABLE."""
        self._closing = True
        self._is_open = False
        self._refuse(self._queue)
        self._queue.clear()
        self._arrived.set()
        await self._store.close()

    def _take(self) -> list[_Waiting]:
        """The next callers in line, up to a batch; those who went away meanwhile enter nothing."""
        taken: list[_Waiting] = []
        entries = 0
        while self._queue and (not taken or entries + len(self._queue[0].drafts) <= BATCH_ENTRIES_MAX):
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                taken.append(waiting)
                entries += len(waiting.drafts)
        return taken

    async def _commit(self, taken: list[_Waiting]) -> None:
        if not taken:
            return
        try:
            if not self._is_open:
                await self.open()
            sealed = self._seal(taken)
            try:
                await self._store.write(sealed.batch)
            except StoreLost:
                await self.open()
                sealed = self._seal(taken)
                await self._store.write(sealed.batch)
        except BatchRejected as rejection:
            await self._commit_apart(taken, rejection)
        except Unavailable:
            # The outcome is in doubt: the journal is taken afresh before anything else is written.
            self._is_open = False
            self._refuse(taken)
        except BaseException:
            self._is_open = False
            self._refuse(taken)
            raise
        else:
            # Commit point: the store has said that the batch is durable; only now is anybody told.
            self._settle(sealed)

    async def _commit_apart(self, taken: list[_Waiting], rejection: BatchRejected) -> None:
        """The store refuses some draft of the batch: find whose it is, so that nobody else pays for it."""
        if len(taken) == 1:
            _fail(taken[0], BrokenInvariant(f"the journal's store refuses an entry: {rejection}"))
            return
        for waiting in taken:
            await self._commit([waiting])

    def _seal(self, taken: list[_Waiting]) -> _Sealed:
        """Give each draft its index and time, and seal it."""
        sealed = _Sealed()
        entries: list[SealedEntry] = []
        companions: list[CompanionRow] = []
        index, last_at = self._size, self._last_at
        keys, gate_key, origin = self._keyring.wrapping, self._keyring.gate_key, self._origin
        for waiting in taken:
            answer = []
            for draft in waiting.drafts:
                # Journal time never falls, whatever is done to the machine's clock (I8).
                last_at = max(last_at + _TICK, self._clock.now())
                entry, body_key = seal(draft, index, self._epoch, last_at, keys, self._randomness)
                leaf = encode_leaf(draft.kind.leaf_class, entry.flags, entry.commitment)
                receipt = issue_receipt(origin, index, leaf_hash(leaf), draft.transaction, gate_key)
                answer.append(Entered(receipt, last_at, body_key))
                entries.append(entry)
                sealed.leaves.append(leaf)
                for companion in draft.companions:
                    values = tuple([index if v is ENTRY_INDEX else v for v in companion.values])
                    companions.append(CompanionRow(companion.table, values))
                index += 1
            sealed.waiting.append(waiting)
            sealed.answers.append(tuple(answer))
        sealed.batch = SealedBatch(tuple(entries), tuple(companions))
        sealed.last_at = last_at
        return sealed

    def _settle(self, sealed: _Sealed) -> None:
        first = self._size
        self._size += len(sealed.leaves)
        self._last_at = sealed.last_at
        for waiting, answer in zip(sealed.waiting, sealed.answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
        self._tell(first, sealed.leaves)

    def _tell(self, first: int, leaves: list[bytes]) -> None:
        for callback in self._callbacks:
            for index, leaf in enumerate(leaves, start=first):
                callback(index, leaf)

    def _refuse(self, waiting: list[_Waiting] | deque[_Waiting]) -> None:
        for one in waiting:
            _fail(one, _unavailable())

    def _check(self, draft: EntryDraft) -> None:
        """A draft that could not be written is its maker's fault, and must not sink the batch it would be
        in.
        """
        if not is_declared(draft.kind):
            raise BrokenInvariant(f"entry kind {draft.kind.name} is not declared")
        for companion in draft.companions:
            columns = self._companion_tables.get(companion.table)
            if columns is None or len(columns) != len(companion.values):
                raise BrokenInvariant(
                    f"no companion table {companion.table} of {len(companion.values)} columns"
                )
        clear = (
            draft.transaction,
            draft.agency_ori,
            draft.operator_id,
            draft.terminal_id,
            draft.message_key,
            draft.purpose_code,
            draft.ruleset_digest,
            draft.result_class,
        )
        if not "".join(clear).isprintable():
            raise BrokenInvariant(f"a clear field of a {draft.kind.name} entry has a control character")
        try:
            "".join(draft.subjects).encode()
        except UnicodeEncodeError as error:
            raise BrokenInvariant(f"a subject of a {draft.kind.name} entry is not Unicode text") from error


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)


def _unavailable() -> Unavailable:
    return Unavailable(
        "JOURNAL_UNAVAILABLE", "The journal cannot be written, so nothing is asked or answered."
    )
