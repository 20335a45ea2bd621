"""Shows again what was shown: to the operator it was shown to, with an entry each time (decisions.md 6).

A foreign transaction and an unknown one are refused in the same words; either refusal is an entry.
A transaction whose late legs were still out when the switch stopped is shown with them given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec

from openclets.directory.standing import check_standing
from openclets.foundation.clock import Clock
from openclets.foundation.errors import Refused, catalogue
from openclets.journal.append import Journal
from openclets.journal.entries import JournalEntries, StoredEntry
from openclets.journal.keyring import agency
from openclets.journal.leaf import leaf_hash
from openclets.journal.reading import Bodies, OpenedEntry
from openclets.records.answer import LegState
from openclets.switch import assembly, entries
from openclets.switch.entries import Names
from openclets.switch.inquiry import Sender
from openclets.switch.live import LiveTransactions
from openclets.switch.network import Directory
from openclets.switch.reply import Banner, Leg, ReceiptShown, ReleasedReply, Reply, decode_reply, encode_reply

_SHOWN = ("InquiryPermitted", "ReplyReleased", "LateAnswer", "LegsGivenUp", "HitAcknowledged", "ReasonGiven")


class IntentBody(msgspec.Struct, frozen=True):
    """The sealed body of an intent, as far as a reader of the reply needs it."""

    fields: dict[str, str] = msgspec.field(default_factory=dict)
    reason: str = ""
    incident: str = ""
    attention: str = ""
    rules: list[str] = msgspec.field(default_factory=list)


class _Late(msgspec.Struct, frozen=True):
    leg: int
    answer: Leg
    banners: tuple[Banner, ...]


class _GivenUp(msgspec.Struct, frozen=True):
    legs: list[int]
    after: int


class _Acknowledged(msgspec.Struct, frozen=True):
    leg: int


@dataclass(frozen=True, slots=True)
class Reread:
    """A reply as it stands now, and what was asked. `read_legs` are the hits the operator has
    acknowledged.
    """

    released: ReleasedReply
    asked: IntentBody
    purpose_code: str
    read_legs: frozenset[int] = field(default_factory=frozenset)


class Rereading:
    """Reads transactions again from the journal."""

    def __init__(
        self,
        stored: JournalEntries,
        bodies: Bodies,
        journal: Journal,
        directory: Directory,
        live: LiveTransactions,
        clock: Clock,
        *,
        origin: str,
    ) -> None:
        self._stored = stored
        self._bodies = bodies
        self._journal = journal
        self._directory = directory
        self._live = live
        self._clock = clock
        self._origin = origin

    async def again(self, transaction: str, sender: Sender, how: str) -> ReleasedReply:
        """The reply of `transaction` as it stands now. Raises Refused(`NOT_FOUND`, `NOT_ENTITLED`),
        Unavailable.
        """
        return (await self.whole(transaction, sender, how)).released

    async def whole(self, transaction: str, sender: Sender, how: str) -> Reread:
        """As `again`, with what was asked."""
        found = await self.own_entries(transaction, sender)
        shown = [entry for entry in found if entry.kind in _SHOWN]
        if not any(entry.kind == "ReplyReleased" for entry in shown):
            await self._refuse(transaction, sender, found)
        opened = await self.opened(shown, sender, how)
        reread = _assembled(opened, self._origin)
        live = self._live.find(transaction)
        if live is not None:
            released = _with_reason(live.released, reread.released.reply.reason_owed)
            return Reread(released, reread.asked, reread.purpose_code, reread.read_legs)
        return _without_pending(reread)

    async def own_entries(self, transaction: str, sender: Sender) -> list[StoredEntry]:
        """The entries of a transaction of this sender's. Raises Refused, with its entry, for any other."""
        await self._stand(transaction, sender)
        found = await self._stored.of_transaction(transaction)
        if not found or not _is_own(found[0], sender):
            await self._refuse(transaction, sender, [])
        return found

    async def opened(self, shown: Sequence[StoredEntry], sender: Sender, how: str) -> list[OpenedEntry]:
        """The bodies of entries of this sender's agency, opened under an entry that says so."""
        if not shown:
            return []
        first = shown[0]
        indexes = [entry.index for entry in shown]
        names = Names(first.transaction, first.agency_ori, sender.operator_id, sender.terminal_id, "", "", "")
        body: dict[str, object] = {"entries": indexes, "how": how}
        (entered,) = await self._journal.append(entries.draft(entries.TRANSACTION_REREAD, names, body))
        return await self._bodies.open_under(entered.receipt, indexes, agency(first.agency_ori))

    async def _stand(self, transaction: str, sender: Sender) -> None:
        faults = check_standing(
            self._directory.current(), sender.operator_id, sender.terminal_id, self._clock.now()
        ).faults
        if faults:
            refused = Refused("NOT_ENTITLED", faults[0].text, rules=faults)
            await self._enter_refusal(refused, transaction, sender)
            raise refused

    async def _refuse(self, transaction: str, sender: Sender, found: Sequence[StoredEntry]) -> NoReturn:
        refused = Refused("NOT_FOUND", catalogue()["NOT_FOUND"].text)
        if any(entry.kind in ("InquiryRefused", "ReplyWithheld") for entry in found):
            refused.message = "This inquiry was refused, so there is no answer to show again."
        elif found:
            refused.message = "This inquiry was never answered; ask again."
        await self._enter_refusal(refused, transaction, sender)
        raise refused

    async def _enter_refusal(self, refused: Refused, transaction: str, sender: Sender) -> None:
        terminal = self._directory.current().terminals.get(sender.terminal_id)
        names = Names(
            "", terminal.agency_ori if terminal else "", sender.operator_id, sender.terminal_id, "", "", ""
        )
        body: dict[str, object] = {"code": refused.code, "transaction": transaction[:64]}
        await self._journal.append(entries.draft(entries.REREAD_REFUSED, names, body, result_class="REFUSED"))


def _is_own(entry: StoredEntry, sender: Sender) -> bool:
    if sender.machine:
        return entry.terminal_id == sender.terminal_id
    return entry.operator_id == sender.operator_id


def _assembled(opened: Sequence[OpenedEntry], origin: str) -> Reread:
    asked = IntentBody({})
    reply: Reply | None = None
    receipt: ReceiptShown | None = None
    asked_index: int | None = None
    read: set[int] = set()
    for one in opened:
        kind = one.entry.kind
        if kind == "InquiryPermitted":
            asked, asked_index = msgspec.json.decode(one.body, type=IntentBody), one.entry.index
        elif kind == "HitAcknowledged":
            read.add(msgspec.json.decode(one.body, type=_Acknowledged).leg)
        elif kind == "ReasonGiven":
            given = msgspec.json.decode(one.body, type=dict[str, Any])
            asked = msgspec.structs.replace(
                asked, reason=given["reason"], incident=given["incident"] or asked.incident
            )
            if reply is not None:
                reply = msgspec.structs.replace(reply, reason_owed=False)
        else:
            reply = decode_reply(one.body) if kind == "ReplyReleased" else _with_later(reply, kind, one.body)
            leaf = leaf_hash(one.entry.leaf()).hex()
            receipt = ReceiptShown(origin, one.entry.index, leaf, asked_index)
    assert reply is not None and receipt is not None, "only answered transactions are assembled"
    return Reread(
        ReleasedReply(reply, receipt, encode_reply(reply)),
        asked,
        opened[0].entry.purpose_code,
        frozenset(read),
    )


def _with_later(reply: Reply | None, kind: str, body: bytes) -> Reply:
    assert reply is not None, "late answers follow the reply's entry"
    legs = list(reply.legs)
    if kind == "LateAnswer":
        late = msgspec.json.decode(body, type=_Late)
        legs[late.leg] = late.answer
        reply = msgspec.structs.replace(reply, banners=late.banners)
    else:
        given_up = msgspec.json.decode(body, type=_GivenUp)
        for n in given_up.legs:
            legs[n] = _given_up(legs[n], f"no answer within {given_up.after} s")
    final = not any(leg.state is LegState.PENDING for leg in legs)
    return msgspec.structs.replace(
        reply, legs=tuple(legs), final=reply.final or final, summary=assembly.summary(legs)
    )


def _without_pending(reread: Reread) -> Reread:
    reply = reread.released.reply
    if reply.final:
        return reread
    final = assembly.given_up(reply, "given up when the switch stopped")
    released = ReleasedReply(final, reread.released.receipt, encode_reply(final))
    return Reread(released, reread.asked, reread.purpose_code, reread.read_legs)


def _with_reason(released: ReleasedReply, reason_owed: bool) -> ReleasedReply:
    """The live reply knows of later answers, the entries of a reason given since."""
    if released.reply.reason_owed == reason_owed:
        return released
    reply = msgspec.structs.replace(released.reply, reason_owed=reason_owed)
    return ReleasedReply(reply, released.receipt, encode_reply(reply))


def _given_up(leg: Leg, reason: str) -> Leg:
    return msgspec.structs.replace(leg, state=LegState.TIMED_OUT, reason=reason)
