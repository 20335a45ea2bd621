"""A corridor for unit tests: the real switch in virtual time, with record systems that play a part.

The journal is the real sequencer on a disk in memory; time is that of `simulation.loop`, so that fifteen
seconds of silence cost nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from openclets.directory.agency import Agency
from openclets.directory.identity import digests_in
from openclets.directory.operator import Operator
from openclets.directory.quota import Quotas
from openclets.directory.terminal import Terminal
from openclets.directory.view import DirectoryView
from openclets.foundation.errors import Refused, Unavailable
from openclets.journal.append import Sequencer
from openclets.journal.journal_store import SealedBatch
from openclets.journal.keyring import Keyring
from openclets.journal.seal import SealedEntry
from openclets.journal.simulated_store import SimulatedDisk, SimulatedStore, WriteOutcome
from openclets.messages.vocabulary import load
from openclets.policy.decide import load_ruleset
from openclets.records.answer import Answer, LegState, Record, Subject
from openclets.records.query import Query
from openclets.records.system import RecordSystem
from openclets.switch.entries import Names
from openclets.switch.idempotency import Claim, Progress
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.live import LiveTransaction, LiveTransactions
from openclets.switch.network import Background, Network
from openclets.switch.process import process_inquiry
from openclets.switch.reply import Leg, ReleasedReply, Reply
from openclets.switch.routing import Routes, load_routes
from openclets.switch.store import COMPANION_TABLES
from simulation.loop import SimulatedLoop

T = TypeVar("T")

BEGIN = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
IDENTITY_KEY = b"i" * 32
ORI = "CA9010100"
OFFICER = Sender("OFF1", "FIXED1")
NO_RECORD = Answer(LegState.NO_RECORD, text="NO RECORD")
PLATE = RawInquiry("RQ", {"LIC": "0ABC123"}, reason="traffic stop")
PERSON = RawInquiry("QW", {"NAM": "VANCE,RILEY", "DOB": "19880417"}, reason="person check")

Part = Callable[[Query], Awaitable[Answer]]


def answers(answer: Answer, after_s: float = 0.0) -> Part:
    """A part: that answer, so many seconds later."""

    async def play(query: Query) -> Answer:
        await asyncio.sleep(after_s)
        return answer

    return play


async def silent(query: Query) -> Answer:
    """A part: never answers."""
    await asyncio.sleep(1e9)
    raise AssertionError("nobody waits this long")


async def fails(query: Query) -> Answer:
    """A part: a connector with a fault of its own."""
    raise RuntimeError("unforeseen")


def found(kind: str = "vehicle", *, hit: bool = False, ref: str = "R1", **more: Any) -> Answer:
    """An answer of one record."""
    held: dict[str, Any] = {"facts": {"LIC": "0ABC123"}, "subjects": (Subject("P1", "owner"),), **more}
    record = Record(kind, ref, hit=hit, **held)
    return Answer(LegState.HIT if hit else LegState.RECORD, (record,), "A RECORD")


@dataclass
class PlayedSystem:
    """A record system that plays a part and remembers what it was asked."""

    name: str
    part: Part
    asked: list[Query] = field(default_factory=list)

    async def ask(self, query: Query) -> Answer:
        self.asked.append(query)
        return await self.part(query)


class Corridor:
    """One switch. Change `view`, `owed`, `outcome` and the parts of `systems` to set the scene."""

    def __init__(self, parts: Mapping[str, Part] | None = None, routes: Routes | None = None) -> None:
        self.loop = SimulatedLoop(1)
        self.disk = SimulatedDisk()
        self.outcome = WriteOutcome.KEPT
        self.view = small_view()
        self.is_current = True
        self.owed: list[tuple[str, datetime]] = []
        self.claims: dict[tuple[str, str], Claim] = {}
        self.reread: list[tuple[str, Sender, str]] = []
        self.keyring = Keyring.from_randomness(random.Random(1).randbytes)
        routes = routes or load_routes()
        played = {name: PlayedSystem(name, answers(NO_RECORD)) for name in routes.systems}
        for name, part in (parts or {}).items():
            played[name].part = part
        self.systems = played
        store = SimulatedStore(self.disk, outcome=self._outcome)
        self.sequencer = Sequencer(
            store,
            self.keyring,
            self,
            random.Random(2).randbytes,
            origin="openclets.invalid/tests",
            companion_tables=COMPANION_TABLES,
        )
        systems: dict[str, RecordSystem] = dict(played)
        self.network = Network(
            vocabulary=load(),
            routes=routes,
            ruleset=load_ruleset(),
            directory=self,
            journal=self.sequencer,
            systems=systems,
            claims=self,
            owed=self,
            rereading=self,
            quotas=Quotas(),
            live=LiveTransactions(),
            background=Background(),
            clock=self,
            randomness=random.Random(3).randbytes,
            identity_key=IDENTITY_KEY,
        )

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        """Open the journal, play `story` in virtual time, and let everything that follows come to its end."""

        async def whole() -> T:
            await self.sequencer.open()
            writing = asyncio.ensure_future(self.sequencer.run())
            try:
                told = await story
                await self.network.background.finished()
                return told
            finally:
                await self.sequencer.close()
                await writing

        return self.loop.run(whole())

    def ask(self, raw: RawInquiry = PLATE, sender: Sender = OFFICER) -> ReleasedReply:
        """The reply to one inquiry, once all that follows it has come to its end."""
        return self.run(process_inquiry(raw, sender, self.network))

    def refusal(self, raw: RawInquiry = PLATE, sender: Sender = OFFICER) -> Refused:
        """The refusal of one inquiry, which must have the receipt of its entry."""

        async def refused() -> Refused:
            try:
                await process_inquiry(raw, sender, self.network)
            except Refused as refusal:
                return refusal
            raise AssertionError("it was not refused")

        refusal = self.run(refused())
        assert refusal.receipt is not None
        return refusal

    def watched(self, raw: RawInquiry = PLATE) -> list[tuple[float, Reply]]:
        """Every reply that a watcher is shown, with the second at which it came."""
        seen: list[tuple[float, Reply]] = []

        async def watch() -> None:
            released = await process_inquiry(raw, OFFICER, self.network)
            live = self.network.live.find(released.reply.transaction)
            if live is None:
                seen.append((self.loop.time(), released.reply))
                return
            async for newer in live.changes():
                seen.append((self.loop.time(), newer.reply))

        self.run(watch())
        return seen

    def entries(self, *kinds: str) -> list[SealedEntry]:
        """The entries on the disk, of those kinds where any are named; the journal's own left out."""
        return [
            entry
            for entry in self.disk.entries
            if entry.draft.kind.name in kinds or (not kinds and entry.draft.kind.name != "JournalOpened")
        ]

    def kinds(self) -> list[str]:
        """The kinds of the entries on the disk, in order."""
        return [entry.draft.kind.name for entry in self.entries()]

    def asked(self) -> set[str]:
        """The systems that a message reached."""
        return {name for name, system in self.systems.items() if system.asked}

    def suspend(self, operator_id: str = OFFICER.operator_id, *, suspended: bool = True) -> None:
        """Take an operator off the network, or let them back, as the next view of the directory says."""
        operators = dict(self.view.operators)
        operators[operator_id] = replace(operators[operator_id], suspended=suspended)
        self.view = replace(self.view, version=self.view.version + 1, operators=operators)

    # -- what the corridor asks for: directory, clock, claims, reasons owed, rereading ------------------

    def current(self) -> DirectoryView:
        if not self.is_current:
            raise Unavailable("DIRECTORY_UNAVAILABLE", "not confirmed")
        return self.view

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.loop.time())

    def monotonic(self) -> float:
        return self.loop.time()

    async def claim(self, wanted: Claim) -> Claim:
        return self.claims.setdefault((wanted.operator_id, wanted.key), wanted)

    async def progress_of(self, earlier: Claim, now: datetime) -> Progress:
        kinds = [e.draft.kind.name for e in self.disk.entries if e.draft.transaction == earlier.transaction]
        if "ReplyReleased" in kinds:
            return Progress.ANSWERED
        closed = {"InquiryRefused", "ReplyWithheld", "InquiryAbandoned"} & set(kinds)
        return Progress.ABANDONED if closed else Progress.UNDER_WAY

    async def take_over(self, earlier: Claim, wanted: Claim) -> bool:
        place = (wanted.operator_id, wanted.key)
        if self.claims[place].transaction != earlier.transaction:
            return False
        self.claims[place] = wanted
        return True

    async def open_count(self, operator_id: str) -> int:
        return len(await self.open_of(operator_id))

    async def open_of(self, operator_id: str) -> list[tuple[str, datetime]]:
        return self.owed

    async def again(self, transaction: str, sender: Sender, how: str) -> ReleasedReply:
        self.reread.append((transaction, sender, how))
        reply = Reply(transaction, "RQ", True, (), (), "", "shown again")
        return ReleasedReply(reply, None, b"{}")  # type: ignore[arg-type]

    async def unanswered_of(self, transactions: Collection[str]) -> list[Names]:
        return [names for names in await self.unanswered(BEGIN) if names.transaction in transactions]

    async def unanswered(self, until: datetime) -> list[Names]:
        closed = {
            e.draft.transaction for e in self.entries("ReplyReleased", "ReplyWithheld", "InquiryAbandoned")
        }
        return [
            Names(d.transaction, d.agency_ori, d.operator_id, d.terminal_id, d.message_key, "", "")
            for d in (entry.draft for entry in self.entries("InquiryPermitted"))
            if d.transaction not in closed
        ]

    def _outcome(self, batch: SealedBatch) -> WriteOutcome:
        return self.outcome


def small_view() -> DirectoryView:
    """One agency with an officer at a fixed and at a mobile terminal, a clerk, a dispatch system; and another
    agency.
    """
    until = date(2027, 6, 30)
    own = digests_in({"LIC": "0OWN001", "LIS": "CA"}, IDENTITY_KEY)
    operators = (
        Operator("OFF1", ORI, "Robin Vance", "officer", until, own_identifiers=own),
        Operator("OFF2", ORI, "Sam Roe", "officer", until),
        Operator("CLK1", ORI, "Casey Test", "records_clerk", until),
        Operator("CAD1", ORI, "Dispatch System", "machine", until),
        Operator("FAR1", "CA9020000", "Lee Example", "officer", until),
    )
    agencies = (
        Agency(ORI, "Synth City Police", "police", "901", "2026", until),
        Agency("CA9020000", "Synthe County Sheriff", "sheriff", "902", "2026", until),
    )
    terminals = (
        Terminal("FIXED1", ORI, "fixed", "desk"),
        Terminal("CAR1", ORI, "mobile", "car"),
        Terminal("FAR1", "CA9020000", "fixed", "jail"),
    )
    return DirectoryView(
        1,
        {agency.ori: agency for agency in agencies},
        {operator.id: operator for operator in operators},
        {terminal.mnemonic: terminal for terminal in terminals},
    )


def leg_of(reply: Reply, system: str) -> Leg:
    """The leg of one system."""
    (leg,) = [leg for leg in reply.legs if leg.system == system]
    return leg


def live_of(corridor: Corridor, transaction: str) -> LiveTransaction:
    """The live transaction of that number, which must be kept."""
    live = corridor.network.live.find(transaction)
    assert live is not None
    return live
