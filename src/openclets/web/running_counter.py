"""The counter over a running network: every act of a page, carried to the slice whose act it is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from openclets.directory import session as kept
from openclets.directory.log_in import LogIns
from openclets.directory.store import DirectoryStore
from openclets.foundation.errors import BadInput
from openclets.messages.read import read_fields
from openclets.switch.afterwards import Afterwards
from openclets.switch.history import past_inquiries
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.keyed_inquiry import from_keyed
from openclets.switch.process import process_inquiry, refuse_unread
from openclets.web.counter import (
    Delivery,
    HistoryRow,
    IncidentChoice,
    KeyedLine,
    LogSummary,
    ReceiptCheck,
    Session,
    TerminalChoice,
)
from openclets.web.receipt_check import check_text, summarise
from openclets.wiring import Running

SITE = "terminal"
SHIFT_WITHOUT_ROSTER = timedelta(hours=12)
"""How far back the history reaches for an operator whose agency sends no shifts."""


class RunningCounter:
    """`web.counter.Counter` over a running network."""

    def __init__(self, running: Running, *, log_url: str) -> None:
        self._running = running
        self._log_url = log_url
        self._log_ins = LogIns(
            store=DirectoryStore(running.database),
            journal=running.network.journal,
            view=running.directory.current,
            clock=running.clock,
            randomness=running.randomness,
        )
        self._afterwards = Afterwards(
            running.rereading, running.network.owed, running.network.journal, running.clock
        )

    async def log_in(self, operator_id: str, password: str, source: str) -> Session:
        opened = await self._log_ins.by_password(operator_id, password, source=source, site=SITE)
        return self._shown(opened.session, opened.secret)

    async def log_in_by_link(self, link: str, source: str) -> Session:
        opened = await self._log_ins.by_link(link, source=source, site=SITE)
        return self._shown(opened.session, opened.secret)

    async def log_out(self, session: Session) -> None:
        found = await self._log_ins.find(session.cookie, SITE)
        if found is not None:
            await self._log_ins.log_out(found)

    async def session(self, cookie: str) -> Session | None:
        found = await self._log_ins.find(cookie, SITE)
        return None if found is None else self._shown(found, cookie)

    async def sit_at(self, terminal_id: str, session: Session) -> Session:
        found = await self._log_ins.find(session.cookie, SITE)
        if found is None:
            return session
        return self._shown(await self._log_ins.change_terminal(found, terminal_id), session.cookie)

    async def run(self, raw: RawInquiry, session: Session) -> Delivery:
        network = self._running.network
        released = await process_inquiry(raw, _sender(session), network)
        try:
            asked = read_fields(network.vocabulary, raw.message_key, raw.fields, raw.network).fields
        except BadInput:  # pragma: no cover - it has just been read
            asked = {}
        return Delivery(
            reply=released.reply,
            receipt=released.receipt,
            asked=asked,
            purpose_code=raw.purpose_code or "",
            incident=raw.incident or "",
            reason=raw.reason or "",
            attention=raw.attention or "",
        )

    async def run_keyed(self, keyed: KeyedLine, session: Session) -> Delivery:
        network = self._running.network
        try:
            raw = from_keyed(
                keyed.text,
                network.vocabulary,
                incident=keyed.incident,
                reason=keyed.reason,
                idempotency_key=keyed.idempotency_key,
            )
        except BadInput as bad:
            await refuse_unread(bad, RawInquiry("", {"text": keyed.text}), _sender(session), network)
        return await self.run(raw, session)

    async def reread(self, transaction: str, session: Session) -> Delivery:
        whole = await self._running.rereading.whole(transaction, _sender(session), "on the terminal site")
        return Delivery(
            reply=whole.released.reply,
            receipt=whole.released.receipt,
            asked=whole.asked.fields,
            purpose_code=whole.purpose_code,
            incident=whole.asked.incident,
            reason=whole.asked.reason,
            attention=whole.asked.attention,
            read_legs=whole.read_legs,
        )

    async def history(self, session: Session) -> tuple[HistoryRow, ...]:
        now = self._running.clock.now()
        shift = await self._running.duty.shift_of(session.operator_id, now)
        since = shift.fact.starts if shift is not None else now - SHIFT_WITHOUT_ROSTER
        rows = await past_inquiries(
            self._running.stored, self._running.rereading, self._running.network.owed, _sender(session), since
        )
        return tuple(
            HistoryRow(
                transaction=row.transaction,
                at=row.at,
                message_key=row.message_key,
                asked=".".join(f"{code}/{value}" for code, value in row.asked.fields.items()),
                result=row.result,
                incident=row.asked.incident,
                reason="" if row.asked.reason == "owed" else row.asked.reason,
                reason_owed=row.reason_owed,
                index=row.index,
            )
            for row in rows
        )

    async def incidents(self, session: Session) -> tuple[IncidentChoice, ...]:
        now = self._running.clock.now()
        assigned = await self._running.duty.assigned_to(session.operator_id, now)
        found = await self._running.duty.open_incidents(session.agency_ori, now)
        choices = [
            IncidentChoice(
                one.fact.incident_id, one.fact.nature, one.fact.opened, one.fact.incident_id in assigned
            )
            for one in found
        ]
        return tuple(sorted(choices, key=lambda choice: not choice.assigned))

    async def acknowledge(self, transaction: str, leg: int, session: Session) -> None:
        whole = await self._running.rereading.whole(transaction, _sender(session), "to acknowledge a hit")
        if leg not in whole.read_legs:
            await self._afterwards.acknowledge(transaction, leg, _sender(session))

    async def give_reason(self, transaction: str, reason: str, incident: str, session: Session) -> None:
        await self._afterwards.give_reason(transaction, reason, incident, _sender(session))

    def log_summary(self) -> LogSummary:
        return summarise(self._running.log_folder, self._running.settings.log_origin, self._log_url)

    async def check_receipt(self, text: str) -> ReceiptCheck:
        return await asyncio.to_thread(check_text, text, self._running.log_folder)

    async def proof_text(self, index: int) -> str | None:
        proof = await asyncio.to_thread(self._running.log_folder.proof, index)
        return None if proof is None else proof.encode()

    def _shown(self, session: kept.Session, secret: str) -> Session:
        view = self._running.directory.current()
        operator = view.operators[session.operator_id]
        agency = view.agencies[operator.agency_ori]
        return Session(
            cookie=secret,
            operator_id=operator.id,
            operator_name=operator.name,
            agency_name=agency.name,
            agency_ori=agency.ori,
            terminal_id=session.terminal_id,
            terminals=tuple(
                TerminalChoice(t.mnemonic, t.place, t.kind) for t in view.terminals_of(agency.ori)
            ),
            time_zone=agency.time_zone,
            form_token=session.form_token,
        )


def _sender(session: Session) -> Sender:
    return Sender(session.operator_id, session.terminal_id, "terminal")
