"""Publishing: within a second, in the order that no crash can turn into a lie."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journal.book import Book
from journal.made_log import ORIGIN, SIGNER, publish_log, seeded_leaves
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.journal.checkpoint import open_checkpoint
from openclets.journal.heads import PostgresHeads, SignedHead
from openclets.journal.log_folder import CHECKPOINT, LogFolder
from openclets.journal.log_source import FolderSource
from openclets.journal.proofs import check_proof
from openclets.journal.publish import Publisher
from openclets.journal.signed_note import Signer
from openclets.journal.tiles import ENTRIES, Tile
from openclets.journal.verify import Verdict, verify

NewDatabase = Callable[[], Database]


def fill(database: Database, folder: Path, transactions: int) -> None:
    async def scene() -> None:
        async with Book(database, folder) as book:
            await asyncio.gather(*(book.transact(number) for number in range(transactions)))

    asyncio.run(scene())


def reopen(database: Database, folder: Path) -> None:
    """Start the publisher alone and stop it again."""

    async def scene() -> None:
        publisher = Publisher(PostgresHeads(database), SIGNER, LogFolder(folder), SystemClock())
        await publisher.open()
        await publisher.close()

    asyncio.run(scene())


def holds(folder: Path, since: str | None = None) -> bool:
    return verify(FolderSource(folder), since=since).verdict is Verdict.HOLDS


def test_an_entry_is_in_a_signed_checkpoint_within_a_second(new_database: NewDatabase, tmp_path: Path):
    """I9, decisions.md 7; and its receipt leads to a proof that anyone can check offline."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            for number in range(5):
                entered, _ = await book.transact(number)
                durable = time.monotonic()
                index = entered.receipt.index
                while (proof := book.folder.proof(index)) is None:
                    assert time.monotonic() - durable < 1
                    await asyncio.sleep(0.005)
                proven = check_proof(proof, SIGNER.verifier)
                assert book.folder.find(bytes.fromhex(entered.receipt.entry_sha256)) == index
                assert proven.checkpoint.origin == ORIGIN == entered.receipt.origin

    asyncio.run(scene())


def test_a_restart_goes_on_from_what_was_signed(new_database: NewDatabase, tmp_path: Path):
    """Each log extends every checkpoint before it, over several lives of the process."""
    database = new_database()
    checkpoints = []
    for transactions in (1, 200, 3):
        fill(database, tmp_path, transactions)
        checkpoints.append((tmp_path / CHECKPOINT).read_text("utf-8"))

    assert all(holds(tmp_path, since=checkpoint) for checkpoint in checkpoints)
    sizes = [open_checkpoint(text, SIGNER.verifier)[0].size for text in checkpoints]
    assert sizes == [3, 3 + 401, 3 + 401 + 7]


@pytest.mark.parametrize(
    "lost", ["everything", "a full tile", "the checkpoint", "an altered edge", "an old bundle"]
)
def test_lost_files_are_made_again_from_the_entries(new_database: NewDatabase, tmp_path: Path, lost: str):
    """The folder is a copy: whatever is lost in it comes back, byte for byte."""
    database = new_database()
    fill(database, tmp_path / "log", 300)
    whole = shutil.copytree(tmp_path / "log", tmp_path / "whole")
    folder = tmp_path / "log"
    match lost:
        case "everything":
            shutil.rmtree(folder)
        case "a full tile":
            (folder / Tile(0, 1).path()).unlink()
        case "the checkpoint":
            (folder / CHECKPOINT).unlink()
        case "an altered edge":
            (folder / Tile(0, 2, 89).path()).write_bytes(bytes(89 * 32))
        case "an old bundle":
            (folder / Tile(ENTRIES, 0).path()).unlink()
    assert lost == "an altered edge" or not holds(folder)

    reopen(database, folder)

    assert holds(folder)
    assert (folder / CHECKPOINT).read_bytes() == (whole / CHECKPOINT).read_bytes()
    assert (folder / Tile(ENTRIES, 0).path()).read_bytes() == (whole / Tile(ENTRIES, 0).path()).read_bytes()


def test_a_database_that_was_rolled_back_signs_nothing(new_database: NewDatabase, tmp_path: Path):
    """T4: the published checkpoint is ahead of what is kept; so are signed heads ahead of entries."""
    database = new_database()
    fill(database, tmp_path / "log", 20)
    with database.connect(Role.OWNER) as owner:
        owner.execute("ALTER TABLE journal.checkpoint DISABLE TRIGGER USER")
        owner.execute(
            "DELETE FROM journal.checkpoint WHERE size = (SELECT max(size) FROM journal.checkpoint)"
        )
    with pytest.raises(BrokenInvariant, match="rolled back"):
        reopen(database, tmp_path / "log")

    other = new_database()
    fill(other, tmp_path / "other", 20)
    with other.connect(Role.OWNER) as owner:
        owner.execute("ALTER TABLE journal.entry DISABLE TRIGGER USER")
        owner.execute("DELETE FROM journal.entry WHERE index > 10")
    with pytest.raises(BrokenInvariant, match="11 entries are kept"):
        reopen(other, tmp_path / "other")


def test_entries_that_were_rewritten_are_not_published_again(new_database: NewDatabase, tmp_path: Path):
    """B245 in its last form: rows changed, folder lost. The kept head refuses to be signed over."""
    database = new_database()
    fill(database, tmp_path / "log", 20)
    with database.connect(Role.OWNER) as owner:
        owner.execute("ALTER TABLE journal.entry DISABLE TRIGGER USER")
        owner.execute("UPDATE journal.entry SET commitment = decode(repeat('00', 32), 'hex') WHERE index = 7")
    shutil.rmtree(tmp_path / "log")

    with pytest.raises(BrokenInvariant, match="not those of the head"):
        reopen(database, tmp_path / "log")
    assert not (tmp_path / "log" / CHECKPOINT).exists()


def test_a_whole_other_database_cannot_continue_a_published_log(new_database: NewDatabase, tmp_path: Path):
    """T5: a fork with entries and heads of its own, longer than the log shown, is refused by what is
    shown."""
    fill(new_database(), tmp_path / "log", 20)
    fork = new_database()
    fill(fork, tmp_path / "fork", 40)
    shown = (tmp_path / "log" / CHECKPOINT).read_bytes()
    tile = (tmp_path / "log" / Tile(ENTRIES, 0, 41).path()).read_bytes()

    with pytest.raises(BrokenInvariant, match="not those of the head signed at 41"):
        reopen(fork, tmp_path / "log")
    assert (tmp_path / "log" / CHECKPOINT).read_bytes() == shown
    assert (tmp_path / "log" / Tile(ENTRIES, 0, 41).path()).read_bytes() == tile


def test_a_checkpoint_of_another_key_in_the_folder_is_not_overwritten(
    new_database: NewDatabase, tmp_path: Path
):
    """Somebody else's log may be standing there."""
    publish_log(tmp_path, seeded_leaves(5), signer=Signer.from_seed(ORIGIN, bytes(32)))

    with pytest.raises(BrokenInvariant, match="not ours"):
        fill(new_database(), tmp_path, 1)


class FailingHeads(PostgresHeads):
    """Heads whose keeping fails once: before anything was kept, or after."""

    kept_anyway = False
    failing = False

    async def add(self, head: SignedHead, follows: int | None, at: object) -> None:
        failing, self.failing = self.failing, False
        if not failing or self.kept_anyway:
            await super().add(head, follows, at)  # type: ignore[arg-type]
        if failing:
            raise Unavailable("DATABASE_UNAVAILABLE", "as the test wants")


@pytest.mark.parametrize("kept_anyway", [False, True])
def test_a_head_whose_keeping_is_in_doubt_is_asked_for_before_another_is_signed(
    new_database: NewDatabase, tmp_path: Path, kept_anyway: bool
):
    """No two heads of one size, no head shown that was not kept."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            heads = FailingHeads(book.database)
            heads.kept_anyway = kept_anyway
            book.publisher._heads = heads
            await book.transact(1)
            await book.publisher.publish()
            before = book.folder.checkpoint_text()
            heads.failing = True
            _, reply = await book.transact(2)
            for _ in range(200):
                if book.folder.proof(reply.receipt.index):
                    break
                await asyncio.sleep(0.01)
            assert not heads.failing, "a head failed"
            assert book.folder.proof(reply.receipt.index)
        assert before is not None
        assert holds(tmp_path, since=before)
        with book.database.connect(Role.APP) as connection:
            rows = connection.execute("SELECT follows, size FROM journal.checkpoint ORDER BY size").fetchall()
        assert [follows for follows, _ in rows] == [None, *(size for _, size in rows[:-1])]

    asyncio.run(scene())


def test_files_are_readable_by_all_and_nothing_else_lies_there(new_database: NewDatabase, tmp_path: Path):
    """decisions.md 17: checkpoint, vkey, tile/; 0644 and 0755; no leftovers of writing."""
    fill(new_database(), tmp_path / "log" / "state", 200)

    files = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path / "log" / "state").parts[0] for path in files} == {
        "checkpoint",
        "vkey",
        "tile",
    }
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "log").rglob("*") if p.is_dir()} == {0o755}
    assert not [path for path in files if path.name.startswith(".")]
