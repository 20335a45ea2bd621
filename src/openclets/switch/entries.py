"""The kinds of entry the switch makes, and how each is drafted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import msgspec

from openclets.foundation import canonical
from openclets.foundation.errors import Fault, RuleCited
from openclets.journal.entry import Companion, EntryDraft, EntryKind, Wrapping, declare
from openclets.records.answer import Subject
from openclets.switch.inquiry import Inquiry, RawInquiry, Sender
from openclets.switch.routing import PlannedLeg

_INQUIRY_BODY = {
    "fields": "what was asked, by field code, normalised",
    "reason": "the reason in words, `owed`, or empty",
    "incident": "the incident or case number claimed, or empty",
    "attention": "on whose behalf the answer is wanted, or empty",
    "on_behalf_of": "the operator a dispatcher or a system asked for, or empty",
    "machine": "the system that sent it, or empty",
    "channel": "the way in: api, keyed, terminal, machine",
    "destinations": "the destinations named",
    "legs": "each record system to be asked, and the rule that keeps one out",
    "rules": "the rules that decided",
}

INQUIRY_PERMITTED = declare(
    EntryKind(
        "InquiryPermitted",
        1,
        "An inquiry was read, its sender stood and the rules permit it; made before any system is asked.",
        _INQUIRY_BODY,
        "architecture.md 4.4, commit point 1",
    )
)
INQUIRY_REFUSED = declare(
    EntryKind(
        "InquiryRefused",
        3,
        "An inquiry was refused: by a rule, by its sender's standing, or because it could not be read.",
        {
            **_INQUIRY_BODY,
            "faults": "what could not be read: field, fault",
            "code": "the error code answered",
        },
        "architecture.md 4.4; security.md 0.8",
    )
)
REASON_OWED = declare(
    EntryKind(
        "ReasonOwed",
        1,
        "An inquiry ran without a reason because safety could not wait; the reason is owed until given.",
        {"due": "when the reason is due"},
        "decisions.md 9",
    )
)
REASON_GIVEN = declare(
    EntryKind(
        "ReasonGiven",
        5,
        "A reason that was owed has been given.",
        {"reason": "the reason in words", "incident": "the incident named, or empty"},
        "decisions.md 9",
    )
)
LEGS_ADDED = declare(
    EntryKind(
        "LegsAdded",
        1,
        "Record systems that an answer led to are asked as well; made before they are.",
        {"legs": "each further leg: its system, key, fields, cause, and the rule that keeps it out"},
        "messages.md 9; architecture.md 4.4",
    )
)
REPLY_RELEASED = declare(
    EntryKind(
        "ReplyReleased",
        2,
        "The reply to an inquiry, as shown; made before it leaves.",
        {"(body)": "the reply's own JSON, byte for byte as shown"},
        "architecture.md 4.7, commit point 2",
    )
)
REPLY_WITHHELD = declare(
    EntryKind(
        "ReplyWithheld",
        3,
        "A permitted inquiry's answer may not leave: the sender lost standing, or the record is their own.",
        {"rules": "the rules that withheld it", "legs": "the systems that had answered"},
        "decisions.md 10; security.md I11",
    )
)
LATE_ANSWER = declare(
    EntryKind(
        "LateAnswer",
        2,
        "An answer that came after the first parts of a reply had left.",
        {
            "leg": "the leg's number in the reply",
            "answer": "the leg as shown",
            "banners": "the reply's banners from then on",
        },
        "architecture.md 4.8",
    )
)
LEGS_GIVEN_UP = declare(
    EntryKind(
        "LegsGivenUp",
        2,
        "Legs that did not answer within the deadline were given up; the reply is final.",
        {"legs": "the numbers of the legs given up", "after": "the deadline in seconds"},
        "decisions.md 21",
    )
)
INQUIRY_ABANDONED = declare(
    EntryKind(
        "InquiryAbandoned",
        2,
        "An inquiry was permitted and nothing left: the switch stopped before its reply.",
        {},
        "decisions.md 4",
    )
)
TRANSACTION_REREAD = declare(
    EntryKind(
        "TransactionReread",
        4,
        "A reply that had been shown was shown again, to the operator it was shown to.",
        {
            "how": "by transaction number, by idempotency key, or from the history",
            "entries": "the entries opened",
        },
        "decisions.md 6",
    )
)
REREAD_REFUSED = declare(
    EntryKind(
        "RereadRefused",
        3,
        "Somebody asked to see a reply that is not theirs, or is not there, or who may not transact now.",
        {"transaction": "the transaction asked for", "code": "the error code answered"},
        "security.md 0.8",
    )
)
HIT_ACKNOWLEDGED = declare(
    EntryKind(
        "HitAcknowledged",
        5,
        "An operator has read a hit.",
        {"leg": "the leg's number in the reply"},
        "ux.md 5.5 Returns",
    )
)


class Names(msgspec.Struct, frozen=True, gc=False):
    """The clear fields every entry of one transaction shares."""

    transaction: str
    agency_ori: str
    operator_id: str
    terminal_id: str
    message_key: str
    purpose_code: str
    ruleset_digest: str


def inquiry_body(
    inquiry: Inquiry,
    legs: list[dict[str, str]],
    rules: tuple[RuleCited, ...],
) -> dict[str, object]:
    """The sealed body of an intent or of a refusal by rule."""
    return {
        "attention": inquiry.attention,
        "channel": inquiry.channel,
        "destinations": list(inquiry.destinations),
        "fields": dict(inquiry.fields),
        "incident": inquiry.incident,
        "legs": legs,
        "machine": inquiry.machine_id,
        "on_behalf_of": inquiry.on_behalf_of,
        "reason": "owed" if inquiry.reason_owed else inquiry.reason,
        "rules": [rule.id for rule in rules],
    }


def further_body(legs: Sequence[PlannedLeg], rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """The body of LegsAdded."""
    return {
        "legs": [
            {**row, "key": leg.message_key, "fields": dict(leg.fields or {}), "cause": leg.cause}
            for leg, row in zip(legs, rows, strict=True)
        ]
    }


def draft(
    kind: EntryKind,
    names: Names,
    body: dict[str, object],
    *,
    result_class: str = "",
    companions: tuple[Companion, ...] = (),
) -> EntryDraft:
    """An entry of this transaction whose body is the canonical form of `body`."""
    return _drafted(kind, names, canonical.encode_trusted(body), result_class, companions=companions)


def reply_draft(
    names: Names,
    body: bytes,
    result_class: str,
    subjects: tuple[Subject, ...],
    intent: Wrapping,
    companions: tuple[Companion, ...],
) -> EntryDraft:
    """The reply's entry: its key, and the intent's, wrapped for each person it is about (decisions.md 2)."""
    refs = tuple(dict.fromkeys([s.ref for s in subjects if not s.ref.startswith("term:")]))
    return _drafted(
        REPLY_RELEASED,
        names,
        body,
        result_class,
        subjects=refs,
        also_wrap=(intent,) if refs else (),
        companions=companions,
    )


def late_draft(
    names: Names,
    body: bytes,
    result_class: str,
    subjects: tuple[str, ...],
    also_wrap: tuple[Wrapping, ...],
    companions: tuple[Companion, ...],
) -> EntryDraft:
    """The entry of an answer that came after the first parts left."""
    return _drafted(
        LATE_ANSWER, names, body, result_class, subjects=subjects, also_wrap=also_wrap, companions=companions
    )


def _drafted(
    kind: EntryKind,
    names: Names,
    body: bytes,
    result_class: str,
    *,
    subjects: tuple[str, ...] = (),
    also_wrap: tuple[Wrapping, ...] = (),
    companions: tuple[Companion, ...] = (),
) -> EntryDraft:
    return EntryDraft(
        kind=kind,
        body=body,
        transaction=names.transaction,
        agency_ori=names.agency_ori,
        operator_id=names.operator_id,
        terminal_id=names.terminal_id,
        message_key=names.message_key,
        purpose_code=names.purpose_code,
        ruleset_digest=names.ruleset_digest,
        result_class=result_class,
        subjects=subjects,
        also_wrap=also_wrap,
        companions=companions,
    )


TEXT_KEPT_MAX = 400
"""Characters of each thing typed that a refusal keeps: enough to see what was meant, too few to
fill the book.
"""


def unreadable_body(
    raw: RawInquiry, sender: Sender, faults: tuple[Fault, ...], code: str
) -> dict[str, object]:
    """The sealed body of a refusal of something that could not be read: what was typed, cut to a bound."""
    typed = {_kept(name): _kept(value) for name, value in list(raw.fields.items())[:40]}
    return {
        "channel": sender.channel,
        "code": code,
        "faults": [{"fault": _kept(f.fault), "field": _kept(f.field)} for f in faults[:40]],
        "fields": typed,
        "incident": _kept(raw.incident or ""),
        "message_key": _kept(raw.message_key),
        "reason": _kept(raw.reason or ""),
        "rules": ["input"],
    }


def _kept(value: object) -> str:
    text = value if isinstance(value, str) else _as_json(value)
    return text[:TEXT_KEPT_MAX].encode("utf-8", "replace").decode("utf-8")


def _as_json(value: object) -> str:
    """Whatever JSON can say, of any size of number, with what is no character written as an escape."""
    try:
        return json.dumps(value)
    except (RecursionError, TypeError, ValueError):
        return "(not kept)"
