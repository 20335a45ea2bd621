"""The form in which a record system is asked and answers over HTTP: one JSON message; an answer in JSON
lines.

An answer is a head, one line for each record, and an end with the text: what was cut on its way still shows
which records were read whole. Every answer names the question it answers, and its end holds a digest of the
message as it was received and of the answer as it was sent: what was garbled either way is no answer. The
form is ours (design).
"""

from __future__ import annotations

import hashlib

import msgspec

from openclets.journal.entry import Receipt
from openclets.records.answer import Answer, LegState, Record, Subject
from openclets.records.query import Asker, MessageClass, Query

PATH = "/v1/inquiries"
CONTENT_TYPE = "application/x-ndjson"
REFERENCE_MAX = 200
"""Longest reference to a person that is taken, in characters."""

SAYABLE = frozenset(
    {
        LegState.HIT,
        LegState.RECORD,
        LegState.NO_RECORD,
        LegState.NOT_ASKED,
        LegState.DENIED,
        LegState.UNAVAILABLE,
        LegState.TRUNCATED,
    }
)
"""What a record system may say of its own answer; the other states are ours to find."""


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent. `query_id` is new for each sending and comes back with the answer. Times in seconds."""

    query_id: str
    transaction: str
    system: str
    message_key: str
    fields: dict[str, str]
    asker: Asker
    receipt: Receipt
    deadline_s: float
    sweep: bool = False
    message_class: MessageClass = MessageClass.ENTRY

    def query(self) -> Query:
        """The message as the record system's own code takes it."""
        return Query(
            self.transaction,
            self.system,
            self.message_key,
            self.fields,
            self.asker,
            self.receipt,
            self.deadline_s,
            self.sweep,
            self.message_class,
        )


def message(query: Query, query_id: str, deadline_s: float) -> Message:
    """`query` as it is sent, with what is left of its time."""
    return Message(
        query_id,
        query.transaction,
        query.system,
        query.message_key,
        dict(query.fields),
        query.asker,
        query.receipt,
        deadline_s,
        query.sweep,
        query.message_class,
    )


class Head(msgspec.Struct, frozen=True):
    """First line of an answer: which question, what state, how many records follow, and why not, if not."""

    query_id: str
    state: LegState
    records: int
    detail: str = ""


class RecordLine(msgspec.Struct, frozen=True):
    """A line of an answer that holds a record."""

    record: Record


class End(msgspec.Struct, frozen=True):
    """Last line of an answer: it is whole. `text` is what a terminal prints.

    `sha256` is hexadecimal, of the message's bytes, the answer's lines before this one and `text`, each line
    with its end.
    """

    end: bool
    text: str
    sha256: str


def write_answer(query_id: str, answer: Answer, asked: bytes = b"") -> bytes:
    """The lines of an answer to the message whose bytes are `asked`."""
    lines: list[object] = [Head(query_id, answer.state, len(answer.records), answer.detail)]
    lines += [RecordLine(record) for record in answer.records]
    written = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    digest = hashlib.sha256(asked + written + answer.text.encode()).hexdigest()
    return written + msgspec.json.encode(End(True, answer.text, digest)) + b"\n"


class Reading:
    """An answer being read: fed the bytes as they come, asked at the end what it amounts to."""

    def __init__(self, query_id: str, asked: bytes = b"") -> None:
        """`asked` is the message as it was sent."""
        self._query_id = query_id
        self._digest = hashlib.sha256(asked)
        self._rest = b""
        self._head: Head | None = None
        self._records: list[Record] = []
        self._end: End | None = None
        self.fault = ""
        """Why it cannot be an answer in our form; empty while it may be."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The records read whole so far."""
        return () if self.fault else tuple(self._records)

    @property
    def promised(self) -> int:
        """How many records the head promised; 0 before it was read."""
        return self._head.records if self._head else 0

    def feed(self, block: bytes) -> None:
        """Take the next bytes. After a fault nothing more is read."""
        if self.fault:
            return
        *lines, self._rest = (self._rest + block).split(b"\n")
        try:
            for line in lines:
                self._take(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
            self.fault = f"not in the form agreed: {broken}"

    def answer(self) -> Answer | None:
        """The whole answer; None when it is not whole, or is none (then `fault` says why)."""
        if self.fault or self._head is None or self._end is None:
            return None
        head = self._head
        if head.records != len(self._records) or self._rest.strip():
            self.fault = f"promised {head.records} records and holds {len(self._records)}"
            return None
        holds = head.state in (LegState.HIT, LegState.RECORD, LegState.TRUNCATED)
        hit = any(record.hit for record in self._records)
        if holds != bool(self._records) or (head.state is LegState.RECORD and hit):
            self.fault = f"says {head.state} and holds {len(self._records)} records"
            return None
        if self._digest.hexdigest() != self._end.sha256:
            self.fault = "was garbled on its way: its digest is another"
            return None
        return Answer(head.state, tuple(self._records), printable(self._end.text), printable(head.detail))

    def _take(self, line: bytes) -> None:
        if self._end is not None:
            raise msgspec.DecodeError("lines after the end")
        if self._head is None:
            self._head = _HEAD.decode(line)
            if self._head.query_id != self._query_id:
                self.fault = "answers another question"
            elif self._head.state not in SAYABLE:
                self.fault = f"a record system does not say {self._head.state}"
        elif line.startswith(b'{"record"'):
            record = _RECORD.decode(line).record
            if not _is_printable(record):
                raise msgspec.DecodeError("a record holds characters that cannot be printed")
            if not all(_can_be_kept(subject) for subject in record.subjects):
                raise msgspec.DecodeError("a record names a person in a form that cannot be kept")
            self._records.append(record)
        else:
            self._end = _END.decode(line)
            self._digest.update(self._end.text.encode())
            return
        self._digest.update(line + b"\n")


def printable(text: str) -> str:
    """Text from outside as a terminal may print it: lines of printable characters, no steering of screens."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _is_printable(record: Record) -> bool:
    return record.ref.isprintable() and all(
        value.isprintable() if isinstance(value, str) else all(item.isprintable() for item in value)
        for value in record.facts.values()
    )


def _can_be_kept(subject: Subject) -> bool:
    """Whether the journal's tables hold it: what cannot be entered cannot be shown."""
    named = all(
        text.isprintable() and 1 <= len(text) <= REFERENCE_MAX for text in (subject.ref, subject.role)
    )
    return named and 0 <= subject.weight <= 1000


_HEAD = msgspec.json.Decoder(Head)
_RECORD = msgspec.json.Decoder(RecordLine)
_END = msgspec.json.Decoder(End)
