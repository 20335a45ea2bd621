"""What goes through the listener: messages taken from lines, parts of answers, answers to be sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message of a line. `phase` is `accepted` (to be asked), `following` (answered in part: later parts
    are waited for) or `answered`. `parts` is how many parts of its answer were kept, `shown` the SHA-256 of
    the last one, `transaction` the network's number for it.
    """

    line: str
    seq: int
    ref: str
    skin: str
    text: bytes = field(repr=False)
    phase: str = "accepted"
    parts: int = 0
    transaction: str = ""
    shown: bytes | None = None
    accepted_at: datetime | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of reference and text: the same number with another message is no duplicate."""
        return hashlib.sha256(self.ref.encode().ljust(16) + self.text).digest()


@dataclass(frozen=True, slots=True)
class Taken:
    """What the store made of a message: kept now (`new`), or there before under `digest`, in that `phase`."""

    new: bool
    digest: bytes
    phase: str


@dataclass(frozen=True, slots=True)
class Part:
    """The `part`-th part (from 0) of the answer to a line's message `seq`. `last` ends it."""

    line: str
    seq: int
    part: int
    ref: str
    text: bytes = field(repr=False)
    last: bool
    transaction: str = ""

    @property
    def shown(self) -> bytes:
        """SHA-256 of the text, by which a repeated part is known."""
        return hashlib.sha256(self.text).digest()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer as it is sent, under the line's own sequence number of answers."""

    seq: int
    ref: str
    text: bytes = field(repr=False)


def message_place(line: str, seq: int) -> str:
    """The row a message lies in, for sealing."""
    return f"inbox {line} {seq}"


def answer_place(line: str, seq: int, part: int) -> str:
    """The row a part of an answer lies in, for sealing."""
    return f"outbox {line} {seq} {part}"
