"""What PostgreSQL alone makes of the same rows: COPY and commit, nothing sealed, decided or asked.

One connection copies the rows of a batch of inquiries as an intent and a reply leave them, into tables made
like the journal's, and commits; that is the most that any program could get from this database on this disk.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import count

import psycopg
from psycopg import sql

from benchmarks.demo import bench_folder
from benchmarks.row import Row
from openclets.foundation import database as databases
from openclets.foundation.database import Role
from openclets.foundation.postgres import Server
from openclets.migrations.apply import migrate

BATCHES = (1, 32, 128)
"""Inquiries a commit."""

_TABLES = ("journal.entry", "journal.body", "journal.body_key", "switch.transaction_subject")
_NOW = "2026-11-22T12:00:00Z"
_NAMES = ("CA9010000", "LOAD0001", "LOAD0001", "QPL", "", "ab" * 32, "RECORD")


def rows(seconds: float) -> list[Row]:
    """Run for `seconds` a batch size."""
    found = []
    with bench_folder() as folder, Server(folder) as server:
        database = databases.prepare(server.superuser_conninfo, {role: uuid.uuid4().hex for role in Role})
        migrate(database)
        with database.connect(Role.OWNER) as connection:
            connection.execute("CREATE SCHEMA bench")
            for table in _TABLES:
                statement = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
                connection.execute(statement.format(_copy_of(table), sql.Identifier(*table.split("."))))
            connection.commit()
            indexes = count(step=2)
            for batch in BATCHES:
                rate = _rate(connection, batch, indexes, seconds)
                found.append(
                    Row(f"plain PostgreSQL, rows of {batch} inquiries a commit", rate, "inquiries/s")
                )
    return found


def _rate(
    connection: psycopg.Connection[tuple[object, ...]], batch: int, indexes: Iterator[int], seconds: float
) -> float:
    began, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        inquiries = [_rows_of(next(indexes)) for _ in range(batch)]
        with connection.cursor() as cursor:
            for table in _TABLES:
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(_copy_of(table))) as copy:
                    for inquiry in inquiries:
                        for row in inquiry[table]:
                            copy.write_row(row)
        connection.commit()
        done += batch
    return done / passed


def _copy_of(table: str) -> sql.Identifier:
    return sql.Identifier("bench", table.split(".")[1])


def _rows_of(index: int) -> dict[str, Sequence[Sequence[object]]]:
    """What one inquiry leaves: two entries and bodies, six wrapped keys, whom it was about."""
    transaction, person = str(uuid.uuid4()), f"subject:{os.urandom(16).hex()}"
    kinds = (("InquiryPermitted", 1, 400), ("ReplyReleased", 2, 1_800))
    entries = [
        (index + n, _NOW, 1, kind, leaf_class, 0, transaction, *_NAMES, os.urandom(32))
        for n, (kind, leaf_class, _) in enumerate(kinds)
    ]
    bodies = [(index + n, os.urandom(length)) for n, (_, _, length) in enumerate(kinds)]
    holders = ("oversight", "agency:CA9010000", person)
    keys = [(index + n, holder, os.urandom(60)) for n in range(2) for holder in holders]
    subject = [(transaction, f"DL{index}", "owner", 1000)]
    return dict(zip(_TABLES, (entries, bodies, keys, subject), strict=True))
