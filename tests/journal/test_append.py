"""The sequencer against a store that may fail in every way a store may."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.kinds_for_tests import ANSWERED, ASKED
from openclets.foundation.clock import SetClock
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.journal.append import BATCH_ENTRIES_MAX, Sequencer, verify_receipt
from openclets.journal.entry import ENTRY_INDEX, Companion, Entered, EntryDraft, EntryKind
from openclets.journal.journal_store import SealedBatch
from openclets.journal.keyring import Keyring
from openclets.journal.leaf import encode_leaf, leaf_hash
from openclets.journal.simulated_store import SimulatedDisk, SimulatedStore, WriteOutcome

ORIGIN = "openclets.invalid/test/state"
START = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
KEPT, LOST = WriteOutcome.KEPT, WriteOutcome.LOST
IN_DOUBT, REJECTED = WriteOutcome.KEPT_IN_DOUBT, WriteOutcome.REJECTED
COMPANIONS = {"switch.transaction_subject": ("transaction", "subject_ref")}


class Scene:
    """One sequencer on one disk, with seeded randomness and a clock that stands still."""

    def __init__(
        self,
        disk: SimulatedDisk | None = None,
        outcome: Callable[[SealedBatch], WriteOutcome] = lambda batch: KEPT,
        queue_limit: int = 4096,
    ) -> None:
        self.disk = disk or SimulatedDisk()
        self.clock = SetClock(START)
        self.keyring = Keyring.from_randomness(random.Random(1).randbytes)
        self.store = SimulatedStore(self.disk, outcome=outcome)
        self.told: list[tuple[int, bytes]] = []
        self.sequencer = Sequencer(
            self.store,
            self.keyring,
            self.clock,
            random.Random(2).randbytes,
            origin=ORIGIN,
            companion_tables=COMPANIONS,
            queue_limit=queue_limit,
        )
        self.sequencer.on_committed(lambda index, leaf: self.told.append((index, leaf)))

    async def __aenter__(self) -> Scene:
        await self.sequencer.open()
        self.task = asyncio.create_task(self.sequencer.run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.sequencer.close()
        await self.task

    def kept(self) -> list[str]:
        return [entry.draft.kind.name for entry in self.disk.entries]


def draft(kind: EntryKind = ASKED, **fields: object) -> EntryDraft:
    return EntryDraft(kind, b"{}", **fields)  # type: ignore[arg-type]


def test_an_entry_is_answered_only_when_it_is_durable():
    """Rule 1 of security.md 0: at the moment append returns, the disk has the entry."""

    async def scene() -> None:
        async with Scene() as s:
            entered = await s.sequencer.append(draft(transaction="t"), draft(ANSWERED))

            assert [e.receipt.index for e in entered] == [1, 2]
            assert s.kept() == ["JournalOpened", "TestAsked", "TestAnswered"]
            for one, stored in zip(entered, s.disk.entries[1:], strict=True):
                leaf = encode_leaf(stored.draft.kind.leaf_class, 0, stored.commitment)
                assert one.receipt.entry_sha256 == leaf_hash(leaf).hex()
                assert verify_receipt(one.receipt, s.keyring.gate_key)
            assert [index for index, _ in s.told] == [0, 1, 2]

    asyncio.run(scene())


def test_nothing_is_answered_while_the_write_is_under_way():
    """The guard itself, red when the order is turned: the answer waits for the store and for nothing less."""

    async def scene() -> None:
        gate = asyncio.Event()
        disk = SimulatedDisk()
        async with Scene(disk) as s:
            s.store._pause = gate.wait
            waiting = asyncio.create_task(s.sequencer.append(draft()))
            for _ in range(50):
                await asyncio.sleep(0)
            assert not waiting.done()
            assert s.kept() == ["JournalOpened"]
            gate.set()
            await waiting
            assert s.kept() == ["JournalOpened", "TestAsked"]

    asyncio.run(scene())


def test_what_arrives_during_a_write_is_the_next_batch():
    """Group commit without a timer: a lone entry goes at once, load makes its own batches."""
    batches: list[int] = []

    def outcome(batch: SealedBatch) -> WriteOutcome:
        batches.append(len(batch.entries))
        return KEPT

    async def scene() -> None:
        async with Scene(outcome=outcome) as s:
            await s.sequencer.append(draft())
            await asyncio.gather(*(s.sequencer.append(draft(), draft()) for _ in range(600)))

    asyncio.run(scene())
    assert batches[:2] == [1, 1]
    assert sum(batches) == 2 + 1200
    assert max(batches) <= BATCH_ENTRIES_MAX


@pytest.mark.parametrize("failure", [LOST, IN_DOUBT])
def test_after_a_failed_write_nothing_is_lost_doubled_or_out_of_order(failure: WriteOutcome):
    """B257: who waited is told JOURNAL_UNAVAILABLE; the journal is taken afresh and goes on without a gap."""
    fail_at = [2]

    def outcome(batch: SealedBatch) -> WriteOutcome:
        if batch.entries[0].index == fail_at[0]:
            fail_at[0] = -1
            return failure
        return KEPT

    async def scene() -> None:
        async with Scene(outcome=outcome) as s:
            await s.sequencer.append(draft())
            with pytest.raises(Unavailable) as refused:
                await s.sequencer.append(draft(operator_id="in-doubt"))
            assert refused.value.code == "JOURNAL_UNAVAILABLE"
            assert not s.sequencer.is_writable
            (entered,) = await s.sequencer.append(draft(operator_id="after"))

            kept = s.disk.entries
            assert [entry.index for entry in kept] == list(range(len(kept)))
            assert [entry.at for entry in kept] == sorted({entry.at for entry in kept})
            assert kept[entered.receipt.index].draft.operator_id == "after"
            assert [e.draft.operator_id for e in kept].count("in-doubt") == (1 if failure is IN_DOUBT else 0)
            assert s.kept().count("JournalOpened") == 2
            assert [e.epoch for e in kept] == sorted(e.epoch for e in kept)
            # Followers are told of every entry there is, the one in doubt included, each once and in order.
            assert [index for index, _ in s.told] == [entry.index for entry in kept]
            assert all(
                leaf == encode_leaf(kept[i].draft.kind.leaf_class, 0, kept[i].commitment)
                for i, leaf in s.told
            )

    asyncio.run(scene())


def test_a_draft_the_store_refuses_harms_nobody_elses():
    """The batch is taken apart: its maker is told, the others are entered."""

    def outcome(batch: SealedBatch) -> WriteOutcome:
        return REJECTED if any(e.draft.operator_id == "poison" for e in batch.entries) else KEPT

    async def scene() -> None:
        async with Scene(outcome=outcome) as s:
            results = await asyncio.gather(
                *(s.sequencer.append(draft(operator_id=f"o{n}")) for n in range(5)),
                s.sequencer.append(draft(operator_id="poison")),
                *(s.sequencer.append(draft(operator_id=f"o{n}")) for n in range(5, 9)),
                return_exceptions=True,
            )
            refused = [r for r in results if isinstance(r, BaseException)]
            assert len(refused) == 1
            assert isinstance(refused[0], BrokenInvariant)
            assert len(s.disk.entries) == 1 + 9

    asyncio.run(scene())


def test_journal_time_never_falls():
    """I8, B242: the wall clock may jump an hour either way; entries are a microsecond apart at the least."""

    async def scene() -> None:
        async with Scene() as s:
            times = []
            for step in (0.0, -3600.0, 0.0, 7200.0, -7200.0):
                s.clock.set_wall(s.clock.now() + timedelta(seconds=step))
                times += [entered.at for entered in await s.sequencer.append(draft(), draft())]
            assert times == sorted(set(times))
            assert min(b - a for a, b in pairwise(times)) == timedelta(microseconds=1)

    asyncio.run(scene())


def test_the_queue_is_bounded():
    """I12, B266: beyond the bound the answer is SWITCH_BUSY, at once; what waits is still entered."""

    async def scene() -> None:
        async with Scene(queue_limit=8) as s:
            results = await asyncio.gather(
                *(s.sequencer.append(draft()) for _ in range(20)), return_exceptions=True
            )
            busy = [r for r in results if isinstance(r, Unavailable)]
            assert [r.code for r in busy] == ["SWITCH_BUSY"] * 12
            assert len(s.disk.entries) == 1 + 8

    asyncio.run(scene())


def test_whoever_went_away_before_their_turn_enters_nothing():
    """A caller that was cancelled while it waited leaves no entry that nobody knows of."""

    async def scene() -> None:
        gate = asyncio.Event()
        async with Scene() as s:
            s.store._pause = gate.wait
            first = asyncio.create_task(s.sequencer.append(draft(operator_id="first")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gone = asyncio.create_task(s.sequencer.append(draft(operator_id="gone")))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
            gate.set()
            await first
            await s.sequencer.append(draft(operator_id="last"))
            assert [e.draft.operator_id for e in s.disk.entries] == ["", "first", "last"]

    asyncio.run(scene())


def test_one_sequencer_holds_the_journal():
    """A second one is refused until the first is gone; then it goes on in a later epoch."""

    async def scene() -> None:
        async with Scene() as s:
            await s.sequencer.append(draft())
            second = Scene(s.disk)
            with pytest.raises(Unavailable):
                await second.sequencer.open()
        async with Scene(s.disk) as third:
            (entered,) = await third.sequencer.append(draft())
            assert entered.receipt.index == 3
            assert [entry.epoch for entry in s.disk.entries] == [1, 1, 2, 2]

    asyncio.run(scene())


def test_a_journal_that_became_shorter_stops_the_sequencer():
    """T4: what was durable and is gone is no ordinary failure; nobody waiting is left without an answer."""

    async def scene() -> None:
        s = Scene(outcome=lambda batch: LOST if batch.entries[0].index == 3 else KEPT)
        await s.sequencer.open()
        task = asyncio.create_task(s.sequencer.run())
        await s.sequencer.append(draft(), draft())
        with pytest.raises(Unavailable):
            await s.sequencer.append(draft())
        del s.disk.entries[1:]
        with pytest.raises(Unavailable):
            await s.sequencer.append(draft())
        with pytest.raises(BrokenInvariant):
            await task
        with pytest.raises(Unavailable):
            await s.sequencer.append(draft())

    asyncio.run(scene())


@pytest.mark.parametrize(
    "wrong",
    [
        draft(EntryKind("TestUndeclared", 1, "", {}, "tests")),
        draft(companions=(Companion("switch.unknown", ()),)),
        draft(companions=(Companion("switch.transaction_subject", ("one",)),)),
        draft(operator_id="a\x00b"),
        draft(agency_ori="\ud800"),
        draft(subjects=("\udfff",)),
    ],
)
def test_a_draft_that_could_not_be_written_is_refused_at_once(wrong: EntryDraft):
    """It must not sink the batch it would have been in."""

    async def scene() -> None:
        async with Scene() as s:
            with pytest.raises(BrokenInvariant):
                await s.sequencer.append(wrong)
            await s.sequencer.append(draft())
            assert s.kept() == ["JournalOpened", "TestAsked"]

    asyncio.run(scene())


def test_companions_are_written_with_the_entry_and_know_its_index():
    """A row of another slice is in the same commit, or nowhere."""

    async def scene() -> None:
        async with Scene() as s:
            row = Companion("switch.transaction_subject", ("t", ENTRY_INDEX))
            await s.sequencer.append(draft(), draft(companions=(row,)))
            assert s.disk.companions == {"switch.transaction_subject": [("t", 2)]}

    asyncio.run(scene())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 15))
def test_under_any_failures_the_book_has_no_gap_and_no_lie(seed: int, callers: int, rounds: int):
    """Every answered entry is kept at its index; indexes and times have no gap; nothing is answered twice."""
    source = random.Random(seed)

    def outcome(batch: SealedBatch) -> WriteOutcome:
        return source.choices([KEPT, LOST, IN_DOUBT, REJECTED], [12, 1, 1, 1])[0]

    async def scene() -> None:
        s = Scene()
        await s.sequencer.open()
        s.store._outcome = outcome
        task = asyncio.create_task(s.sequencer.run())
        answered: list[tuple[str, Entered]] = []

        async def caller(name: str) -> None:
            for number in range(rounds):
                label = f"{name}-{number}"
                try:
                    (entered,) = await s.sequencer.append(draft(operator_id=label))
                    answered.append((label, entered))
                except (Unavailable, BrokenInvariant):
                    continue

        await asyncio.gather(*(caller(f"c{n}") for n in range(callers)))
        await s.sequencer.close()
        await task
        kept = s.disk.entries
        assert [entry.index for entry in kept] == list(range(len(kept)))
        assert [entry.at for entry in kept] == sorted({entry.at for entry in kept})
        for label, entered in answered:
            stored = kept[entered.receipt.index]
            assert stored.draft.operator_id == label
            leaf = encode_leaf(stored.draft.kind.leaf_class, 0, stored.commitment)
            assert entered.receipt.entry_sha256 == hashlib.sha256(b"\x00" + leaf).hexdigest()
        told = [index for index, _ in s.told]
        assert told == list(range(len(told)))

    asyncio.run(scene())
