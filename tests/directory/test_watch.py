"""The view is current within a second, or is not given out."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from directory.places import DESK, MACHINE, NOON, OFFICER, door, fill_small
from openclets.directory import store
from openclets.directory.issue import Bearer
from openclets.directory.suspend import release_operator, suspend_operator
from openclets.directory.watch import DirectoryWatch
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Refused, Unavailable


@pytest.fixture
def filled(new_database: Callable[[], Database]) -> Database:
    database = new_database()
    fill_small(database)
    return database


def test_what_was_filled_in_is_what_is_seen(filled: Database) -> None:
    """Every noun survives the store as it was, agreement and identifiers included."""

    async def story() -> None:
        watch = DirectoryWatch(filled, SystemClock())
        await watch.open()
        view = watch.current()
        await watch.close()
        assert view.operators == {OFFICER.id: OFFICER, MACHINE.id: MACHINE}
        assert view.terminals[DESK.mnemonic] == DESK
        assert view.agencies[OFFICER.agency_ori].agreement_version == "2024"

    asyncio.run(story())


@pytest.mark.parametrize("notified", [True, False])
def test_a_suspension_holds_within_a_second_even_if_its_notice_is_lost(
    filled: Database, notified: bool
) -> None:
    """NOTIFY makes it quick; without it, the poll of the version makes it certain."""

    async def story() -> float:
        watch = DirectoryWatch(filled, SystemClock())
        await watch.open()
        if not notified:
            assert watch._connection is not None
            await watch._connection.execute("UNLISTEN *")
        following = asyncio.create_task(watch.run())
        await asyncio.sleep(0.3)
        loop = asyncio.get_running_loop()
        async with await filled.aconnect(Role.APP, autocommit=True) as connection:
            await store.set_operator_suspended(connection, OFFICER.id, True)
        began = loop.time()
        while not watch.current().operators[OFFICER.id].suspended:
            await asyncio.sleep(0.005)
        took = loop.time() - began
        following.cancel()
        await watch.close()
        return took

    assert asyncio.run(story()) < 1.0


def test_a_view_that_cannot_be_confirmed_is_not_given_out_and_comes_back(filled: Database) -> None:
    """The connection is cut under it: refusal after a second, service again when the database answers."""

    async def story() -> None:
        watch = DirectoryWatch(filled, SystemClock(), poll_s=0.1, stale_s=0.3)
        await watch.open()
        assert watch.current().version >= 1
        await asyncio.sleep(0.4)
        with pytest.raises(Unavailable, match="confirmed"):
            watch.current()
        following = asyncio.create_task(watch.run())
        await asyncio.sleep(0.3)
        watch.current()
        assert watch._connection is not None
        await watch._connection.close()
        await asyncio.sleep(1.0)
        watch.current()
        following.cancel()
        await watch.close()

    asyncio.run(story())


def test_a_server_that_falls_silent_is_noticed_and_left_for_a_new_connection(filled: Database) -> None:
    """A stopped backend answers nothing and closes nothing: refusal within the limit, service again on
    another.
    """

    async def story() -> None:
        watch = DirectoryWatch(filled, SystemClock(), poll_s=0.1, stale_s=0.3)
        await watch.open()
        following = asyncio.create_task(watch.run())
        await asyncio.sleep(0.2)
        assert watch._connection is not None
        silent = watch._connection.info.backend_pid
        os.kill(silent, signal.SIGSTOP)
        try:
            await asyncio.sleep(0.6)
            with pytest.raises(Unavailable):
                watch.current()
            async with asyncio.timeout(20):
                while not _is_current(watch):
                    await asyncio.sleep(0.05)
        finally:
            os.kill(silent, signal.SIGCONT)
        following.cancel()
        await watch.close()

    asyncio.run(story())


def _is_current(watch: DirectoryWatch) -> bool:
    try:
        watch.current()
    except Unavailable:
        return False
    return True


def test_the_view_is_read_again_only_when_the_version_changed(filled: Database) -> None:
    """Confirming is one row; an unchanged directory keeps the very same view."""

    async def story() -> None:
        watch = DirectoryWatch(filled, SystemClock(), poll_s=0.05)
        await watch.open()
        following = asyncio.create_task(watch.run())
        first = watch.current()
        await asyncio.sleep(0.3)
        assert watch.current() is first
        async with await filled.aconnect(Role.APP, autocommit=True) as connection:
            await store.set_enrolled(connection, DESK.mnemonic, False)
        await asyncio.sleep(0.3)
        assert watch.current().version > first.version
        following.cancel()
        await watch.close()

    asyncio.run(story())


def test_nobody_but_a_change_can_set_the_version(filled: Database) -> None:
    """The application's role reads the number; only the trigger moves it."""
    with filled.connect(Role.APP, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE directory.version SET number = number - 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM directory.operator")
    with filled.connect(Role.READER, autocommit=True) as connection:
        connection.execute("SELECT id FROM directory.operator")
        for hidden in ("credential", "own_identifier", "session", "failed_log_in", "locked_account"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM directory.{hidden}")


def test_a_token_stands_for_one_operator_at_one_terminal_until_it_ends(
    filled: Database, tmp_path: Path
) -> None:
    """Issued, seen in the view, expired to the microsecond, revoked; a foreign text never."""

    async def story() -> None:
        async with door(filled, tmp_path) as at:
            ((token, ends), (machine_token, _)) = await at.issuer.tokens(
                [Bearer(OFFICER, DESK.mnemonic), Bearer(MACHINE, DESK.mnemonic, machine=True)],
                days=30,
                by="COORD01",
                reason="new car",
            )
            assert token.startswith("oc_")
            view = await at.reread()
            grant = view.grant(token, NOON)
            assert (grant.operator_id, grant.terminal_id, grant.machine) == (OFFICER.id, DESK.mnemonic, False)
            assert view.grant(machine_token, NOON).machine
            assert view.grant(token, ends - timedelta(microseconds=1))
            for wrong, at_time in (
                (token, ends),
                (token + "x", NOON),
                ("oc_", NOON),
                ("", NOON),
                ("oc_é", NOON),
            ):
                with pytest.raises(Refused) as refused:
                    view.grant(wrong, at_time)
                assert refused.value.code == "NOT_AUTHENTICATED"
            assert await at.issuer.revoke_tokens(OFFICER, by="COORD01", reason="lost") == 1
            with pytest.raises(Refused):
                (await at.reread()).grant(token, NOON)
            assert at.kinds_entered() == ["TokenIssued", "TokenIssued", "TokenRevoked"]
            with filled.connect(Role.APP) as connection:
                kept = connection.execute(
                    "SELECT string_agg(public_part, ' ') FROM directory.credential"
                ).fetchone()
            assert kept is not None
            assert token[3:] not in str(kept)

    asyncio.run(story())


def test_suspending_and_releasing_are_entries_before_they_are_rows(filled: Database, tmp_path: Path) -> None:
    """The act is in the journal with who did it; the row follows."""

    async def story() -> None:
        async with door(filled, tmp_path) as at:
            await suspend_operator(
                at.journal, at.store, at.clock, OFFICER, by="COORD01", reason="inquiry opened"
            )
            assert (await at.reread()).operators[OFFICER.id].suspended
            await release_operator(at.journal, at.store, OFFICER, by="COORD01", reason="inquiry closed")
            assert not (await at.reread()).operators[OFFICER.id].suspended
            assert at.kinds_entered() == ["DirectoryChanged", "DirectoryChanged"]
            await at.journal.close()
            with pytest.raises(Unavailable):
                await suspend_operator(at.journal, at.store, at.clock, OFFICER, by="COORD01", reason="again")
            assert not (await at.reread()).operators[OFFICER.id].suspended

    asyncio.run(story())
