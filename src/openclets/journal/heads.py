"""Keeps the heads that were signed in PostgreSQL, one after another, and reads the leaves they cover.

Each head names the size it follows and no two may follow the same, so a second publisher, or one that
wakes after a pause, cannot have its head kept: what was never kept is never shown (T5, T9). Used by
`publish.py` alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.journal.leaf import encode_leaf


class SignedHead(msgspec.Struct, frozen=True):
    """A head that was signed: its size, its root, and the note as it is served."""

    size: int
    root: bytes
    note: str


class HeadStore(Protocol):
    """Where the publisher keeps its heads and finds the leaves. All raise Unavailable; `add` raises
    BrokenInvariant when another head stands there already.
    """

    async def last(self) -> SignedHead | None: ...

    async def add(self, head: SignedHead, follows: int | None, at: datetime) -> None: ...

    async def size(self) -> int: ...

    async def leaves(self, start: int, end: int) -> list[bytes]: ...

    async def close(self) -> None: ...


class PostgresHeads:
    """Heads and leaves in PostgreSQL; connects when first needed and again after a failure."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection[TupleRow] | None = None

    async def last(self) -> SignedHead | None:
        rows = await self._rows(
            "SELECT size, root, note FROM journal.checkpoint ORDER BY size DESC LIMIT 1", ()
        )
        return SignedHead(rows[0][0], rows[0][1], rows[0][2]) if rows else None

    async def add(self, head: SignedHead, follows: int | None, at: datetime) -> None:
        try:
            await self._rows(
                "INSERT INTO journal.checkpoint (size, follows, root, note, at)"
                " VALUES (%s, %s, %s, %s, %s) RETURNING size",
                (head.size, follows, head.root, head.note, at),
            )
        except psycopg.IntegrityError as error:
            raise BrokenInvariant(f"another head already follows size {follows}") from error

    async def size(self) -> int:
        rows = await self._rows("SELECT coalesce(max(index) + 1, 0) FROM journal.entry", ())
        return int(rows[0][0])

    async def leaves(self, start: int, end: int) -> list[bytes]:
        rows = await self._rows(
            "SELECT leaf_class, flags, commitment FROM journal.entry"
            " WHERE index >= %s AND index < %s ORDER BY index",
            (start, end),
        )
        if len(rows) != end - start:
            raise BrokenInvariant(f"entries {start} to {end - 1} are not all there")
        return [encode_leaf(leaf_class, flags, commitment) for leaf_class, flags, commitment in rows]

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _rows(self, statement: str, values: tuple[object, ...]) -> list[TupleRow]:
        if self._connection is None:
            self._connection = await self._database.aconnect(Role.APP, autocommit=True)
        try:
            cursor = await self._connection.execute(statement, values)
            return list(await cursor.fetchall())
        except psycopg.OperationalError as error:
            await self.close()
            raise Unavailable(
                "DATABASE_UNAVAILABLE", f"the signed heads cannot be reached: {error}"
            ) from error
