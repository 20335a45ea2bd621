"""The switch's rows on a real PostgreSQL: keys, reasons owed, unanswered intents, lost servers."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant
from openclets.foundation.identifiers import uuid7
from openclets.foundation.link import Link
from openclets.foundation.postgres import Server
from openclets.journal import keyring
from openclets.journal.append import Sequencer
from openclets.journal.entry import Companion
from openclets.journal.store import PostgresJournalStore
from openclets.switch import entries
from openclets.switch.abandoned import LeftOpen, close_abandoned
from openclets.switch.entries import Names
from openclets.switch.idempotency import KEPT_FOR, UNDER_WAY_MAX, Claim, Progress
from openclets.switch.store import COMPANION_TABLES, PostgresClaims, PostgresIntents, PostgresOwedReasons

NOW = datetime.now(UTC)


def fresh() -> str:
    """A transaction number nobody has used."""
    return uuid7(NOW, os.urandom)


def _later() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def names(transaction: str) -> Names:
    """The clear fields of a transaction's entries."""
    return Names(transaction, "CA9010100", "OFF1", "DESK0001", "RQ", "", "digest")


def claim(key: str, digest: bytes = b"d" * 32, at: datetime = NOW, operator: str = "OFF1") -> Claim:
    """A claim of a new transaction."""
    return Claim(operator, key, digest, fresh(), at)


@asynccontextmanager
async def journal_of(database: Database, folder: Path) -> AsyncIterator[Sequencer]:
    """A journal over the database."""
    keyring.create(folder / "keys", "openclets.invalid/tests", os.urandom)
    journal = Sequencer(
        PostgresJournalStore(database, COMPANION_TABLES),
        keyring.load_keyring(folder / "keys"),
        SystemClock(),
        os.urandom,
        origin="openclets.invalid/tests",
        companion_tables=COMPANION_TABLES,
    )
    await journal.open()
    running = asyncio.ensure_future(journal.run())
    try:
        yield journal
    finally:
        await journal.close()
        await running


@asynccontextmanager
async def linked(database: Database) -> AsyncIterator[Link]:
    """A connection of the network's own role."""
    link = Link(database, Role.APP)
    try:
        yield link
    finally:
        await link.close()


def test_the_first_claim_of_a_key_stands(database: Database) -> None:
    """Of many at once one wins, and the others are shown it; keys of other operators do not meet."""

    async def story() -> None:
        async with linked(database) as link:
            claims = PostgresClaims(link, NOW)
            wanted = [claim("k1") for _ in range(20)]
            kept = await asyncio.gather(*(claims.claim(one) for one in wanted))
            assert len({one.transaction for one in kept}) == 1
            other = claim("k1", operator="OFF2")
            assert (await claims.claim(other)).transaction == other.transaction

    asyncio.run(story())


def test_a_claim_gives_way_after_seven_days(database: Database) -> None:
    """Until then it stands; after, the key is free."""

    async def story() -> None:
        async with linked(database) as link:
            claims = PostgresClaims(link, NOW)
            first = await claims.claim(claim("k2"))
            soon = claim("k2", at=NOW + KEPT_FOR)
            assert (await claims.claim(soon)).transaction == first.transaction
            later = claim("k2", at=NOW + KEPT_FOR + timedelta(seconds=1))
            assert (await claims.claim(later)).transaction == later.transaction

    asyncio.run(story())


def test_how_far_a_claim_came_is_read_from_its_entries(database: Database, directory: Path) -> None:
    """Answered, abandoned, under way: the journal says; a claim without entries is judged by its age."""

    async def story() -> None:
        async with linked(database) as link, journal_of(database, directory) as journal:
            claims = PostgresClaims(link, NOW - timedelta(minutes=5))
            one = await claims.claim(claim("k3"))
            assert await claims.progress_of(one, NOW) is Progress.UNDER_WAY
            assert await claims.progress_of(one, NOW + UNDER_WAY_MAX * 2) is Progress.ABANDONED
            await journal.append(entries.draft(entries.INQUIRY_PERMITTED, names(one.transaction), {}))
            assert await claims.progress_of(one, NOW + UNDER_WAY_MAX * 2) is Progress.UNDER_WAY
            await journal.append(entries.draft(entries.REPLY_RELEASED, names(one.transaction), {}))
            assert await claims.progress_of(one, NOW) is Progress.ANSWERED
            refused = await claims.claim(claim("k4"))
            await journal.append(entries.draft(entries.INQUIRY_REFUSED, names(refused.transaction), {}))
            assert await claims.progress_of(refused, NOW) is Progress.ABANDONED

    asyncio.run(story())


def test_a_claim_of_a_process_that_is_gone_is_free_at_once(database: Database) -> None:
    """A claim from before this process began, and without an entry, never came to its intent."""

    async def story() -> None:
        async with linked(database) as link:
            before = await PostgresClaims(link, NOW).claim(claim("k5"))
            reborn = PostgresClaims(link, NOW + timedelta(seconds=1))
            assert await reborn.progress_of(before, NOW + timedelta(seconds=2)) is Progress.ABANDONED
            wanted = claim("k5", at=NOW + timedelta(seconds=2))
            assert await reborn.take_over(before, wanted)
            assert not await reborn.take_over(before, claim("k5"))

    asyncio.run(story())


def test_a_reason_owed_is_open_until_it_is_given(database: Database, directory: Path) -> None:
    """The rows are written in the commit of their entries."""

    async def story() -> None:
        async with linked(database) as link, journal_of(database, directory) as journal:
            owed = PostgresOwedReasons(link)
            transaction = fresh()
            row = Companion("switch.owed_reason", (transaction, "OFF9", NOW))
            await journal.append(
                entries.draft(entries.REASON_OWED, names(transaction), {}, companions=(row,))
            )
            assert await owed.open_count("OFF9") == 1
            assert await owed.open_of("OFF9") == [(transaction, NOW)]
            given = Companion("switch.given_reason", (transaction, NOW))
            await journal.append(
                entries.draft(entries.REASON_GIVEN, names(transaction), {}, companions=(given,))
            )
            assert await owed.open_count("OFF9") == 0

    asyncio.run(story())


def test_unanswered_intents_are_found_and_closed_once(database: Database, directory: Path) -> None:
    """Whatever closed an intent, it is left alone; what nothing closed is closed, and not twice."""

    async def story() -> None:
        async with linked(database) as link, journal_of(database, directory) as journal:
            intents, left = PostgresIntents(link), LeftOpen()
            open_one, answered, withheld, unknown = fresh(), fresh(), fresh(), fresh()
            for transaction in (open_one, answered, withheld):
                await journal.append(entries.draft(entries.INQUIRY_PERMITTED, names(transaction), {}))
            await journal.append(entries.draft(entries.REPLY_RELEASED, names(answered), {}))
            await journal.append(entries.draft(entries.REPLY_WITHHELD, names(withheld), {}))
            for transaction in (open_one, answered, withheld, unknown):
                left.note(transaction, 0.0)
            assert await left.close(journal, intents, 1.0) == 1
            assert len(left) == 3
            assert await left.close(journal, intents, 100.0) == 0
            assert len(left) == 0
            assert open_one not in [one.transaction for one in await intents.unanswered(_later())]
            another = fresh()
            await journal.append(entries.draft(entries.INQUIRY_PERMITTED, names(another), {}))
            assert await close_abandoned(journal, intents, _later()) >= 1
            assert await intents.unanswered(_later()) == []

    asyncio.run(story())


def test_a_value_too_large_to_keep_costs_only_its_own_entry(database: Database, directory: Path) -> None:
    """A reference that no index can hold fails the inquiry it came with, and none of those beside it."""

    async def story() -> None:
        async with journal_of(database, directory) as journal:
            good, bad = fresh(), fresh()
            row = Companion("switch.transaction_subject", (bad, secrets.token_hex(10_000), "owner", 1000))
            both = await asyncio.gather(
                journal.append(entries.draft(entries.REPLY_RELEASED, names(good), {})),
                journal.append(entries.draft(entries.REPLY_RELEASED, names(bad), {}, companions=(row,))),
                return_exceptions=True,
            )
            assert isinstance(both[1], BrokenInvariant)
            assert not isinstance(both[0], BaseException)
            assert journal.is_writable

    asyncio.run(story())


@pytest.mark.parametrize("idle", ["journal", "link"])
def test_a_server_that_came_back_is_used_without_a_failure(
    postgres: Server, database: Database, directory: Path, idle: str
) -> None:
    """Connections cut while nobody used them are opened again: the next officer notices nothing."""

    async def story() -> None:
        async with linked(database) as link, journal_of(database, directory) as journal:
            owed = PostgresOwedReasons(link)
            await owed.open_count("OFF1")
            with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as superuser:
                superuser.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (Role.APP,)
                )
            await asyncio.sleep(0.2)
            if idle == "link":
                assert await owed.open_count("OFF1") == 0
            else:
                await journal.append(entries.draft(entries.INQUIRY_ABANDONED, names(fresh()), {}))

    asyncio.run(story())
