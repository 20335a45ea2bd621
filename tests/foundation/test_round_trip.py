"""Prepared statements in one round trip, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable

import psycopg
import pytest
import uvloop
from psycopg import sql

from openclets.foundation.database import Database, Role
from openclets.foundation.round_trip import RoundTrips

DOUBLE = sql.SQL("SELECT $1::text || $1::text, octet_length($1::text)::int4")


def on_a_connection(database: Database, act: Callable[[RoundTrips], Awaitable[None]]) -> None:
    """Run `act` over a connection of its own."""

    async def run() -> None:
        connection = await database.aconnect(Role.APP, autocommit=True)
        trips = RoundTrips(connection)
        try:
            await act(trips)
        finally:
            trips.close()

    asyncio.run(run())


def test_values_come_and_go_in_binary_form_however_large(database: Database) -> None:
    """An answer larger than the socket's buffers comes whole, and so does a question."""

    async def act(trips: RoundTrips) -> None:
        await trips.prepare("double", DOUBLE)
        for size in (1, 3_000_000, 2):
            result = await trips.run("double", [b"x" * size])
            assert result.get_value(0, 0) == b"x" * 2 * size
            assert result.get_value(0, 1) == size.to_bytes(4, "big")

    on_a_connection(database, act)


def test_a_refused_statement_leaves_the_connection_good(database: Database) -> None:
    """A refusal names its class, and the next statement runs."""

    async def act(trips: RoundTrips) -> None:
        await trips.prepare("divide", sql.SQL("SELECT 1 / $1::int4"))
        with pytest.raises(psycopg.errors.DivisionByZero):
            await trips.run("divide", [bytes(4)])
        assert (await trips.run("divide", [b"\0\0\0\1"])).ntuples == 1

    on_a_connection(database, act)


def test_a_lost_connection_is_an_operational_error(database: Database) -> None:
    """What the server ends is told apart from what it refuses, at once and afterwards."""

    async def act(trips: RoundTrips) -> None:
        await trips.prepare("sleep", sql.SQL("SELECT pg_sleep($1::int4), pg_backend_pid()"))
        await trips.prepare("who", sql.SQL("SELECT pg_backend_pid()"))
        who = (await trips.run("who", [])).get_value(0, 0)
        assert who is not None
        sleeping = asyncio.create_task(trips.run("sleep", [b"\0\0\0\x1e"]))
        await asyncio.sleep(0.05)
        async with await database.aconnect(Role.APP, autocommit=True) as other:
            await other.execute("SELECT pg_terminate_backend(%s)", (int.from_bytes(who, "big"),))
        for lost in (sleeping, trips.run("who", [])):
            with pytest.raises(psycopg.OperationalError):
                await lost

    on_a_connection(database, act)


def test_a_run_that_is_cancelled_or_given_up_ends_the_connection(database: Database) -> None:
    """No later statement may get the answer that nobody waited for."""

    async def cancelled(trips: RoundTrips) -> None:
        await trips.prepare("sleep", sql.SQL("SELECT pg_sleep($1::int4)"))
        sleeping = asyncio.create_task(trips.run("sleep", [b"\0\0\0\x1e"]))
        await asyncio.sleep(0.05)
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        with pytest.raises(psycopg.OperationalError):
            await trips.run("sleep", [bytes(4)])

    async def given_up(trips: RoundTrips) -> None:
        await trips.prepare("sleep", sql.SQL("SELECT pg_sleep($1::int4)"))
        sleeping = asyncio.create_task(trips.run("sleep", [b"\0\0\0\x1e"]))
        await asyncio.sleep(0.05)
        trips.close()
        with pytest.raises(psycopg.OperationalError):
            await asyncio.wait_for(sleeping, 1)

    on_a_connection(database, cancelled)
    on_a_connection(database, given_up)


def test_closing_twice_lets_nobody_elses_answer_go_unheard(database: Database) -> None:
    """The number of a closed socket is soon another's; whoever closes again must not stop that one being
    watched. An answer that is never heard would stop the journal for good.
    """

    async def story() -> None:
        first = await database.aconnect(Role.APP, autocommit=True)
        gone = RoundTrips(first)
        number = first.fileno()
        await gone.prepare("one", sql.SQL("SELECT 1"))
        await gone.run("one", [])
        gone.close()
        second = await database.aconnect(Role.APP, autocommit=True)
        assert second.fileno() == number, "the number is free, and the lowest free number is given out"
        trips = RoundTrips(second)
        await trips.prepare("sleep", sql.SQL("SELECT pg_sleep($1::float8), 1"))
        asked = asyncio.create_task(trips.run("sleep", [struct.pack("!d", 0.2)]))
        await asyncio.sleep(0.05)
        gone.close()
        assert (await asyncio.wait_for(asked, 10)).ntuples == 1
        trips.close()

    for loop in (asyncio.new_event_loop, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(story())


def test_a_server_that_says_nothing_is_taken_for_lost(database: Database) -> None:
    """A line cut without a word must not be waited for for ever."""

    async def story() -> None:
        trips = RoundTrips(await database.aconnect(Role.APP, autocommit=True), patience_s=0.1)
        await trips.prepare("sleep", sql.SQL("SELECT pg_sleep($1::float8)"))
        with pytest.raises(psycopg.OperationalError, match=r"no answer within 0\.1 s"):
            await trips.run("sleep", [struct.pack("!d", 30.0)])
        with pytest.raises(psycopg.OperationalError):
            await trips.run("sleep", [struct.pack("!d", 0.0)])

    asyncio.run(story())
