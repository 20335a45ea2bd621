"""One connection in turn, opened again after it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.link import Link
from openclets.foundation.postgres import Server


def tell(database: Database, story: Callable[[Link], Awaitable[None]]) -> None:
    """Run a story over a link."""

    async def whole() -> None:
        link = Link(database, Role.READER)
        try:
            await story(link)
        finally:
            await link.close()

    asyncio.run(whole())


async def process_of(link: Link) -> int:
    """The server's process at the other end."""
    async with link.connection() as connection:
        return connection.info.backend_pid


def end(postgres: Server, process: int) -> None:
    """End a connection from the server's side."""
    with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 1000)", (process,))


def test_callers_take_turns_on_one_connection(database: Database) -> None:
    """Nobody is given the connection while another has it."""

    async def story(link: Link) -> None:
        held = 0

        async def use() -> int:
            nonlocal held
            async with link.connection() as connection:
                held += 1
                assert held == 1
                await connection.execute("SELECT pg_sleep(0.001)")
                held -= 1
                return connection.info.backend_pid

        assert len(set(await asyncio.gather(*(use() for _ in range(10))))) == 1

    tell(database, story)


def test_one_that_was_cut_while_idle_is_opened_again_unnoticed(database: Database, postgres: Server) -> None:
    """The next caller gets a good one."""

    async def story(link: Link) -> None:
        first = await process_of(link)
        end(postgres, first)
        await asyncio.sleep(0.05)
        async with link.connection() as connection:
            cursor = await connection.execute("SELECT 1")
            assert await cursor.fetchone() == (1,)
        assert await process_of(link) != first

    tell(database, story)


def test_one_that_is_cut_in_use_says_unavailable_and_the_next_is_good(
    database: Database, postgres: Server
) -> None:
    """Its caller is told; nobody else notices."""

    async def story(link: Link) -> None:
        with pytest.raises(Unavailable) as lost:
            async with link.connection() as connection:
                end(postgres, connection.info.backend_pid)
                await connection.execute("SELECT 1")
        assert lost.value.code == "DATABASE_UNAVAILABLE"
        assert await process_of(link)

    tell(database, story)


def test_a_fault_of_the_statement_keeps_the_connection(database: Database) -> None:
    """What the server refuses is the caller's affair."""

    async def story(link: Link) -> None:
        first = await process_of(link)
        with pytest.raises(psycopg.errors.UndefinedTable):
            async with link.connection() as connection:
                await connection.execute("SELECT * FROM nowhere")
        assert await process_of(link) == first

    tell(database, story)


def test_a_closed_link_opens_again_when_used(database: Database) -> None:
    """Closing is no end."""

    async def story(link: Link) -> None:
        await process_of(link)
        await link.close()
        assert await process_of(link)

    tell(database, story)
