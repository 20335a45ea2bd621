"""A network that is told to stop does so in order, however slowly its parts close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection

from openclets.foundation.canonical import encode
from openclets.foundation.database import Database, Role
from openclets.foundation.settings import Settings
from openclets.journal.entry import EntryDraft
from openclets.journal.kinds import JOURNAL_READ
from openclets.journal.publish import PACE_S
from openclets.wiring import Running, running
from stories.served import ORIGIN, fill_directory, make_keys


async def _append(parts: Running) -> None:
    await parts.network.journal.append(EntryDraft(JOURNAL_READ, encode({"by": "story"})))


async def _close_later(connection: AsyncConnection[Any], seconds: float) -> None:
    await asyncio.sleep(seconds)
    await connection.close()


def test_a_log_that_is_slow_to_publish_is_waited_for(
    new_database: Callable[[], Database], directory: Path
) -> None:
    """The publisher's task ends while its last checkpoint is still being kept: no part was lost, so the
    process must not stop as if one had been.
    """
    database = new_database()
    fill_directory(database)
    make_keys(directory)
    settings = Settings(data_dir=directory, log_origin=ORIGIN)
    collapsed: list[str] = []

    async def story() -> int:
        blocked = await database.aconnect(Role.OWNER)
        async with running(settings, database, collapse=collapsed.append) as parts:
            await _append(parts)
            while parts.publisher.published_size < parts.sequencer.size:
                await asyncio.sleep(0)
            # Readers pass, the next head waits; the publisher rests before it looks again.
            await blocked.execute("LOCK TABLE journal.checkpoint IN SHARE MODE")
            await _append(parts)
            size = parts.sequencer.size
            release = asyncio.create_task(_close_later(blocked, 4 * PACE_S))
        await release
        return size

    size = asyncio.run(story())
    assert collapsed == []
    assert (directory / "log" / "state" / "checkpoint").read_text().splitlines()[1] == str(size)
