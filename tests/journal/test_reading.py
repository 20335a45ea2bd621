"""Reading a body is an entry; destroying its keys leaves the proof and nothing to read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from journal.book import Book
from journal.made_log import SIGNER
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BadInput, BrokenInvariant, Refused
from openclets.journal.destruction import destroy_bodies
from openclets.journal.keyring import OVERSIGHT, agency
from openclets.journal.log_source import FolderSource
from openclets.journal.opening import encode_opening, opening_of, opens, parse_opening
from openclets.journal.proofs import check_proof
from openclets.journal.reading import BodyReader
from openclets.journal.verify import Verdict, verify

NewDatabase = Callable[[], Database]
READER = BodyReader("coordinator-1", "CA9010000", "TESTT009", "review of case 7", agency("CA9010000"))


def test_opening_a_body_is_an_entry_each_time(new_database: NewDatabase, tmp_path: Path):
    """decisions.md 5; also for the subject, whose wraps cover the intent and the reply."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            intent, reply = await book.transact(1, "ref-1")
            subject = book.keyring.wrapping.subject("ref-1")
            for holder in (agency("CA9010000"), OVERSIGHT, subject):
                for entered in (intent, reply):
                    opened = await book.bodies.open(entered.receipt.index, replace(READER, holder=holder))
                    assert opened.body == b'{"n":1}'
                    assert opened.entry.index == entered.receipt.index
            kinds = [entry.kind for entry in await book.entries.between(0, 100)]
            assert kinds.count("JournalBodyOpened") == 6
            last = (await book.entries.of_operator("coordinator-1"))[0]
            account = await book.bodies.open(last.index, replace(READER, holder=OVERSIGHT))
            assert json.loads(account.body) == {
                "holder": subject, "index": reply.receipt.index, "reason": READER.reason,
            }  # fmt: skip
            assert await book.entries.wrapped_for(subject) == [intent.receipt.index, reply.receipt.index]

    asyncio.run(scene())


def test_a_body_is_opened_for_its_holders_alone(new_database: NewDatabase, tmp_path: Path):
    """Another agency, an unknown index, a receipt nobody issued, an entry that was changed."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            intent, _ = await book.transact(1)
            index = intent.receipt.index
            for reader, wanted, code in (
                (replace(READER, holder=agency("CA9990000")), index, "NOT_ENTITLED"),
                (READER, 9999, "NOT_FOUND"),
            ):
                with pytest.raises(Refused) as refused:
                    await book.bodies.open(wanted, reader)
                assert refused.value.code == code
            with pytest.raises(BrokenInvariant):
                await book.bodies.open_under(
                    msgspec.structs.replace(intent.receipt, index=5), [index], OVERSIGHT
                )
            opened = await book.bodies.open_under(intent.receipt, [index, index + 1], OVERSIGHT)
            assert [one.entry.index for one in opened] == [index, index + 1]
            with book.database.connect(Role.OWNER, autocommit=True) as owner:
                owner.execute("ALTER TABLE journal.entry DISABLE TRIGGER USER")
                owner.execute("UPDATE journal.entry SET message_key = 'QW' WHERE index = %s", (index,))
            with pytest.raises(BrokenInvariant, match="was changed"):
                await book.bodies.open(index, READER)

    asyncio.run(scene())


def test_destroyed_bodies_open_for_nobody_and_every_proof_still_holds(
    new_database: NewDatabase, tmp_path: Path
):
    """Corpus B256, I13: two people, an entry that names the authority, and the leaves untouched."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            intent, reply = await book.transact(1, "ref-1")
            index = reply.receipt.index
            await book.publisher.publish()
            before = book.folder.checkpoint_text()
            for approved_by in (("a", "a"), ("a", ""), ("", "")):
                with pytest.raises(Refused):
                    await destroy_bodies([index], "order", approved_by, book.sequencer, book.keyring_link)
            with pytest.raises(Refused):
                await destroy_bodies([index], " ", ("a", "b"), book.sequencer, book.keyring_link)
            assert (await book.bodies.open(index, READER)).body

            tombstone = await destroy_bodies(
                [index], "PC 851.8 order 26-114", ("a", "b"), book.sequencer, book.keyring_link
            )

            for holder in (READER.holder, OVERSIGHT, book.keyring.wrapping.subject("ref-1")):
                with pytest.raises(Refused) as refused:
                    await book.bodies.open(index, replace(READER, holder=holder))
                assert refused.value.code == "BODY_DESTROYED"
            assert (await book.bodies.open(intent.receipt.index, READER)).body
            account = await book.bodies.open(tombstone.receipt.index, replace(READER, holder=OVERSIGHT))
            assert json.loads(account.body)["authority"] == "PC 851.8 order 26-114"
            await book.publisher.publish()
            proof = book.folder.proof(index)
            assert proof is not None
            assert check_proof(proof, SIGNER.verifier).index == index
        assert verify(FolderSource(tmp_path), since=before).verdict is Verdict.HOLDS

    asyncio.run(scene())


def test_an_opening_shows_what_a_public_leaf_was_made_from(new_database: NewDatabase, tmp_path: Path):
    """decisions.md 3: to file and back it opens its own leaf; with a word changed it opens none."""

    async def scene() -> None:
        async with Book(new_database(), tmp_path) as book:
            intent, reply = await book.transact(1)
            await book.publisher.publish()
            opened = await book.bodies.open(intent.receipt.index, READER)
            proof = book.folder.proof(intent.receipt.index)
            assert proof is not None
            text = encode_opening(opening_of(opened))

            opening = parse_opening(text)
            assert opens(proof.extra, proof.index, opening)
            assert not opens(proof.extra, reply.receipt.index, opening)
            for was, would_be in (
                ('"RQ"', '"QW"'),
                ("operator-1", "operator-2"),
                (r"{\"n\":1}", r"{\"n\":2}"),
                (opened.salt.hex(), bytes(32).hex()),
                ("CA9010000", "CA9020000"),
            ):
                assert was in text
                assert not opens(proof.extra, proof.index, parse_opening(text.replace(was, would_be)))
            for malformed in ("", "{}", text.replace(opened.salt.hex(), "00"), text.replace("Z", "+00:00")):
                with pytest.raises(BadInput):
                    parse_opening(malformed)

    asyncio.run(scene())
