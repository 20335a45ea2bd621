"""A switch in a simulated world: the real corridor, rules, vocabulary and sequencer; disks and
outside systems that fail.

Every question that reaches a record system and every answer that reaches an operator is held
against what is on the disk at that very step. What is checked: security.md 2.4, I1, I4, I5, I8,
I10; decisions.md 4 and 6.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from openclets.directory.agency import Agency
from openclets.directory.identity import digests_in
from openclets.directory.operator import Operator
from openclets.directory.quota import Quotas
from openclets.directory.terminal import Terminal
from openclets.directory.view import DirectoryView
from openclets.foundation.errors import Refused, Unavailable
from openclets.journal.append import Journal, Sequencer
from openclets.journal.entry import Entered, EntryDraft
from openclets.journal.journal_store import SealedBatch
from openclets.journal.keyring import Keyring
from openclets.journal.receipt import verify_receipt
from openclets.journal.simulated_store import SimulatedDisk, SimulatedStore, WriteOutcome
from openclets.messages.vocabulary import load
from openclets.policy.decide import load_ruleset
from openclets.records.answer import Answer, LegState, Record, Subject
from openclets.records.query import Query
from openclets.switch.abandoned import close_abandoned
from openclets.switch.entries import Names
from openclets.switch.idempotency import Claim, Progress
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.live import LiveTransactions
from openclets.switch.network import Background, Network
from openclets.switch.process import process_inquiry
from openclets.switch.reply import ReleasedReply, decode_reply
from openclets.switch.routing import load_routes
from openclets.switch.store import COMPANION_TABLES
from simulation.loop import SimulatedLoop

IDENTITY_KEY = b"i" * 32
ORI = "CA9010100"
VOCABULARY = load()
RULESET = load_ruleset()
BEGIN = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
SYSTEMS = tuple(load_routes().systems)


class Violation(AssertionError):
    """A promise of the switch was broken; the message says which."""


class SimulatedClock:
    """The loop's virtual time on a wall that an administrator may turn back."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self.turned = timedelta()

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._loop.time()) + self.turned

    def monotonic(self) -> float:
        return self._loop.time()


@dataclass
class Durable:
    """What survives a crash: the journal's disk and the rows of idempotency keys."""

    disk: SimulatedDisk = field(default_factory=SimulatedDisk)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def entries_of(self, transaction: str, *kinds: str) -> list[int]:
        return [
            n
            for n, entry in enumerate(self.disk.entries)
            if entry.draft.transaction == transaction and (not kinds or entry.draft.kind.name in kinds)
        ]

    async def unanswered(self, until: datetime) -> list[Names]:
        closings = ("ReplyReleased", "ReplyWithheld", "InquiryAbandoned")
        return [
            Names(
                d.transaction,
                d.agency_ori,
                d.operator_id,
                d.terminal_id,
                d.message_key,
                d.purpose_code,
                d.ruleset_digest,
            )
            for d in (entry.draft for entry in self.disk.entries)
            if d.kind.name == "InquiryPermitted" and not self.entries_of(d.transaction, *closings)
        ]

    async def unanswered_of(self, transactions: Collection[str]) -> list[Names]:
        left = await self.unanswered(BEGIN)
        return [names for names in left if names.transaction in transactions]


class SimulatedSystem:
    """A record system that answers at once, later, far too late, never, or fails; and holds every
    question to the disk.
    """

    def __init__(self, name: str, scene: Scene) -> None:
        self.name = name
        self._scene = scene

    async def ask(self, query: Query) -> Answer:
        durable, chance = self._scene.durable, self._scene.chance
        if not verify_receipt(query.receipt, self._scene.keyring.gate_key):
            self._scene.violate("a record system was asked with a receipt that does not verify")
        index = query.receipt.index
        on_disk = durable.disk.entries[index].draft if index < len(durable.disk.entries) else None
        if (
            on_disk is None
            or on_disk.transaction != query.transaction
            or on_disk.kind.name != "InquiryPermitted"
        ):
            self._scene.violate("I1: a record system was asked before its intent was durable")
        durable.asked.append(query.transaction)
        manner = chance.choice(("at once", "soon", "slow", "late", "never", "broken", "none", "none"))
        if manner == "soon":
            await asyncio.sleep(chance.random())
        elif manner == "slow":
            await asyncio.sleep(6 + 5 * chance.random())
        elif manner == "late":
            await asyncio.sleep(25 + 10 * chance.random())
        elif manner == "never":
            await asyncio.sleep(3600)
        elif manner == "broken":
            raise RuntimeError("the connector broke")
        elif manner == "none":
            return Answer(LegState.NO_RECORD, text="NO RECORD")
        record = Record("vehicle", f"{self.name}-1", {"LIC": "0ABC123"}, (Subject("person-1", "owner"),))
        return Answer(LegState.RECORD, (record,), "A RECORD")


class HeldJournal:
    """The journal, watched: what it says is durable must be on the disk."""

    def __init__(self, journal: Journal, durable: Durable) -> None:
        self._journal = journal
        self._durable = durable

    async def append(self, *drafts: EntryDraft) -> tuple[Entered, ...]:
        entered = await self._journal.append(*drafts)
        for one, draft in zip(entered, drafts, strict=True):
            entries = self._durable.disk.entries
            if one.receipt.index >= len(entries) or entries[one.receipt.index].draft is not draft:
                raise Violation("the journal answered for an entry that is not on the disk")
        return entered


class Scene:
    """One process's life: its journal, its corridor, its operators. `durable` outlives it."""

    def __init__(
        self,
        seed: int,
        durable: Durable,
        loop: SimulatedLoop,
        *,
        held: Callable[[Journal, Durable], Journal] = HeldJournal,
    ) -> None:
        self.chance = random.Random(seed * 7919 + 1)
        self.durable = durable
        self.loop = loop
        self.clock = SimulatedClock(loop)
        self.keyring = Keyring.from_randomness(random.Random(1).randbytes)
        self.violations: list[Violation] = []
        self.view = _view()
        randomness = random.Random(seed + len(durable.disk.entries) * 31 + 5).randbytes
        store = SimulatedStore(durable.disk, outcome=self._outcome)
        self.sequencer = Sequencer(
            store, self.keyring, self.clock, randomness, origin="simulated", companion_tables=COMPANION_TABLES
        )
        self.journal = held(self.sequencer, durable)
        self.faulty = False
        self.network = Network(
            vocabulary=VOCABULARY,
            routes=load_routes(),
            ruleset=RULESET,
            directory=self,
            journal=self.journal,
            systems={name: SimulatedSystem(name, self) for name in SYSTEMS},
            claims=self,
            owed=self,
            rereading=self,
            quotas=Quotas(),
            live=LiveTransactions(),
            background=Background(),
            clock=self.clock,
            randomness=randomness,
            identity_key=IDENTITY_KEY,
        )

    # -- what the corridor asks for ----------------------------------------------------------------

    def current(self) -> DirectoryView:
        return self.view

    async def claim(self, wanted: Claim) -> Claim:
        await asyncio.sleep(0)
        kept = self.durable.claims.setdefault((wanted.operator_id, wanted.key), wanted)
        await asyncio.sleep(0)
        return kept

    async def progress_of(self, earlier: Claim, now: datetime) -> Progress:
        if self.durable.entries_of(earlier.transaction, "ReplyReleased"):
            return Progress.ANSWERED
        if self.durable.entries_of(
            earlier.transaction, "InquiryAbandoned", "InquiryRefused", "ReplyWithheld"
        ):
            return Progress.ABANDONED
        return Progress.UNDER_WAY

    async def take_over(self, earlier: Claim, wanted: Claim) -> bool:
        at = (wanted.operator_id, wanted.key)
        if self.durable.claims[at].transaction != earlier.transaction:
            return False
        self.durable.claims[at] = wanted
        return True

    async def open_count(self, operator_id: str) -> int:
        return len(self.durable.disk.companions.get("switch.owed_reason", []))

    async def open_of(self, operator_id: str) -> list[tuple[str, datetime]]:
        return []

    async def again(self, transaction: str, sender: Sender, how: str) -> ReleasedReply:
        (index,) = self.durable.entries_of(transaction, "ReplyReleased")
        body = self.durable.disk.entries[index].draft.body
        return ReleasedReply(decode_reply(body), None, body)  # type: ignore[arg-type]

    # -- what happens ------------------------------------------------------------------------------

    def _outcome(self, batch: SealedBatch) -> WriteOutcome:
        if self.faulty and self.chance.random() < 0.15:
            return self.chance.choice((WriteOutcome.LOST, WriteOutcome.KEPT_IN_DOUBT))
        return WriteOutcome.KEPT

    async def live(self, *, faulty: bool) -> None:
        """Open the journal, close what an earlier life left, let several operators ask at once, and
        finish.
        """
        await self.sequencer.open()
        running = asyncio.ensure_future(self.sequencer.run())
        await close_abandoned(self.journal, self.durable, self.clock.now())
        self.faulty = faulty
        operators = [asyncio.ensure_future(self._operator(n)) for n in range(4)]
        await asyncio.gather(*operators)
        await self.network.background.finished()
        self.faulty = False
        await self.network.left_open.close(self.journal, self.durable, self.clock.monotonic())
        await self.sequencer.close()
        await running

    async def _operator(self, number: int) -> None:
        for turn in range(2):
            await asyncio.sleep(self.chance.random() * 2)
            if self.chance.random() < 0.1:
                self.clock.turned -= timedelta(hours=1)
            if self.chance.random() < 0.1:
                self._revoke("OFF2")
            await self._ask(self._inquiry(number, turn), Sender(f"OFF{number % 3}", "T1"))

    def _inquiry(self, number: int, turn: int) -> RawInquiry:
        kind = self.chance.choice(("plate", "plate", "composite", "person", "own", "bad", "keyed", "owed"))
        if kind == "bad":
            return RawInquiry("RQ", {"LIC": "0ABC\x00", "ZZZ": "1"}, reason="stop")
        if kind == "own":
            return RawInquiry("RQ", {"LIC": "0OWN001"}, reason="stop")
        if kind == "composite":
            return RawInquiry("QPS", {"LIC": "0ABC123"}, reason="stop")
        if kind == "person":
            return RawInquiry("QW", {"NAM": "VANCE,RILEY", "DOB": "19880417"}, incident="26-1")
        if kind == "keyed":
            return RawInquiry("RQ", {"LIC": "0ABC123"}, reason="stop", idempotency_key="one")
        if kind == "owed":
            return RawInquiry("RQ", {"LIC": "0ABC123"}, reason="owed")
        return RawInquiry("RQ", {"LIC": f"0ABC{number}{turn}1"}, reason="stop")

    async def _ask(self, raw: RawInquiry, sender: Sender) -> None:
        try:
            released = await process_inquiry(raw, sender, self.network)
        except Refused as refused:
            self._check_refusal(refused)
            return
        except Unavailable:
            return
        self._check_release(released, raw)
        live = self.network.live.find(released.reply.transaction)
        if live is not None and self.chance.random() < 0.5:
            final_seen = released.reply.final
            async for newer in live.changes():
                self._check_late(newer)
                if final_seen and not newer.reply.final:
                    raise Violation("final went back")
                final_seen = newer.reply.final

    def _revoke(self, operator_id: str) -> None:
        operators = dict(self.view.operators)
        old = operators[operator_id]
        operators[operator_id] = Operator(
            old.id, old.agency_ori, old.name, old.role, old.training_until, suspended=True
        )
        self.view = DirectoryView(self.view.version + 1, self.view.agencies, operators, self.view.terminals)

    # -- what is checked ---------------------------------------------------------------------------

    def violate(self, promise: str) -> NoReturn:
        """Note a broken promise where the corridor would take the exception for a connector's failure."""
        self.violations.append(Violation(promise))
        raise self.violations[-1]

    def _check_release(self, released: ReleasedReply, raw: RawInquiry) -> None:
        if raw.fields.get("LIC") == "0OWN001":
            raise Violation("an operator's own record was released")
        indexes = self.durable.entries_of(released.reply.transaction, "ReplyReleased")
        if len(indexes) != 1:
            raise Violation("I1: an answer left without exactly one durable entry")
        if self.durable.disk.entries[indexes[0]].draft.body != released.body:
            raise Violation("I1: what left is not what was entered")
        self._check_words(released)

    def _check_late(self, released: ReleasedReply) -> None:
        receipt = released.receipt
        if receipt is not None and receipt.index >= len(self.durable.disk.entries):
            raise Violation("I1: a late answer was shown before its entry was durable")
        self._check_words(released)

    def _check_words(self, released: ReleasedReply) -> None:
        unanswered = [
            leg for leg in released.reply.legs if leg.state not in ("HIT", "RECORD", "NO_RECORD", "LATE")
        ]
        if unanswered and released.reply.summary.startswith("No record: every source"):
            raise Violation("I5: no record was said although a source had not answered")
        if any(leg.state == "PENDING" for leg in released.reply.legs) == released.reply.final:
            raise Violation("final and pending legs contradict one another")

    def _check_refusal(self, refused: Refused) -> None:
        if refused.receipt is None:
            raise Violation("a refusal has no entry")
        transaction = str(refused.receipt["transaction"])
        kinds = ("InquiryRefused", "ReplyWithheld")
        if not self.durable.entries_of(transaction, *kinds):
            raise Violation("a refusal's entry is not on the disk")
        if self.durable.entries_of(transaction, "InquiryRefused") and transaction in self.durable.asked:
            raise Violation("I10: a record system was asked for a refused inquiry")

    def check_end(self) -> None:
        """After a life that ended well: every intent is closed, indexes have no gap, time never falls."""
        if self.violations:
            raise self.violations[0]
        left = [
            entry.draft.transaction
            for entry in self.durable.disk.entries
            if entry.draft.kind.name == "InquiryPermitted"
            and not self.durable.entries_of(
                entry.draft.transaction, "ReplyReleased", "ReplyWithheld", "InquiryAbandoned"
            )
        ]
        if left:
            raise Violation(f"{len(left)} intents were never closed")
        for n, entry in enumerate(self.durable.disk.entries):
            if entry.index != n:
                raise Violation("I8: the index has a gap")
            if n and entry.at <= self.durable.disk.entries[n - 1].at:
                raise Violation("I8: journal time fell")
        twice = [t for t in set(self.durable.asked) if len(self.durable.entries_of(t, "ReplyReleased")) > 1]
        if twice:
            raise Violation("a transaction has two replies")
        if self.loop.failures:
            raise Violation(f"a task failed unseen: {self.loop.failures[0]}")


def _view() -> DirectoryView:
    own = digests_in({"LIC": "0OWN001", "LIS": "CA"}, IDENTITY_KEY)
    operators = {
        f"OFF{n}": Operator(f"OFF{n}", ORI, f"OFFICER {n}", "officer", date(2027, 1, 1), own_identifiers=own)
        for n in range(3)
    }
    agency = Agency(ORI, "Synthetic PD", "police", "901", "2026", date(2027, 1, 1))
    return DirectoryView(1, {ORI: agency}, operators, {"T1": Terminal("T1", ORI, "fixed", "desk")})
