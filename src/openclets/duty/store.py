"""Where facts of police work are kept: the only SQL of the slice. Schema `duty`, role openclets_app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from openclets.duty.tables import columns, upsert, values
from openclets.duty.work import KINDS, DutyRecord, Incident, Noun, Recorded, Shift
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.link import is_lost

T = TypeVar("T")


class DutyStore:
    """Facts of police work over one connection, made anew when it breaks.

    Every method raises Unavailable(`DATABASE_UNAVAILABLE`) when the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection[TupleRow] | None = None
        self._turn = asyncio.Lock()

    async def put(self, records: Iterable[DutyRecord], source: str, now: datetime) -> int:
        """Insert or amend by (source, id); returns how many rows were new or differed. All or none.

        `recorded_at` is set to `now` when a fact is first learned and stays; `amended_at` when it last
        changed.
        """
        ordered = sorted(records, key=_kind)
        async with self._turn:
            connection = await self._open()
            changed = 0
            try:
                async with connection.transaction(), connection.cursor() as cursor:
                    for kind, group in groupby(ordered, key=_kind):
                        await cursor.executemany(
                            upsert(kind), [(*values(record), source, now) for record in group]
                        )
                        changed += cursor.rowcount
            except psycopg.OperationalError as error:
                raise await self._broken(error) from error
            return changed

    async def incidents_numbered(self, incident_id: str) -> tuple[Recorded[Incident], ...]:
        """Every incident of that number, whichever agency's."""
        return await self._facts(Incident, "WHERE incident_id = %s ORDER BY opened", (incident_id,))

    async def open_incidents(
        self, agency_ori: str, at: datetime, *, limit: int = 50
    ) -> tuple[Recorded[Incident], ...]:
        """The agency's incidents that were open at that instant, the latest opened first."""
        return await self._facts(
            Incident,
            "WHERE agency_ori = %s AND opened <= %s AND (closed IS NULL OR closed >= %s)"
            " ORDER BY opened DESC LIMIT %s",
            (agency_ori, at, at, limit),
        )

    async def assigned_to(self, operator_id: str, at: datetime) -> frozenset[str]:
        """Numbers of the incidents that operator was on at that instant."""
        rows = await self._rows(
            "SELECT DISTINCT incident_id FROM duty.assignment"
            " WHERE operator_id = %s AND starts <= %s AND (ends IS NULL OR ends >= %s)",
            (operator_id, at, at),
        )
        return frozenset(str(row[0]) for row in rows)

    async def shift_of(self, operator_id: str, at: datetime) -> Recorded[Shift] | None:
        """The shift that operator was on at that instant, the longest where several are known."""
        found = await self._facts(
            Shift,
            "WHERE operator_id = %s AND starts <= %s AND ends >= %s ORDER BY ends - starts DESC LIMIT 1",
            (operator_id, at, at),
        )
        return found[0] if found else None

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _facts(
        self, noun: type[Noun], where: str, arguments: tuple[object, ...]
    ) -> tuple[Recorded[Noun], ...]:
        kind = next(word for word, known in KINDS.items() if known is noun)
        rows = await self._rows(
            f"SELECT {', '.join(columns(noun))}, source, recorded_at, amended_at FROM duty.{kind} {where}",  # noqa: S608
            arguments,
        )
        make: Callable[..., Noun] = noun
        names = noun.__struct_fields__
        return tuple(
            Recorded(make(**dict(zip(names, row, strict=False))), row[-3], row[-2], row[-1]) for row in rows
        )

    async def _rows(self, statement: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        async with self._turn:
            connection = await self._open()
            try:
                cursor = await connection.execute(statement.encode(), arguments)
                return await cursor.fetchall()
            except psycopg.OperationalError as error:
                raise await self._broken(error) from error

    async def _open(self) -> AsyncConnection[TupleRow]:
        if self._connection is not None and is_lost(self._connection):
            await self.close()
        if self._connection is None:
            self._connection = await self._database.aconnect(Role.APP, autocommit=True)
        return self._connection

    async def _broken(self, error: psycopg.OperationalError) -> Unavailable:
        await self.close()
        return Unavailable("DATABASE_UNAVAILABLE", f"the database did not answer: {error}".strip())


def _kind(record: DutyRecord) -> str:
    return str(record.__struct_config__.tag)
