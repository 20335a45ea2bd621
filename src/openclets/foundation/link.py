"""One asynchronous connection, shared in turn, opened again after it is lost.

For work that is batched or rare; the journal's writer has a connection of its own that is never
quietly replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable


def is_lost(connection: AsyncConnection[TupleRow]) -> bool:
    """Whether the server has gone since the last use, as far as this end can tell without asking it."""
    if connection.closed:
        return True
    try:
        # Twice: a server that ends in order sends its farewell first, and only then the end of the stream.
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return False


class Link:
    """A connection as `role`, in autocommit, for one caller at a time."""

    def __init__(self, database: Database, role: Role) -> None:
        self._database = database
        self._role = role
        self._connection: AsyncConnection[TupleRow] | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """The connection, for the block. Raises Unavailable(`DATABASE_UNAVAILABLE`) when it is lost in it."""
        async with self._turn:
            if self._connection is not None and is_lost(self._connection):
                await self._connection.close()
                self._connection = None
            if self._connection is None:
                self._connection = await self._database.aconnect(self._role, autocommit=True)
            try:
                yield self._connection
            except psycopg.OperationalError as lost:
                await self._connection.close()
                self._connection = None
                raise Unavailable("DATABASE_UNAVAILABLE", "The database does not answer.") from lost

    async def close(self) -> None:
        """Close the connection; a later use opens it again."""
        async with self._turn:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None
