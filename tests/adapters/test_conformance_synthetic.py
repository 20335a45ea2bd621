"""The invented state's own systems pass the kit, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from adapters.samples import FILED, GATE_KEY, order, query
from openclets.adapters.synthetic.load import load
from openclets.adapters.synthetic.system import LOCAL_SYSTEMS, LocalRecords
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.records.conformance import CHECKS, Check, Trouble
from openclets.records.query import Query


@pytest.fixture(scope="module")
def filed(database: Database) -> Database:
    """A database that holds the sample records."""
    expired = ("doj.restraining_order", order("H990000010", NAM="ROE,CASEY", PNO="20DV00001", EXP="20200101"))
    local = [(system, record) for system, record in FILED if system in LOCAL_SYSTEMS]
    with database.connect(Role.RECORDS, autocommit=True) as connection:
        load(connection, [*local, expired])
    return database


class DatabaseBench:
    """A `records.conformance.Workbench` over the state's restraining orders."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._down = False
        self._opened: list[AsyncConnection[TupleRow]] = []
        self.local = LocalRecords(self._connect, GATE_KEY, SystemClock())
        self.system = self.local.systems["doj.restraining_order"]

    async def _connect(self) -> AsyncConnection[TupleRow]:
        if self._down:
            raise Unavailable("DATABASE_UNAVAILABLE", "the server is down")
        self._opened.append(await self._database.aconnect(Role.RECORDS, autocommit=True))
        return self._opened[-1]

    def hit(self) -> Query:
        return query("doj.restraining_order", {"NAM": "VANCE,RILEY J", "DOB": "19880417"}, "QPO")

    def record(self) -> Query:
        return query("doj.restraining_order", {"PNO": "20DV00001"}, "QPO")

    def nothing(self) -> Query:
        return query("doj.restraining_order", {"NAM": "SYNTHE,NOBODY", "DOB": "19700101"}, "QPO")

    async def received(self) -> int:
        """Nothing can be sent without a connection, and each check begins without one."""
        return len(self._opened)

    def in_trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None] | None:
        return {
            Trouble.DOWN: self._server_down,
            Trouble.SILENT: self._table_locked,
            Trouble.MALFORMED: self._record_spoiled,
        }.get(trouble, lambda: None)()

    @asynccontextmanager
    async def _server_down(self) -> AsyncIterator[None]:
        self._down = True
        for connection in self._opened:
            connection.pgconn.finish()
        yield
        self._down = False

    @asynccontextmanager
    async def _table_locked(self) -> AsyncIterator[None]:
        async with await self._database.aconnect(Role.OWNER) as owner:
            await owner.execute("LOCK TABLE synthetic.record IN ACCESS EXCLUSIVE MODE")
            yield
            await owner.rollback()

    @asynccontextmanager
    async def _record_spoiled(self) -> AsyncIterator[None]:
        change = "UPDATE synthetic.record SET body = %s || substr(body, 2) WHERE ref = 'H990000009'"
        async with await self._database.aconnect(Role.RECORDS, autocommit=True) as connection:
            await connection.execute(change, ("!",))
            yield
            await connection.execute(change, ("{",))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_invented_systems_keep_the_ports_promise(check: Check, filed: Database) -> None:
    """Every check of the kit, with a fresh connector."""

    async def run() -> None:
        bench = DatabaseBench(filed)
        try:
            await check(bench)
        finally:
            await bench.local.close()

    asyncio.run(run())
