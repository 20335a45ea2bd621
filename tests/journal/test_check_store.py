"""Rows held against the published book: every one that was touched behind the network's back is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from journal.book import Book
from openclets.foundation.database import Database, Role
from openclets.journal.check_store import StoreReport, check_store
from openclets.journal.destruction import destroy_bodies

TRANSACTIONS = 250
SIZE = 1 + 2 * TRANSACTIONS


@pytest.fixture(scope="module")
def book(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A published journal of 501 entries, closed; and every fence of the database taken off by its owner."""
    made = Book(database, tmp_path_factory.mktemp("log"))

    async def fill() -> None:
        async with made:
            await asyncio.gather(
                *(made.transact(number, f"ref-{number % 9}") for number in range(TRANSACTIONS))
            )

    asyncio.run(fill())
    with database.connect(Role.OWNER) as owner:
        for table in ("entry", "body", "body_key"):
            owner.execute(f"ALTER TABLE journal.{table} DISABLE TRIGGER USER")
    return made


class NoJournal:
    """The pass is entered elsewhere in these tests, so that the journal stays as it is."""

    async def append(self, *drafts: object) -> tuple[()]:
        return ()


def touched(book: Book, *statements: str) -> StoreReport:
    """Do wrong, check, and undo it."""

    async def scene() -> StoreReport:
        connection = await book.database.aconnect(Role.OWNER)
        for statement in statements:
            await connection.execute(statement)  # type: ignore[call-overload]
        book.link._connection = connection
        report = await check_store(book.entries, book.folder, book.keyring.wrapping, NoJournal(), "test")
        await connection.rollback()
        await connection.close()
        book.link._connection = None
        return report

    return asyncio.run(scene())


def test_an_untouched_store_holds(book: Book):
    """Every entry is kept, sealed, and what its commitment says."""
    report = touched(book)

    assert report.holds, report.touched
    assert (report.checked, report.erased) == (SIZE, 0)


def test_a_deleted_row_is_named_for_every_row(book: Book):
    """B245: the owner turns the triggers off and deletes row n, for every n."""
    report = touched(book, "DELETE FROM journal.entry WHERE index % 2 = 1")
    assert [one.index for one in report.touched] == list(range(1, SIZE, 2))
    report = touched(book, "DELETE FROM journal.entry WHERE index % 2 = 0")
    assert [one.index for one in report.touched] == list(range(0, SIZE, 2))


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["UPDATE journal.entry SET purpose_code = 'C' WHERE index = 77"], [77]),
        (["UPDATE journal.entry SET operator_id = 'somebody-else' WHERE index = 78"], [78]),
        (["UPDATE journal.entry SET at = at - interval '1 hour' WHERE index = 79"], [79]),
        (["UPDATE journal.entry SET commitment = decode(repeat('00', 32), 'hex') WHERE index = 80"], [80]),
        (
            [
                "UPDATE journal.entry SET index = 1000000 WHERE index = 81",
                "UPDATE journal.entry SET index = 81 WHERE index = 82",
                "UPDATE journal.entry SET index = 82 WHERE index = 1000000",
            ],
            [81, 82],
        ),
        (
            [
                "UPDATE journal.body SET sealed = other.sealed FROM journal.body other"
                " WHERE body.index = 83 AND other.index = 84"
            ],
            [83],
        ),
        (
            [
                "UPDATE journal.body SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)"
                " WHERE index = 85"
            ],
            [85],
        ),
        (["DELETE FROM journal.body WHERE index = 86"], [86]),
        (["DELETE FROM journal.body_key WHERE index = 87 AND holder = 'oversight'"], [87]),
        (
            [
                "UPDATE journal.entry SET index = index + 1000001 WHERE index >= 100",
                "UPDATE journal.entry SET index = index - 1000000 WHERE index > 1000000",
            ],
            list(range(100, SIZE)),
        ),
    ],
)
def test_every_other_touch_is_named(book: Book, statements: list[str], named: list[int]):
    """T2, T6, B248, B249: edited, re-dated, swapped, moved, emptied, or with one put in between."""
    report = touched(book, *statements)

    assert [one.index for one in report.touched] == named, report.touched[:3]


def test_a_lawful_destruction_is_erased_and_not_missing(new_database: Callable[[], Database], tmp_path: Path):
    """Corpus B256: the verifier says ERASED; and the pass is an entry of its own."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            for number in range(4):
                await book.transact(number)
            await destroy_bodies([3, 4], "order 26-1", ("a", "b"), book.sequencer, book.keyring_link)
            await book.publisher.publish()
            report = await check_store(
                book.entries, book.folder, book.keyring.wrapping, book.sequencer, "weekly review"
            )
            assert report.holds, report.touched
            assert report.erased == 2
            last = await book.entries.at(await book.entries.size() - 1)
            assert last is not None
            assert last.kind == "JournalRead"

    asyncio.run(scene())
