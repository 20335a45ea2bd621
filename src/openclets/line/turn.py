"""One listener at a time: an advisory lock, held as long as its connection lives.

A second listener waits, and takes over within a second of the first one's end. Two would ask the network for
the same inbox.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.link import is_lost

LISTENER_LOCK: Final = 0x6F70_6E20
"""Advisory lock key."""
_POLL_S: Final = 0.3


class Turn:
    """The right to be the listener of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection[Any] | None = None

    async def taken(self) -> None:
        """Return once the turn is ours, however long that takes."""
        while not await self._try():
            await asyncio.sleep(_POLL_S)

    async def lost(self) -> None:
        """Return once another listener has the turn. While the database is away nobody else has it."""
        while True:
            await asyncio.sleep(_POLL_S)
            if self._connection is not None and not is_lost(self._connection):
                continue
            try:
                if not await self._try(patient=False):
                    return
            except Unavailable:
                continue

    async def close(self) -> None:
        """Let the next one have it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _try(self, *, patient: bool = True) -> bool:
        await self.close()
        try:
            connection = await self._database.aconnect(Role.APP, autocommit=True)
        except Unavailable:
            if patient:
                return False
            raise
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (LISTENER_LOCK,))
            row = await cursor.fetchone()
        except psycopg.Error as gone:
            await connection.close()
            if patient:
                return False
            raise Unavailable("DATABASE_UNAVAILABLE", str(gone)) from gone
        if row is None or not row[0]:
            await connection.close()
            return False
        self._connection = connection
        return True
