"""A process goes on only whole, and stops in order all the same."""

from __future__ import annotations

import asyncio

import pytest

from openclets.foundation.long_tasks import LongTasks


async def _end() -> None:
    await asyncio.sleep(0)


async def _fail() -> None:
    await asyncio.sleep(0)
    raise ValueError("broken")


@pytest.mark.parametrize("work", [_end, _fail])
def test_a_task_that_ends_by_itself_stops_the_process(work) -> None:
    """A network without its journal must not go on."""
    collapsed: list[str] = []

    async def story() -> None:
        with LongTasks(collapsed.append) as tasks:
            tasks.start("journal", work())
            await asyncio.sleep(0.01)

    asyncio.run(story())
    assert collapsed == ["journal"]


@pytest.mark.parametrize("work", [_end, _fail])
def test_a_task_may_end_while_the_process_stops(work, caplog) -> None:
    """A part that is closed ends its task; a failure then is told and stops nothing."""
    collapsed: list[str] = []

    async def story() -> None:
        with LongTasks(collapsed.append) as tasks:
            tasks.start("journal", work())
            tasks.let_end()
            await asyncio.sleep(0.01)

    asyncio.run(story())
    assert collapsed == []
    assert ("broken" in caplog.text) == (work is _fail)


def test_leaving_the_block_cancels_what_still_runs() -> None:
    """Nothing outlives the process's own block."""
    collapsed: list[str] = []
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("forever")

    async def story() -> None:
        with LongTasks(collapsed.append) as tasks:
            tasks.start("forever", forever())
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(story())
    assert (collapsed, ended) == ([], ["forever"])
