"""The journal on PostgreSQL: who may do what to it, and what a killed server may not take away."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from conftest import PASSWORDS
from journal.book import Book
from journal.kinds_for_tests import ASKED
from openclets.foundation import database as databases
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.foundation.postgres import Server
from openclets.journal.entry import ENTRY_INDEX, Companion, EntryDraft
from openclets.journal.log_source import FolderSource
from openclets.journal.store import PostgresJournalStore
from openclets.journal.verify import Verdict, verify
from openclets.migrations.apply import migrate

TABLES = ("entry", "body", "body_key", "checkpoint")
SERVING = (Role.APP, Role.KEYRING, Role.RECORDS, Role.READER)

NewDatabase = Callable[[], Database]


@pytest.fixture(scope="module")
def filled(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A journal with a few entries and a signed head."""

    async def fill() -> None:
        async with Book(database, tmp_path_factory.mktemp("log")) as book:
            for number in range(3):
                await book.transact(number, "ref-1")

    asyncio.run(fill())
    return database


def allowed(database: Database, role: Role, statement: str) -> bool:
    """Whether the role may run the statement; whatever it did is undone."""
    with database.connect(role) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        finally:
            connection.rollback()
    return True


STATEMENTS = {
    "SELECT": "SELECT count(*) FROM journal.{table}",
    "UPDATE": "UPDATE journal.{table} SET {column} = {column}",
    "DELETE": "DELETE FROM journal.{table}",
    "TRUNCATE": "TRUNCATE journal.{table}",
    "DROP": "DROP TABLE journal.{table} CASCADE",
    "ALTER": "ALTER TABLE journal.{table} DISABLE TRIGGER ALL",
}
KEPT_RIGHTS = {
    Role.APP: {(table, "SELECT") for table in TABLES},
    Role.READER: {(table, "SELECT") for table in TABLES},
    Role.KEYRING: {("body_key", "SELECT"), ("body_key", "DELETE")},
    Role.RECORDS: set(),
}


@pytest.mark.parametrize("role", SERVING)
def test_no_role_that_serves_may_change_the_journal(filled: Database, role: Role):
    """decisions.md 2, corpus B244: per role, table and statement; the keyring deletes keys, and that is
    all."""
    may = {
        (table, name)
        for table in TABLES
        for name, statement in STATEMENTS.items()
        if allowed(
            filled, role, statement.format(table=table, column="size" if table == "checkpoint" else "index")
        )
    }

    assert may == KEPT_RIGHTS[role]


def test_the_application_adds_and_the_others_do_not(filled: Database):
    """INSERT, and so COPY, is the application's alone."""
    insert = "INSERT INTO journal.body (index, sealed) VALUES (999, '')"

    assert [role for role in SERVING if allowed(filled, role, insert)] == [Role.APP]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_second_fence_stops_even_the_owner(filled: Database, table: str, name: str):
    """The grants are the first fence; the triggers hold where grants do not, until they are taken off by
    hand."""
    column = "size" if table == "checkpoint" else "index"
    statement = STATEMENTS[name].format(table=table, column=column)
    if name == "TRUNCATE":
        statement += " CASCADE"
    with filled.connect(Role.OWNER) as owner:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"never changed|keyring role"):
            owner.execute(statement)
        owner.rollback()
        owner.execute("ALTER TABLE journal.checkpoint DISABLE TRIGGER USER")
        owner.execute(f"ALTER TABLE journal.{table} DISABLE TRIGGER USER")
        owner.execute(statement)
        owner.rollback()


@pytest.mark.parametrize(
    ("index", "at"),
    [("max(index) + 2", "now() + interval '1 day'"), ("max(index) + 1", "min(at)"), ("-1", "min(at)")],
)
def test_an_entry_out_of_its_order_is_refused_by_the_database_itself(filled: Database, index: str, at: str):
    """I8, kept a second time: no gap, no earlier time, whoever inserts."""
    statement = (
        "INSERT INTO journal.entry SELECT {index}, {at}, 1, 'TestAsked', 1::smallint, 0::smallint, NULL,"
        " '', '', '', '', '', '', '', decode(repeat('00', 32), 'hex') FROM journal.entry"
    )
    with filled.connect(Role.APP) as connection:
        connection.execute(statement.format(index="max(index) + 1", at="now() + interval '1 day'"))
        connection.rollback()
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement.format(index=index, at=at))


def test_a_second_sequencer_is_refused_and_a_second_head_too(filled: Database, tmp_path: Path):
    """decisions.md 4: one holds the journal. T9: two heads cannot follow one."""

    async def scene() -> None:
        first, second = PostgresJournalStore(filled), PostgresJournalStore(filled)
        head = await first.open()
        with pytest.raises(Unavailable):
            await second.open()
        await first.close()
        again = await second.open()
        assert again == head
        await second.close()

    asyncio.run(scene())
    with filled.connect(Role.APP) as connection:
        connection.execute(
            "INSERT INTO journal.checkpoint SELECT max(size) + 1, max(size), root, 'x', now()"
            " FROM journal.checkpoint GROUP BY root, size ORDER BY size DESC LIMIT 1"
        )
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(
                "INSERT INTO journal.checkpoint SELECT size + 1, follows, root, 'x', now()"
                " FROM journal.checkpoint ORDER BY size DESC LIMIT 1"
            )


def test_what_is_entered_is_read_back_as_it_was(new_database: NewDatabase, tmp_path: Path):
    """Every clear field through binary arrays and back, empty ones too."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            draft = EntryDraft(
                ASKED,
                b"{}",
                transaction="0198c0de-0000-7000-8000-00000000abcd",
                agency_ori="CA9010000",
                operator_id="op-1",
                terminal_id="TESTT001",
                message_key="RQ",
                purpose_code="C",
                ruleset_digest="ab" * 32,
                result_class="RECORD",
            )
            entered, empty = await book.sequencer.append(draft, EntryDraft(ASKED, b""))
            stored, bare = await book.entries.between(1, 3)

            for name in ("transaction", "agency_ori", "operator_id", "terminal_id", "message_key"):
                assert getattr(stored, name) == getattr(draft, name)
                assert getattr(bare, name) == ""
            assert (stored.purpose_code, stored.ruleset_digest, stored.result_class) == (
                "C",
                "ab" * 32,
                "RECORD",
            )
            assert (stored.at, bare.at, stored.kind) == (entered.at, empty.at, "TestAsked")
            assert [e.index for e in await book.entries.of_transaction(draft.transaction)] == [1]
            assert [e.index for e in await book.entries.of_operator("op-1")] == [1]
            assert await book.entries.of_transaction("not a number") == []
            assert await book.entries.at(99) is None
            assert await book.entries.size() == 3

    asyncio.run(scene())


def test_a_companion_row_is_in_the_same_commit_or_nowhere(new_database: NewDatabase, tmp_path: Path):
    """A row its table refuses takes its own entry with it, and nobody else's."""
    database = new_database()
    with database.connect(Role.OWNER, autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE switch.companion (entry bigint UNIQUE, name text NOT NULL, seen timestamptz,"
            " weight smallint CHECK (weight > 0), loud boolean, t uuid)"
        )
        owner.execute("GRANT SELECT, INSERT ON switch.companion TO openclets_app")
    table = {"switch.companion": ("entry", "name", "weight", "loud", "t")}
    identifier = "0198c0de-0000-7000-8000-00000000abcd"

    def draft(*values: object) -> EntryDraft:
        return EntryDraft(ASKED, b"{}", companions=(Companion("switch.companion", values),))

    async def scene() -> None:
        async with Book(database, tmp_path, companions=table) as book:
            good = draft(ENTRY_INDEX, "é", 7, True, identifier)
            results = await asyncio.gather(
                book.sequencer.append(good),
                book.sequencer.append(draft(ENTRY_INDEX, None, 7, True, identifier)),
                book.sequencer.append(draft(ENTRY_INDEX, "x", -1, True, None)),
                book.sequencer.append(draft(ENTRY_INDEX, "x", "seven", True, None)),
                book.sequencer.append(draft(ENTRY_INDEX, "x", 7, True, "no uuid")),
                book.sequencer.append(draft(ENTRY_INDEX, "y", None, False, None)),
                return_exceptions=True,
            )
            assert [isinstance(r, BrokenInvariant) for r in results] == [False, True, True, True, True, False]
            assert await book.entries.size() == 3

    asyncio.run(scene())
    with database.connect(Role.APP) as connection:
        rows = connection.execute(
            "SELECT entry, name, weight, loud, t::text FROM switch.companion ORDER BY 1"
        ).fetchall()
    assert rows == [(1, "é", 7, True, identifier), (2, "y", None, False, None)]


def test_rows_of_any_mix_of_companion_tables_find_their_own(new_database: NewDatabase, tmp_path: Path):
    """Each mix of tables in a batch has a statement of its own, whatever order they come in."""
    database = new_database()
    tables = {f"switch.companion_{letter}": ("entry", "name") for letter in "abc"}
    with database.connect(Role.OWNER, autocommit=True) as owner:
        for table in tables:
            owner.execute(f"CREATE TABLE {table} (entry bigint, name text)")
            owner.execute(f"GRANT SELECT, INSERT ON {table} TO openclets_app")
    mixes = [mix for size in range(4) for mix in itertools.permutations(tables, size)]

    async def scene() -> None:
        async with Book(database, tmp_path, companions=tables) as book:
            for mix in mixes:
                rows = tuple(Companion(table, (ENTRY_INDEX, table)) for table in mix)
                await book.sequencer.append(EntryDraft(ASKED, b"{}", companions=rows))

    asyncio.run(scene())
    with database.connect(Role.APP) as connection:
        for table in tables:
            found = connection.execute(f"SELECT entry FROM {table} WHERE name = %s ORDER BY 1", (table,))
            assert [index for (index,) in found] == [n for n, mix in enumerate(mixes, 1) if table in mix]


def test_a_companion_table_that_is_not_there_stops_the_opening(filled: Database):
    """Wiring and schema must agree before the first entry, not at the first inquiry."""
    store = PostgresJournalStore(filled, {"switch.nowhere": ("a",)})
    with pytest.raises(BrokenInvariant, match=r"switch\.nowhere"):
        asyncio.run(store.open())


@pytest.fixture
def own_server(directory: Path) -> Iterator[Server]:
    """A server to be killed."""
    with Server(directory) as server:
        yield server


def test_a_killed_database_takes_no_acknowledged_entry_with_it(own_server: Server, tmp_path: Path):
    """B258, B259, B257: kill -9 under load; who was told is in the book, who was not is told so, and it goes
    on."""
    database = databases.prepare(own_server.superuser_conninfo, PASSWORDS)
    migrate(database)
    answered: list[tuple[str, int, str]] = []
    refused = 0

    async def caller(book: Book, name: int, until: asyncio.Event) -> None:
        nonlocal refused
        number = 0
        while not until.is_set():
            number += 1
            label = f"{name}-{number}"
            try:
                (entered,) = await book.sequencer.append(EntryDraft(ASKED, b"{}", operator_id=label))
                answered.append((label, entered.receipt.index, entered.receipt.entry_sha256))
            except Unavailable as error:
                assert error.code == "JOURNAL_UNAVAILABLE"
                refused += 1
                await asyncio.sleep(0.02)

    async def scene() -> None:
        keyring_book = Book(database, tmp_path / "log")
        async with keyring_book as book:
            until = asyncio.Event()
            callers = [asyncio.create_task(caller(book, n, until)) for n in range(16)]
            for _ in range(3):
                await asyncio.sleep(0.25)
                before = len(answered)
                process = own_server.process
                assert process is not None
                os.kill(process, signal.SIGKILL)
                for _ in range(200):
                    await asyncio.sleep(0.05)
                    if len(answered) > before + 50:
                        break
                assert len(answered) > before + 50, "back in service within ten seconds"
            until.set()
            await asyncio.gather(*callers)

            kept = await book.entries.between(0, 10**9)
            assert [entry.index for entry in kept] == list(range(len(kept)))
            assert refused > 0
            for label, index, _ in answered:
                assert kept[index].operator_id == label
            labels = [entry.operator_id for entry in kept if entry.operator_id]
            assert len(labels) == len(set(labels)), "no entry twice"
            await book.publisher.publish()
        report = verify(FolderSource(tmp_path / "log"))
        assert report.verdict is Verdict.HOLDS, report.findings
        assert report.entries == len(kept)
        for _, index, digest in answered[:: max(1, len(answered) // 20)]:
            assert keyring_book.folder.find(bytes.fromhex(digest)) == index

    asyncio.run(scene())
