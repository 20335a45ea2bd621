"""Keeps the directory's view current: told by NOTIFY, and asked for its version twice a second all the same.

A lost notice therefore delays a revocation by half a second, never longer; a view that could not be confirmed
for a second is not given out (architecture.md 4). One connection, one task.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection

from openclets.directory.store import read_version, read_view
from openclets.directory.view import DirectoryView
from openclets.foundation.clock import Clock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable

POLL_S: Final = 0.5
STALE_S: Final = 1.0
_RETRY_S: Final = 0.2


class DirectoryWatch:
    """The present view. `open` it, then let `run` go on in a task of its own; `current` is what the switch
    asks.
    """

    def __init__(
        self, database: Database, clock: Clock, *, poll_s: float = POLL_S, stale_s: float = STALE_S
    ) -> None:
        self._database = database
        self._clock = clock
        self._poll_s = poll_s
        self._stale_s = stale_s
        self._connection: AsyncConnection[Any] | None = None
        self._view: DirectoryView | None = None
        self._confirmed_at = float("-inf")

    def current(self) -> DirectoryView:
        """The view, confirmed within the last second. Raises Unavailable otherwise."""
        if self._view is None or self._clock.monotonic() - self._confirmed_at > self._stale_s:
            raise Unavailable(
                "DIRECTORY_UNAVAILABLE", "the directory could not be confirmed within the last second"
            )
        return self._view

    async def open(self) -> None:
        """Read the first view. Raises Unavailable when the database can't be reached."""
        self._connection = await self._database.aconnect(Role.APP, autocommit=True)
        try:
            await self._connection.execute("LISTEN directory")
            await self._confirm(self._connection)
        except psycopg.Error as error:
            await self.close()
            raise Unavailable("DATABASE_UNAVAILABLE", f"the directory can't be read: {error}") from error

    async def run(self) -> None:
        """Follow the directory until cancelled, through losses of the connection."""
        while True:
            try:
                if self._connection is None:
                    await self.open()
                await self._follow()
            except (psycopg.Error, Unavailable, OSError, TimeoutError):
                await self.close()
                await asyncio.sleep(_RETRY_S)

    async def close(self) -> None:
        """Let go of the connection. `current` goes stale within a second."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                await connection.close()

    async def _follow(self) -> None:
        connection = self._connection
        while connection is not None and connection is self._connection:
            async for _ in connection.notifies(timeout=self._poll_s, stop_after=1):
                pass
            async with asyncio.timeout(self._stale_s):
                await self._confirm(connection)

    async def _confirm(self, connection: AsyncConnection[Any]) -> None:
        """Ask for the version; read the view if it is another. What is confirmed is the moment of asking."""
        asked_at = self._clock.monotonic()
        version = await read_version(connection)
        if self._view is None or self._view.version != version:
            self._view = await read_view(connection)
        self._confirmed_at = asked_at
