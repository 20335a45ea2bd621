"""The public leaf of an entry: 64 bytes that tell an outsider its class and nothing else.

Layout (decisions.md 3): `oc1`, class, flags, 32-byte commitment, zeros to 64 bytes. The commitment is
SHA-256(`openclets entry v1` ‖ 0 ‖ salt ‖ canonical form of the clear fields and of the body's SHA-256).
Leaf hash: RFC 6962, 2.1. What the tree does with it is `tree.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

from openclets.foundation.clock import rfc3339
from openclets.foundation.errors import BadInput, Fault

LEAF_LENGTH = 64
SALT_LENGTH = 32
COMMITMENT_LENGTH = 32
LEAF_CLASSES = range(1, 7)

_MAGIC = b"oc1"
_COMMITMENT_AT = len(_MAGIC) + 2
_PADDING = bytes(LEAF_LENGTH - _COMMITMENT_AT - COMMITMENT_LENGTH)
_DOMAIN = b"openclets entry v1\x00"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf taken apart. `flags` has no bit assigned yet and is 0."""

    leaf_class: int
    flags: int
    commitment: bytes


def encode_leaf(leaf_class: int, flags: int, commitment: bytes) -> bytes:
    """The 64 bytes of a leaf."""
    return b"%b%c%c%b%b" % (_MAGIC, leaf_class, flags, commitment, _PADDING)


def decode_leaf(leaf: bytes) -> Leaf:
    """Take a leaf apart. Raises BadInput naming what is wrong with it."""
    fault = leaf_fault(leaf)
    if fault:
        raise BadInput((Fault("leaf", fault, "Take the leaf from an entry bundle of the log."),))
    return Leaf(leaf[3], leaf[4], leaf[_COMMITMENT_AT : _COMMITMENT_AT + COMMITMENT_LENGTH])


def leaf_fault(leaf: bytes) -> str:
    """What is wrong with the form of a leaf, or empty text."""
    if len(leaf) != LEAF_LENGTH:
        return f"a leaf has {LEAF_LENGTH} bytes, not {len(leaf)}"
    if leaf[:3] != _MAGIC:
        return "a leaf begins with oc1"
    if leaf[3] not in LEAF_CLASSES:
        return f"class {leaf[3]} is not one of 1 to 6"
    if leaf[4]:
        return f"flags {leaf[4]} are not assigned"
    if leaf[_COMMITMENT_AT + COMMITMENT_LENGTH :] != _PADDING:
        return "a leaf ends in zeros"
    return ""


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256 of a zero byte and the leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


class _ClearForm(msgspec.Struct, frozen=True, gc=False):
    """Declared in the order of the canonical form (RFC 8785, 3.2.3), so that encoding need not sort."""

    agency_ori: str
    at: str
    body_sha256: str
    epoch: int
    index: int
    kind: str
    message_key: str
    operator_id: str
    purpose_code: str
    result_class: str
    ruleset_digest: str
    terminal_id: str
    transaction: str


_encoder = msgspec.json.Encoder()


def clear_form(
    *,
    index: int,
    epoch: int,
    at: datetime,
    kind: str,
    transaction: str,
    agency_ori: str,
    operator_id: str,
    terminal_id: str,
    message_key: str,
    purpose_code: str,
    ruleset_digest: str,
    result_class: str,
    body_sha256: bytes,
) -> bytes:
    """Canonical JSON of what an entry says in clear, and of the SHA-256 of its body: what is committed to."""
    return _encoder.encode(
        _ClearForm(
            agency_ori,
            rfc3339(at),
            body_sha256.hex(),
            epoch,
            index,
            kind,
            message_key,
            operator_id,
            purpose_code,
            result_class,
            ruleset_digest,
            terminal_id,
            transaction,
        )
    )


def commit(salt: bytes, canonical: bytes) -> bytes:
    """The commitment to a canonical clear form under a 32-byte salt."""
    return hashlib.sha256(_DOMAIN + salt + canonical).digest()
