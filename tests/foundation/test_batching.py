"""Many callers, one round trip: order, bounds, and failures that stay where they belong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from openclets.foundation.batching import Batcher
from openclets.foundation.errors import Unavailable


def test_what_arrives_meanwhile_goes_together() -> None:
    """The first goes alone and at once; those that came while it was out go as one batch, in order."""
    batches: list[list[int]] = []

    async def trip(asked: Sequence[int]) -> Sequence[int]:
        batches.append(list(asked))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return [number * 10 for number in asked]

    async def story() -> None:
        batcher: Batcher[int, int] = Batcher(trip)
        first = batcher.ask(0)
        await asyncio.sleep(0)
        later = [batcher.ask(number) for number in range(1, 6)]
        assert await asyncio.gather(first, *later) == [0, 10, 20, 30, 40, 50]
        assert await batcher.ask(9) == 90

    asyncio.run(story())
    assert batches == [[0], [1, 2, 3, 4, 5], [9]]


def test_a_batch_is_bounded() -> None:
    """No round trip carries more than it may."""
    sizes: list[int] = []

    async def trip(asked: Sequence[int]) -> Sequence[int]:
        sizes.append(len(asked))
        return asked

    async def story() -> None:
        batcher: Batcher[int, int] = Batcher(trip, batch_max=4)
        assert await asyncio.gather(*(batcher.ask(n) for n in range(10))) == list(range(10))

    asyncio.run(story())
    assert sizes == [4, 4, 2]


def test_a_full_queue_refuses_and_says_so() -> None:
    """More than it holds is told to come again; those that wait are served."""

    async def trip(asked: Sequence[int]) -> Sequence[int]:
        return asked

    async def story() -> None:
        batcher: Batcher[int, int] = Batcher(trip, queue_limit=3)
        waiting = [batcher.ask(n) for n in range(3)]
        with pytest.raises(Unavailable) as busy:
            batcher.ask(3)
        assert busy.value.code == "SWITCH_BUSY"
        assert await asyncio.gather(*waiting) == [0, 1, 2]
        assert await batcher.ask(4) == 4

    asyncio.run(story())


def test_a_failed_round_trip_fails_its_own_callers_and_no_others() -> None:
    """What comes after a failure is asked anew."""
    fail = True

    async def trip(asked: Sequence[int]) -> Sequence[int]:
        nonlocal fail
        if fail:
            fail = False
            raise RuntimeError("lost")
        return asked

    async def story() -> None:
        batcher: Batcher[int, int] = Batcher(trip, batch_max=1)
        lost, kept = batcher.ask(1), batcher.ask(2)
        with pytest.raises(RuntimeError):
            await lost
        assert await kept == 2

    asyncio.run(story())


def test_a_caller_who_gives_up_costs_the_others_nothing() -> None:
    """One cancelled future among many."""

    async def trip(asked: Sequence[int]) -> Sequence[int]:
        await asyncio.sleep(0.01)
        return asked

    async def story() -> None:
        batcher: Batcher[int, int] = Batcher(trip)
        gone, kept = batcher.ask(1), batcher.ask(2)
        gone.cancel()
        assert await kept == 2

    asyncio.run(story())
