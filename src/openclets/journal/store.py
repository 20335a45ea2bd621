"""Keeps the journal in PostgreSQL, for the one sequencer that writes it.

A batch is one statement (`batch_statement.py`). The connection that writes holds the advisory lock, so a
sequencer that lost its connection can write nothing more. Reading is `entries.py`, signed heads `heads.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.foundation.link import is_lost
from openclets.foundation.round_trip import RoundTrips
from openclets.journal.batch_statement import Companions, batch_arrays, batch_statement
from openclets.journal.binary_arrays import COLUMN_TYPES
from openclets.journal.journal_store import BatchRejected, Head, SealedBatch, StoreLost
from openclets.journal.leaf import encode_leaf

SEQUENCER_LOCK = 0x6F70_6E10
"""Advisory lock key: one sequencer at a time."""


class PostgresJournalStore:
    """The journal's store on PostgreSQL, for one sequencer.

    `companion_tables` are the tables of other slices that rows may be written to with an entry, name to
    columns.
    """

    def __init__(
        self, database: Database, companion_tables: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._database = database
        self._companion_tables = dict(companion_tables or {})
        self._companions: Companions = {}
        self._prepared: dict[frozenset[str], str] = {}
        self._trips: RoundTrips | None = None
        self._connection: AsyncConnection[TupleRow] | None = None

    async def open(self) -> Head:
        """Connect, take the lock, read where the journal stands. Raises Unavailable when it is held
        elsewhere."""
        await self.close()
        connection = await self._connect()
        try:
            head = await self._take(connection)
        except psycopg.Error as error:
            await connection.close()
            raise _unavailable(error) from error
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return head

    async def write(self, batch: SealedBatch) -> None:
        """Make a batch durable; see `JournalStore.write`."""
        if self._trips is None:
            raise _not_open()
        if is_lost(self._held()):
            raise StoreLost("JOURNAL_UNAVAILABLE", "The journal's connection was lost.")
        named = frozenset([row.table for row in batch.companions])
        # In the order of the tables as declared: statement and arrays must agree.
        companions = {table: columns for table, columns in self._companions.items() if table in named}
        try:
            arrays = batch_arrays(batch, companions)
        except (KeyError, TypeError, ValueError, struct.error) as error:
            raise BatchRejected(f"{type(error).__name__}: {error}") from error
        try:
            # Commit point of the store: the statement is its own transaction and synchronous_commit is on, so
            # this returns once the batch is on disk.
            await self._trips.run(self._prepared.get(named) or await self._prepare(companions), arrays)
        except psycopg.errors.ProgramLimitExceeded as error:
            # A value too large for an index is its entry's fault, not the server's.
            raise BatchRejected(str(error)) from error
        except psycopg.OperationalError as error:
            raise _unavailable(error) from error
        except psycopg.Error as error:
            raise BatchRejected(str(error)) from error

    async def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves of [start, end), in order."""
        try:
            cursor = await self._held().execute(
                "SELECT leaf_class, flags, commitment FROM journal.entry"
                " WHERE index >= %s AND index < %s ORDER BY index",
                (start, end),
            )
            rows = await cursor.fetchall()
        except psycopg.Error as error:
            raise _unavailable(error) from error
        return [encode_leaf(leaf_class, flags, commitment) for leaf_class, flags, commitment in rows]

    async def close(self) -> None:
        """Close the connection; the lock goes with it."""
        connection, self._connection, self._trips = self._connection, None, None
        if connection is not None:
            await connection.close()

    def _held(self) -> AsyncConnection[TupleRow]:
        if self._connection is None:
            raise _not_open()
        return self._connection

    async def _connect(self) -> AsyncConnection[TupleRow]:
        try:
            return await self._database.aconnect(Role.APP, autocommit=True)
        except Unavailable as error:
            raise Unavailable("JOURNAL_UNAVAILABLE", error.message) from error

    async def _take(self, connection: AsyncConnection[TupleRow]) -> Head:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (SEQUENCER_LOCK,))
        row = await cursor.fetchone()
        if row is None or not row[0]:
            raise Unavailable("JOURNAL_UNAVAILABLE", "Another sequencer holds the journal.")
        # The plan does not depend on the arrays; making one for each batch would cost more than the writing.
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        self._companions = await self._read_companions(connection)
        self._trips = RoundTrips(connection)
        self._prepared = {}
        cursor = await connection.execute(
            "SELECT index, at, epoch FROM journal.entry ORDER BY index DESC LIMIT 1"
        )
        last = await cursor.fetchone()
        return Head(0, None, 1) if last is None else Head(last[0] + 1, last[1], last[2] + 1)

    async def _prepare(self, companions: Companions) -> str:
        """The statement for batches with rows for these tables, prepared when it is first needed: inserting
        no rows into a table costs the server nearly as much as inserting some.
        """
        assert self._trips is not None, "the journal is open"
        name = f"write_batch_{len(self._prepared)}"
        await self._trips.prepare(name, batch_statement(companions))
        self._prepared[frozenset(companions)] = name
        return name

    async def _read_companions(self, connection: AsyncConnection[TupleRow]) -> Companions:
        companions = {}
        for table, columns in self._companion_tables.items():
            cursor = await connection.execute(
                "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
                " WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0",
                (table,),
            )
            types = {str(name): str(kind) for name, kind in await cursor.fetchall()}
            unknown = [column for column in columns if types.get(column) not in COLUMN_TYPES]
            if unknown:
                named = ", ".join(unknown)
                raise BrokenInvariant(f"companion table {table} has no column {named} of a known type")
            companions[table] = tuple((column, COLUMN_TYPES[types[column]]) for column in columns)
        return companions


def _not_open() -> Unavailable:
    return Unavailable("JOURNAL_UNAVAILABLE", "The journal is not open.")


def _unavailable(error: psycopg.Error) -> Unavailable:
    return Unavailable("JOURNAL_UNAVAILABLE", f"The journal cannot be written: {error}".strip())
