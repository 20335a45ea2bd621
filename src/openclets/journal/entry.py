"""What one entry of the book is: its kind, its clear fields, its sealed body, its place.

Each slice declares the kinds it enters; the registry is closed once the process is wired, so an entry of
an unknown kind cannot be made (CJIS AU-2: one registry of event types). Shape: decisions.md 2 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from openclets.foundation.errors import BrokenInvariant


@dataclass(frozen=True, slots=True)
class EntryKind:
    """A kind of entry: what happened, which class byte its leaf shows, what its body holds.

    `leaf_class` is public: 1 inquiry, 2 reply, 3 refusal, 4 reading, 5 standing (people, terminals, log-ins),
    6 operation. Nothing finer is shown outside. `body_fields` documents the sealed body, name to meaning.
    """

    name: str
    leaf_class: int
    text: str
    body_fields: dict[str, str]
    evidence: str


_kinds: dict[str, EntryKind] = {}


def declare(kind: EntryKind) -> EntryKind:
    """Add a kind to the registry. Raises BrokenInvariant when the name is taken or the class unknown."""
    if kind.name in _kinds or not 1 <= kind.leaf_class <= 6:
        raise BrokenInvariant(f"entry kind {kind.name} is declared twice or has no leaf class")
    _kinds[kind.name] = kind
    return kind


def is_declared(kind: EntryKind) -> bool:
    """Whether exactly this kind is in the registry."""
    return _kinds.get(kind.name) is kind


def declared_kinds() -> dict[str, EntryKind]:
    """Every kind declared so far, by name."""
    return dict(_kinds)


class Companion(msgspec.Struct, frozen=True, gc=False):
    """A row another slice needs written in the same commit as an entry, e.g. `switch.transaction_subject`.

    `table` is a key of the sequencer's companion tables (table name to columns), fixed at wiring;
    `values` follows those columns. `ENTRY_INDEX` stands for the index the entry gets.
    """

    table: str
    values: tuple[object, ...]


class _EntryIndex:
    def __repr__(self) -> str:
        return "ENTRY_INDEX"


ENTRY_INDEX = _EntryIndex()


class Wrapping(msgspec.Struct, frozen=True, gc=False):
    """An earlier entry whose body key is to be wrapped for the subjects of this one too (decisions.md 2)."""

    index: int
    body_key: bytes

    def __repr__(self) -> str:
        return f"Wrapping({self.index})"


class EntryDraft(msgspec.Struct, frozen=True, gc=False):
    """An entry as a slice hands it in: everything but index, time, salt, key and commitment.

    `body` is canonical JSON (foundation.canonical); it is sealed. `subjects` are the references of
    decisions.md 5: the body key is wrapped for each, and for the agency and oversight always.
    Clear fields that do not apply are empty text, never None.
    """

    kind: EntryKind
    body: bytes
    transaction: str = ""
    agency_ori: str = ""
    operator_id: str = ""
    terminal_id: str = ""
    message_key: str = ""
    purpose_code: str = ""
    ruleset_digest: str = ""
    result_class: str = ""
    subjects: tuple[str, ...] = ()
    also_wrap: tuple[Wrapping, ...] = ()
    companions: tuple[Companion, ...] = ()

    def __repr__(self) -> str:
        """Without the body and whom it is about: what is sealed must not reach a log by way of an error."""
        return f"EntryDraft({self.kind.name}, {self.transaction or 'no transaction'})"


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """Proof to a connector or a terminal that an entry is durable.

    `entry_sha256` is the RFC 6962 leaf hash in hexadecimal. `seal` is HMAC-SHA256 under the gate key over
    origin, index, leaf hash and transaction: connectors refuse a message whose seal they cannot verify.
    """

    origin: str
    index: int
    entry_sha256: str
    transaction: str
    seal: str


class Entered(msgspec.Struct, frozen=True, gc=False):
    """An entry that is durable: its receipt, its time, and the key its body was sealed under."""

    receipt: Receipt
    at: datetime
    body_key: bytes

    def __repr__(self) -> str:
        return f"Entered({self.receipt}, {self.at})"
