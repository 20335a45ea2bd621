"""Shown again: as it was, to whom it was shown, with what came later, from a real journal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openclets.foundation.database import Database
from openclets.foundation.errors import BadInput, Refused
from openclets.foundation.identifiers import uuid7
from openclets.records.answer import LegState
from openclets.switch import entries
from openclets.switch.afterwards import Afterwards
from openclets.switch.entries import Names
from openclets.switch.history import past_inquiries
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.live import LiveTransactions
from openclets.switch.process import process_inquiry
from openclets.switch.reply import Leg, Reply, encode_reply
from openclets.switch.reread import Rereading
from openclets.wiring import Running
from stories.served import COLLEAGUE, DESK, OFFICER, ORI, ORIGIN, fill_directory, make_keys, served

MINE = Sender(OFFICER.id, DESK.mnemonic)
THEIRS = Sender(COLLEAGUE.id, DESK.mnemonic)
PLATE = RawInquiry("QPS", {"LIC": "0ABC123"}, reason="traffic stop")


@pytest.fixture(scope="module")
def people(database: Database) -> Database:
    """A database with an agency and its operators."""
    fill_directory(database)
    return database


def tell(people: Database, folder: Path, story: Callable[[Running], Awaitable[None]]) -> None:
    """Run a story over a network without outside systems."""
    make_keys(folder)

    async def whole() -> None:
        async with served(people, folder) as network:
            await story(network.running)

    asyncio.run(whole())


def after_a_restart(running: Running) -> Rereading:
    """Rereading as a process has it that was not there when the legs were out."""
    now = running.rereading
    return Rereading(
        now._stored,
        now._bodies,
        running.network.journal,
        running.directory,
        LiveTransactions(),
        running.clock,
        origin=ORIGIN,
    )


async def entered(running: Running, *bodies: tuple[Any, object]) -> str:
    """A transaction of those entries, in order; its number."""
    transaction = uuid7(running.clock.now(), running.randomness)
    names = Names(transaction, ORI, OFFICER.id, DESK.mnemonic, "RQ", "C", "digest")
    for kind, body in bodies:
        draft = entries.draft(kind, names, {})
        encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
        await running.network.journal.append(msgspec.structs.replace(draft, body=encoded))
    return transaction


def reply_of(*states: LegState, final: bool) -> bytes:
    """The stored bytes of a reply with legs in those states."""
    legs = tuple(Leg(f"s{n}", f"Source {n}", "RQ", state) for n, state in enumerate(states))
    return encode_reply(Reply("t", "RQ", final, legs, (), "", "as it was"))


ASKED = {"fields": {"LIC": "0ABC123"}, "reason": "stop", "incident": "", "attention": "", "rules": []}


def test_a_reply_is_shown_again_byte_for_byte(people: Database, directory: Path) -> None:
    """The bytes that were entered are the bytes that are shown, with the receipt of then."""

    async def story(running: Running) -> None:
        first = await process_inquiry(PLATE, MINE, running.network)
        again = await running.rereading.again(first.reply.transaction, MINE, "by transaction number")
        assert again.wire() == first.wire()

    tell(people, directory, story)


def test_what_came_late_is_shown_in_its_place(people: Database, directory: Path) -> None:
    """Reply, legs given up, late answer: the whole as it stands, final, with the newest receipt."""

    async def story(running: Running) -> None:
        late = {
            "leg": 1,
            "answer": Leg("s1", "Source 1", "RQ", LegState.LATE, text="A RECORD"),
            "banners": [{"kind": "HIT", "text": "HIT", "confirm": True, "system": "s1"}],
        }
        transaction = await entered(
            running,
            (entries.INQUIRY_PERMITTED, ASKED),
            (entries.REPLY_RELEASED, reply_of(LegState.NO_RECORD, LegState.PENDING, final=False)),
            (entries.LEGS_GIVEN_UP, {"after": 15, "legs": [1]}),
            (entries.LATE_ANSWER, late),
        )
        whole = await running.rereading.whole(transaction, MINE, "in a test")
        reply = whole.released.reply
        assert [leg.state for leg in reply.legs] == [LegState.NO_RECORD, LegState.LATE]
        assert reply.final and reply.banners[0].kind == "HIT"
        stored = await running.stored.of_transaction(transaction)
        assert whole.released.receipt.index == stored[3].index
        assert whole.released.receipt.asked_index == stored[0].index

    tell(people, directory, story)


def test_legs_that_were_out_when_the_switch_stopped_are_given_up(people: Database, directory: Path) -> None:
    """Nobody waits for what nobody follows: the reply is final, and says why."""

    async def story(running: Running) -> None:
        transaction = await entered(
            running,
            (entries.INQUIRY_PERMITTED, ASKED),
            (entries.REPLY_RELEASED, reply_of(LegState.RECORD, LegState.PENDING, final=False)),
        )
        reply = (await after_a_restart(running).again(transaction, MINE, "in a test")).reply
        assert [leg.state for leg in reply.legs] == [LegState.RECORD, LegState.TIMED_OUT]
        assert reply.final and "stopped" in reply.legs[1].reason

    tell(people, directory, story)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (entries.INQUIRY_REFUSED, "refused"),
        (entries.REPLY_WITHHELD, "refused"),
        (entries.INQUIRY_ABANDONED, "never answered"),
    ],
)
def test_what_never_left_is_not_shown(people: Database, directory: Path, kind: Any, words: str) -> None:
    """Refused, withheld, abandoned: the number is known to its operator, and there is nothing to show."""

    async def story(running: Running) -> None:
        transaction = await entered(running, (kind, {}))
        with pytest.raises(Refused) as refused:
            await running.rereading.again(transaction, MINE, "in a test")
        assert refused.value.code == "NOT_FOUND"
        assert words in refused.value.message

    tell(people, directory, story)


def test_foreign_and_unknown_are_one_answer(people: Database, directory: Path) -> None:
    """The same words for both, and an entry each: nobody learns which numbers exist."""

    async def story(running: Running) -> None:
        first = await process_inquiry(PLATE, MINE, running.network)
        said = []
        for number in (first.reply.transaction, "01a2048a-0000-7000-8000-000000000000", "{}", ""):
            with pytest.raises(Refused) as refused:
                await running.rereading.again(number, THEIRS, "in a test")
            said.append((refused.value.code, refused.value.message, refused.value.receipt))
        assert len({one[:2] for one in said}) == 1
        newest = await running.stored.of_operator(COLLEAGUE.id, limit=4)
        assert [entry.kind for entry in newest] == ["RereadRefused"] * 4

    tell(people, directory, story)


def test_what_is_opened_is_named_in_the_entry_that_opens_it(people: Database, directory: Path) -> None:
    """The entry comes first and names each body."""

    async def story(running: Running) -> None:
        first = await process_inquiry(PLATE, MINE, running.network)
        await running.rereading.again(first.reply.transaction, MINE, "in a test")
        stored = await running.stored.of_transaction(first.reply.transaction)
        assert [entry.kind for entry in stored] == ["InquiryPermitted", "ReplyReleased", "TransactionReread"]

    tell(people, directory, story)


def test_a_reason_owed_is_given_once_and_shown(people: Database, directory: Path) -> None:
    """Owed, given, gone from what is owed; empty words and foreign look-ups are refused."""

    async def story(running: Running) -> None:
        network = running.network
        afterwards = Afterwards(running.rereading, network.owed, network.journal, running.clock)
        owed = msgspec.structs.replace(PLATE, reason="owed")
        transaction = (await process_inquiry(owed, MINE, network)).reply.transaction
        with pytest.raises(BadInput):
            await afterwards.give_reason(transaction, "  ", "", MINE)
        with pytest.raises(Refused):
            await afterwards.give_reason(transaction, "a stop", "", THEIRS)
        await afterwards.give_reason(transaction, "a stop", "26-1", MINE)
        with pytest.raises(Refused):
            await afterwards.give_reason(transaction, "again", "", MINE)
        whole = await running.rereading.whole(transaction, MINE, "in a test")
        assert not whole.released.reply.reason_owed
        assert (whole.asked.reason, whole.asked.incident) == ("a stop", "26-1")

    tell(people, directory, story)


def test_the_history_tells_what_became_of_each_look_up(people: Database, directory: Path) -> None:
    """Newest first: the result as the entries have it, what was asked, what is still owed; nobody else's."""

    async def story(running: Running) -> None:
        network, since = running.network, running.clock.now()
        await process_inquiry(PLATE, MINE, network)
        with pytest.raises(Refused):
            await process_inquiry(msgspec.structs.replace(PLATE, fields={}), MINE, network)
        await process_inquiry(msgspec.structs.replace(PLATE, reason="owed"), MINE, network)
        await process_inquiry(PLATE, THEIRS, network)
        await entered(running, (entries.INQUIRY_PERMITTED, ASKED), (entries.INQUIRY_ABANDONED, {}))
        rows = await past_inquiries(running.stored, running.rereading, network.owed, MINE, since)
        assert [row.result for row in rows] == ["ABANDONED", "NO_RECORD", "REFUSED", "NO_RECORD"]
        assert [row.reason_owed for row in rows] == [False, True, False, False]
        assert rows[-1].asked.fields["LIC"] == "0ABC123"
        opened = (await running.stored.of_operator(OFFICER.id, limit=1))[0]
        assert opened.kind == "TransactionReread"

    tell(people, directory, story)
