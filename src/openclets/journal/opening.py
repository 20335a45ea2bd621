"""The opening of a commitment: what a public leaf was made from, so that anyone can compare the two.

Whoever was lawfully shown an entry can hand on its opening; `openclets journal check-proof --opening FILE`
holds it against the leaf that a proof has shown to be in the log (decisions.md 3).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec

from openclets.foundation.clock import rfc3339
from openclets.foundation.errors import BadInput, Fault
from openclets.journal.entries import StoredEntry
from openclets.journal.leaf import SALT_LENGTH, commit, decode_leaf
from openclets.journal.reading import OpenedEntry


class ClearFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the entry says in clear; `at` is RFC 3339 in UTC with microseconds."""

    index: int
    epoch: int
    at: str
    kind: str
    transaction: str = ""
    agency_ori: str = ""
    operator_id: str = ""
    terminal_id: str = ""
    message_key: str = ""
    purpose_code: str = ""
    ruleset_digest: str = ""
    result_class: str = ""


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Salt (hexadecimal), clear fields, and the body's text exactly as it was sealed."""

    salt: str
    entry: ClearFields
    body: str


def opening_of(opened: OpenedEntry) -> Opening:
    """The opening of an entry that was lawfully opened."""
    entry = opened.entry
    clear = ClearFields(
        entry.index,
        entry.epoch,
        rfc3339(entry.at),
        entry.kind,
        entry.transaction,
        entry.agency_ori,
        entry.operator_id,
        entry.terminal_id,
        entry.message_key,
        entry.purpose_code,
        entry.ruleset_digest,
        entry.result_class,
    )
    return Opening(opened.salt.hex(), clear, opened.body.decode())


def encode_opening(opening: Opening) -> str:
    """The opening as a file."""
    return msgspec.json.format(msgspec.json.encode(opening)).decode() + "\n"


def parse_opening(text: str) -> Opening:
    """Inverse of `encode_opening`. Raises BadInput."""
    try:
        opening = msgspec.json.decode(text, type=Opening)
        salt = bytes.fromhex(opening.salt)
        at = datetime.fromisoformat(opening.entry.at)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _fault(str(error)) from error
    if len(salt) != SALT_LENGTH or at.tzinfo is None or rfc3339(at) != opening.entry.at:
        raise _fault("salt or time is not in the form that openings are written in")
    return opening


def opens(leaf: bytes, index: int, opening: Opening) -> bool:
    """Whether the leaf at `index` commits to exactly this entry."""
    public = decode_leaf(leaf)
    clear = opening.entry
    stored = StoredEntry(
        clear.index,
        datetime.fromisoformat(clear.at).astimezone(UTC),
        clear.epoch,
        clear.kind,
        public.leaf_class,
        public.flags,
        clear.transaction,
        clear.agency_ori,
        clear.operator_id,
        clear.terminal_id,
        clear.message_key,
        clear.purpose_code,
        clear.ruleset_digest,
        clear.result_class,
        public.commitment,
    )
    canonical = stored.canonical(hashlib.sha256(opening.body.encode()).digest())
    return clear.index == index and commit(bytes.fromhex(opening.salt), canonical) == public.commitment


def _fault(fault: str) -> BadInput:
    return BadInput(
        (Fault("opening", fault, "Ask whoever gave you the opening for the file as it was written."),)
    )
