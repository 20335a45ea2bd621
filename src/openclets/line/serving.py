"""The listener's process, put together: store, inbox, network, listener, and the turn to be the one."""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from openclets.foundation.clock import Clock
from openclets.foundation.database import Database
from openclets.foundation.identifiers import Randomness
from openclets.foundation.long_tasks import Collapse, LongTasks, leave_at_once
from openclets.line.asking import Asking
from openclets.line.limits import Limits, limits
from openclets.line.listener import Listener
from openclets.line.network_door import NetworkDoor
from openclets.line.notices import Notices
from openclets.line.sealing import Sealer
from openclets.line.store import LineStore
from openclets.line.turn import Turn


@asynccontextmanager
async def listening(
    database: Database,
    sealer: Sealer,
    network_url: str,
    context: ssl.SSLContext,
    host: str,
    port: int,
    clock: Clock,
    *,
    randomness: Randomness = os.urandom,
    chosen: Limits | None = None,
    collapse: Collapse = leave_at_once,
) -> AsyncIterator[Listener]:
    """A listener at `host`:`port`, for the block; first it waits until no other one of this database runs.

    Should it lose its turn to another, `collapse` is called: one of the two must stop. Raises
    Unavailable(`PORT_IN_USE`).
    """
    figures = chosen or limits()
    store = LineStore(database, sealer, clock)
    door = NetworkDoor(network_url)
    notices = Notices(database, clock)
    turn = Turn(database)
    wake: list[Callable[[str], None]] = []
    asking = Asking(store, door, clock, randomness, figures, lambda line: wake[0](line))
    listener = Listener(store, asking, notices, clock, figures, context)
    wake.append(listener.woken)
    async with contextlib.AsyncExitStack() as stack:
        tasks = stack.enter_context(LongTasks(collapse))
        for part in (store, door, notices, turn):
            stack.push_async_callback(part.close)
        await turn.taken()
        tasks.start("turn to listen", turn.lost())
        tasks.start("inbox", asking.run())
        stack.push_async_callback(asking.close)
        tasks.start("lines in force", listener.run())
        await listener.begin(host, port)
        stack.push_async_callback(listener.end)
        stack.callback(tasks.let_end)
        yield listener
