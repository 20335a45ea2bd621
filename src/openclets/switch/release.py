"""From answers to a reply that may leave (corridor, steps 4 to 8): intent, asking, assembling,
entering, releasing.
"""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from openclets.directory.identity import names_own_record
from openclets.foundation import canonical
from openclets.foundation.clock import rfc3339
from openclets.foundation.errors import RuleCited
from openclets.journal.entry import Companion, Entered, EntryDraft, Wrapping
from openclets.records.answer import Answer, Record, Subject
from openclets.records.query import Asker, MessageClass, Query
from openclets.switch import assembly, entries
from openclets.switch.asking import Asking
from openclets.switch.entitlement import Entitled
from openclets.switch.inquiry import Inquiry
from openclets.switch.leads import led_to
from openclets.switch.passage import Passage, receipt_shown
from openclets.switch.reply import Leg, ReleasedReply, Reply, encode_reply
from openclets.switch.ruling import Ruling, rule_further

OWN_RECORD = RuleCited(
    "own-record-returned",
    "A record that came back is the operator's own; nobody looks themselves up, so the answer is withheld.",
    "decisions.md 10",
)
SUBJECT_TABLE = "switch.transaction_subject"
OWED_TABLE = "switch.owed_reason"


class Answered(msgspec.Struct, frozen=True):
    """A reply ready to be entered: the reply, whom it is about, and the word kept in clear."""

    reply: Reply
    subjects: tuple[Subject, ...]
    result_class: str


async def enter_intent(inquiry: Inquiry, entitled: Entitled, ruling: Ruling, passage: Passage) -> Entered:
    """Make the intent durable. Raises Unavailable(`JOURNAL_UNAVAILABLE`): then nothing is asked."""
    body = entries.inquiry_body(inquiry, ruling.leg_rows, ruling.rules)
    drafts: list[EntryDraft] = [
        entries.draft(entries.INQUIRY_PERMITTED, entitled.names, body, result_class="PERMITTED")
    ]
    if inquiry.reason_owed:
        owed = Companion(OWED_TABLE, (passage.transaction, inquiry.operator_id, passage.asked_at))
        due: dict[str, object] = {"due": "end of shift"}
        drafts.append(
            entries.draft(entries.REASON_OWED, entitled.names, due, result_class="OWED", companions=(owed,))
        )
    entered = await passage.network.journal.append(*drafts)
    return entered[0]


def ask(inquiry: Inquiry, ruling: Ruling, intent: Entered, passage: Passage) -> Asking:
    """Put every permitted and linked leg to its record system, with the receipt of the intent."""
    return Asking(
        passage.network.systems, queries_of(inquiry, ruling, intent, passage), passage.network.clock
    )


def queries_of(
    inquiry: Inquiry, ruling: Ruling, intent: Entered, passage: Passage, first: int = 0
) -> list[Query | None]:
    """What each leg from number `first` is asked; None for one that a rule or a missing link keeps out."""
    profile = ruling.plan.profile
    asker = Asker(
        agency_ori=passage.view.terminals[inquiry.terminal_id].agency_ori,
        operator_id=inquiry.operator_id,
        terminal_id=inquiry.terminal_id,
        attention=inquiry.attention,
        purpose_code=inquiry.purpose_code,
    )
    return [
        None
        if leg.unlinked or n in ruling.kept_out
        else Query(
            transaction=passage.transaction,
            system=leg.system,
            message_key=leg.message_key,
            fields=inquiry.fields if leg.fields is None else leg.fields,
            asker=asker,
            receipt=intent.receipt,
            deadline_s=profile.deadline_s + profile.late_s,
            sweep=ruling.plan.sweep,
            message_class=MessageClass.INQUIRY,
        )
        for n, leg in enumerate(ruling.plan.legs[first:], first)
    ]


async def follow_leads(
    inquiry: Inquiry, entitled: Entitled, ruling: Ruling, asking: Asking, passage: Passage
) -> Ruling:
    """Ask what the answers lead to, as they come, until first parts are due; the ruling with those legs.

    Each further leg is decided as any other, and entered with its cause before it is asked. Raises
    Unavailable: then the further legs were not asked, and nothing leaves.
    """
    network, until_s = passage.network, ruling.plan.profile.first_s
    if not network.leads.of(inquiry.key):
        await asking.all_or(until_s)
        return ruling
    while arrived := await asking.next_arrivals(until_s):
        answers = [(n, arrival.answer) for n in arrived if (arrival := asking.arrivals[n]) is not None]
        further = led_to(network.leads, inquiry.key, inquiry.fields, ruling.plan.legs, answers)
        if further:
            first = len(ruling.plan.legs)
            ruling = rule_further(inquiry, entitled, ruling, further, passage)
            body = entries.further_body(ruling.plan.legs[first:], ruling.leg_rows[first:])
            # Commit point: what is asked further is durable, with its cause, before it is asked.
            (entered,) = await network.journal.append(
                entries.draft(entries.LEGS_ADDED, entitled.names, body, result_class="PERMITTED")
            )
            asking.ask_more(queries_of(inquiry, ruling, entered, passage, first))
    return ruling


async def assemble(
    inquiry: Inquiry, entitled: Entitled, ruling: Ruling, asking: Asking, passage: Passage
) -> Answered:
    """The reply as this operator may see it. Raises Refused, with its entry, when a record is the
    operator's own.
    """
    if asking.broken is not None:
        raise asking.broken
    asking.take_fresh()
    legs: list[Leg] = []
    answers: list[tuple[int, Answer]] = []
    for n, planned in enumerate(ruling.plan.legs):
        arrival = asking.arrivals[n]
        if n in ruling.kept_out:
            legs.append(assembly.not_asked(planned, ruling.kept_out[n].id))
        elif planned.unlinked:
            legs.append(assembly.not_asked(planned, planned.unlinked))
        elif arrival is None:
            legs.append(assembly.pending(planned))
        else:
            legs.append(assembly.answered(planned, arrival, entitled.operator.role))
            answers.append((n, arrival.answer))
    records = [record for _, answer in answers for record in answer.records]
    if is_own_record(records, entitled, passage):
        await passage.withhold(
            entitled.names, "REFUSED_BY_RULE", (OWN_RECORD,), [leg.system for leg in legs if leg.records]
        )
    reply = Reply(
        transaction=passage.transaction,
        message_key=inquiry.key.key,
        final=not asking.pending,
        legs=tuple(legs),
        banners=assembly.banners(ruling.plan.legs, answers),
        asked_at=rfc3339(passage.asked_at),
        summary=assembly.summary(legs),
        warnings=inquiry.warnings,
        reason_owed=inquiry.reason_owed,
    )
    return Answered(reply, subjects_of(records, inquiry, passage), assembly.result_class(legs))


def is_own_record(records: list[Record], entitled: Entitled, passage: Passage) -> bool:
    """Whether any record that came back is the operator's own, or that of the operator asked for."""
    key = passage.network.identity_key
    people = (entitled.operator,) if entitled.other is None else (entitled.operator, entitled.other)
    return any(
        record.identifiers and names_own_record(person, record.identifiers, key)
        for record in records
        for person in people
    )


def subjects_of(records: list[Record], inquiry: Inquiry, passage: Passage) -> tuple[Subject, ...]:
    """Whom a reply is about, by the systems' own references; a keyed digest of the term where
    nothing was found.
    """
    found: dict[tuple[str, str], Subject] = {}
    for record in records:
        for subject in record.subjects:
            found.setdefault((subject.ref, subject.role), subject)
    if found:
        return tuple(found.values())
    term = hmac.new(
        passage.network.identity_key, canonical.encode_trusted(dict(inquiry.fields)), hashlib.sha256
    )
    return (Subject(f"term:{term.hexdigest()[:32]}", "subject"),)


async def enter_reply(
    answered: Answered, intent: Entered, entitled: Entitled, passage: Passage
) -> ReleasedReply:
    """Make the reply durable, with whom it is about. Raises Unavailable: then nothing leaves."""
    body = encode_reply(answered.reply)
    entered = await enter_shown(body, answered.subjects, answered.result_class, intent, entitled, passage)
    return ReleasedReply(answered.reply, receipt_shown(entered, intent), body)


async def enter_shown(
    body: bytes,
    subjects: tuple[Subject, ...],
    result: str,
    intent: Entered,
    entitled: Entitled,
    passage: Passage,
) -> Entered:
    """The one way an answer is entered: with the rows that name its subjects, in the same commit."""
    rows = tuple([Companion(SUBJECT_TABLE, (passage.transaction, s.ref, s.role, s.weight)) for s in subjects])
    draft = entries.reply_draft(
        entitled.names, body, result, subjects, Wrapping(intent.receipt.index, intent.body_key), rows
    )
    (entered,) = await passage.network.journal.append(draft)
    return entered
