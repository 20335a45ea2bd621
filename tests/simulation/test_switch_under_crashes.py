"""Thousands of schedules through the real corridor: every order, every crash, every broken write
the seed finds.

The promise: no record system is asked, and no answer leaves, before its entry is durable; and every
intent is closed.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import warnings
from collections.abc import Callable, Iterator

import pytest

from openclets.journal.append import Journal
from openclets.journal.entry import Entered, EntryDraft
from openclets.journal.keyring import Keyring
from openclets.journal.receipt import issue_receipt
from simulation.loop import Crashed, SimulatedLoop
from simulation.scene import BEGIN, Durable, HeldJournal, Scene, Violation

# A killed process runs no clean-up; what its coroutines would say on being collected means nothing.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SEEDS_OF_LIVES = range(250)
SEEDS_OF_CRASHES = range(12)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Broken connectors are meant to be broken, and killed tasks leave coroutines behind."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
        gc.collect()
    logging.disable(logging.NOTSET)


def live(
    seed: int,
    durable: Durable,
    *,
    crash_at: int | None = None,
    faulty: bool = False,
    held: Callable[[Journal, Durable], Journal] = HeldJournal,
) -> int:
    """One life of the switch; the steps it took."""
    loop = SimulatedLoop(seed, crash_at=crash_at)
    scene = Scene(seed, durable, loop, held=held)
    try:
        loop.run(scene.live(faulty=faulty))
    except Crashed:
        durable.disk.crash()
        if scene.violations:
            raise scene.violations[0] from None
        return loop.steps
    scene.check_end()
    return loop.steps


@pytest.mark.parametrize("seed", SEEDS_OF_LIVES)
def test_no_schedule_and_no_failed_write_breaks_a_promise(seed: int) -> None:
    """Whatever the order and whatever the disk refuses, what is asked and what leaves has its
    durable entry.
    """
    live(seed, Durable(), faulty=seed % 2 == 1)


@pytest.mark.parametrize("seed", SEEDS_OF_CRASHES)
def test_a_crash_between_any_two_steps_loses_nothing_that_left(seed: int) -> None:
    """Killed after every single step in turn, the next life finds each intent and closes it."""
    steps = live(seed, Durable())
    assert steps > 100
    for crash_at in range(1, steps, 1 + steps // 400):
        durable = Durable()
        live(seed, durable, crash_at=crash_at)
        live(seed + 1000, durable)


class Hasty:
    """A journal that answers before the disk has: the mistake the simulation exists to find."""

    def __init__(self, journal: Journal, durable: Durable, kind: str) -> None:
        self._journal = journal
        self._durable = durable
        self._kind = kind

    async def append(self, *drafts: EntryDraft) -> tuple[Entered, ...]:
        writing = asyncio.ensure_future(self._journal.append(*drafts))
        if drafts[0].kind.name != self._kind:
            return await writing
        size = len(self._durable.disk.entries)
        gate_key = Keyring.from_randomness(random.Random(1).randbytes).gate_key
        receipt = issue_receipt("simulated", size, b"\0" * 32, drafts[0].transaction, gate_key)
        return (Entered(receipt, BEGIN, b"k" * 32),)


@pytest.mark.parametrize("kind", ["InquiryPermitted", "ReplyReleased", "InquiryRefused"])
def test_the_simulation_goes_red_when_an_entry_is_not_waited_for(kind: str) -> None:
    """Swapping asking or release with the commit must be found, or the tests above prove nothing."""
    with pytest.raises(Violation):
        for seed in range(40):
            live(seed, Durable(), held=lambda journal, durable: Hasty(journal, durable, kind))
