"""Keeps the journal in PostgreSQL: the only SQL of the slice that writes entries.

A batch is one transaction of one COPY a table. The connection that writes holds the advisory lock, so a
sequencer that lost its connection can write nothing more. Reading is `entries.py`, signed heads `heads.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.journal.binary_copy import (
    ENCODERS,
    HEADER,
    TRAILER,
    Encoder,
    bytes_field,
    encode_rows,
    microseconds,
    text_field,
    uuid_field,
)
from openclets.journal.journal_store import BatchRejected, Head, SealedBatch
from openclets.journal.leaf import encode_leaf
from openclets.journal.seal import SealedEntry, Wrap

SEQUENCER_LOCK = 0x6F70_6E10
"""Advisory lock key: one sequencer at a time."""

_COPY_ENTRY = (
    "COPY journal.entry (index, at, epoch, kind, leaf_class, flags, transaction, agency_ori, operator_id,"
    " terminal_id, message_key, purpose_code, ruleset_digest, result_class, commitment)"
    " FROM STDIN (FORMAT binary)"
)
_COPY_BODY = "COPY journal.body (index, sealed) FROM STDIN (FORMAT binary)"
_COPY_BODY_KEY = "COPY journal.body_key (index, holder, wrapped) FROM STDIN (FORMAT binary)"

_entry_start = struct.Struct(">hiqiqii").pack
_entry_middle = struct.Struct(">ihih").pack
_body_start = struct.Struct(">hiqi").pack
_key_start = struct.Struct(">hiq").pack


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
        self._companion_encoders: dict[str, tuple[Encoder, ...]] = {}
        self._connection: AsyncConnection[TupleRow] | None = None

    async def open(self) -> Head:
        """Connect, take the lock, read where the journal stands. Raises Unavailable when it is held
        elsewhere.
        """
        await self.close()
        connection = await self._connect()
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (SEQUENCER_LOCK,))
            row = await cursor.fetchone()
            if row is None or not row[0]:
                raise Unavailable("JOURNAL_UNAVAILABLE", "Another sequencer holds the journal.")
            self._companion_encoders = await self._read_companion_types(connection)
            cursor = await connection.execute(
                "SELECT index, at, epoch FROM journal.entry ORDER BY index DESC LIMIT 1"
            )
            last = await cursor.fetchone()
            await connection.commit()
        except psycopg.Error as error:
            await connection.close()
            raise _unavailable(error) from error
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return Head(0, None, 1) if last is None else Head(last[0] + 1, last[1], last[2] + 1)

    async def write(self, batch: SealedBatch) -> None:
        """Make a batch durable; see `JournalStore.write`."""
        if self._connection is None:
            raise Unavailable("JOURNAL_UNAVAILABLE", "The journal is not open.")
        copies = self._copies(batch)
        try:
            async with self._connection.cursor() as cursor:
                for statement, rows in copies:
                    async with cursor.copy(statement) as copy:
                        await copy.write(rows)
        except psycopg.errors.ProgramLimitExceeded as error:
            # A value too large for an index is its entry's fault, not the server's.
            await self._roll_back(error)
        except psycopg.OperationalError as error:
            raise _unavailable(error) from error
        except psycopg.Error as error:
            await self._roll_back(error)
        try:
            # Commit point of the store: with synchronous_commit on, this returns once the batch is on disk.
            await self._connection.commit()
        except psycopg.Error as error:
            raise _unavailable(error) from error

    async def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves of [start, end), in order."""
        if self._connection is None:
            raise Unavailable("JOURNAL_UNAVAILABLE", "The journal is not open.")
        try:
            cursor = await self._connection.execute(
                "SELECT leaf_class, flags, commitment FROM journal.entry"
                " WHERE index >= %s AND index < %s ORDER BY index",
                (start, end),
            )
            rows = await cursor.fetchall()
            await self._connection.commit()
        except psycopg.Error as error:
            raise _unavailable(error) from error
        return [encode_leaf(leaf_class, flags, commitment) for leaf_class, flags, commitment in rows]

    async def close(self) -> None:
        """Close the connection; the lock goes with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connect(self) -> AsyncConnection[TupleRow]:
        try:
            return await self._database.aconnect(Role.APP)
        except Unavailable as error:
            raise Unavailable("JOURNAL_UNAVAILABLE", error.message) from error

    async def _roll_back(self, rejection: psycopg.Error) -> None:
        assert self._connection is not None
        try:
            await self._connection.rollback()
        except psycopg.Error as error:
            raise _unavailable(error) from error
        raise BatchRejected(str(rejection)) from rejection

    def _copies(self, batch: SealedBatch) -> list[tuple[str | sql.Composed, bytes]]:
        """Each COPY of the batch with its rows. Raises BatchRejected for a value that its column cannot
        hold.
        """
        try:
            copies: list[tuple[str | sql.Composed, bytes]] = [
                (_COPY_ENTRY, b"".join((HEADER, *map(_entry_row, batch.entries), TRAILER))),
                (_COPY_BODY, b"".join((HEADER, *map(_body_row, batch.entries), TRAILER))),
                (
                    _COPY_BODY_KEY,
                    b"".join((HEADER, *[_key_row(w) for e in batch.entries for w in e.wraps], TRAILER)),
                ),
            ]
            by_table: dict[str, list[tuple[object, ...]]] = {}
            for row in batch.companions:
                by_table.setdefault(row.table, []).append(row.values)
            for table, rows in by_table.items():
                encoded = encode_rows(rows, self._companion_encoders[table])
                copies.append((_copy_statement(table, self._companion_tables[table]), encoded))
        except (ValueError, TypeError, struct.error, KeyError) as error:
            raise BatchRejected(f"{type(error).__name__}: {error}") from error
        return copies

    async def _read_companion_types(
        self, connection: AsyncConnection[TupleRow]
    ) -> dict[str, tuple[Encoder, ...]]:
        encoders: dict[str, tuple[Encoder, ...]] = {}
        for table, columns in self._companion_tables.items():
            cursor = await connection.execute(
                "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
                " WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0",
                (table,),
            )
            types = {str(name): str(typename) for name, typename in await cursor.fetchall()}
            unknown = [c for c in columns if types.get(c) not in ENCODERS]
            if unknown:
                raise BrokenInvariant(
                    f"companion table {table} has no column {', '.join(unknown)} of a known type"
                )
            encoders[table] = tuple(ENCODERS[types[column]] for column in columns)
        return encoders


def _copy_statement(table: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def _entry_row(entry: SealedEntry) -> bytes:
    draft = entry.draft
    return b"".join(
        (
            _entry_start(15, 8, entry.index, 8, microseconds(entry.at), 4, entry.epoch),
            text_field(draft.kind.name),
            _entry_middle(2, draft.kind.leaf_class, 2, entry.flags),
            uuid_field(draft.transaction),
            text_field(draft.agency_ori),
            text_field(draft.operator_id),
            text_field(draft.terminal_id),
            text_field(draft.message_key),
            text_field(draft.purpose_code),
            text_field(draft.ruleset_digest),
            text_field(draft.result_class),
            bytes_field(entry.commitment),
        )
    )


def _body_row(entry: SealedEntry) -> bytes:
    return _body_start(2, 8, entry.index, len(entry.sealed)) + entry.sealed


def _key_row(wrap: Wrap) -> bytes:
    return _key_start(3, 8, wrap.index) + bytes_field(wrap.holder.encode()) + bytes_field(wrap.wrapped)


def _unavailable(error: psycopg.Error) -> Unavailable:
    return Unavailable("JOURNAL_UNAVAILABLE", f"The journal cannot be written: {error}".strip())
