"""An offline proof that one entry is in the log: C2SP tlog-proof text, to object and back, and its check.

Source: c2sp.org/tlog-proof. Our proofs carry the 64-byte leaf as extra data; nothing trusts it before its
hash has been proven. Opening what a leaf commits to is `opening.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from openclets.foundation.errors import BadInput, Fault
from openclets.journal.checkpoint import Checkpoint, open_checkpoint
from openclets.journal.leaf import leaf_fault, leaf_hash
from openclets.journal.signed_note import SignedNote, VerifierKey, decode_base64, encode_base64
from openclets.journal.tiles import TiledTree
from openclets.journal.tree import HASH_LENGTH, includes, inclusion_proof

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
HASHES_MAX = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Index, audit path and the checkpoint, verbatim. `extra` is unauthenticated."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def encode(self) -> str:
        """The text of the proof."""
        lines = [_HEADER]
        if self.extra:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [encode_base64(hash_) for hash_ in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof has shown: this leaf stands at this index of the log under this signed head."""

    leaf: bytes
    index: int
    checkpoint: Checkpoint
    note: SignedNote


def parse_proof(text: str) -> TlogProof:
    """Inverse of `TlogProof.encode`. Raises BadInput."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != _HEADER:
        raise _fault(f"it does not begin with {_HEADER}, or has no checkpoint")
    rest = lines[1:]
    extra = b""
    if rest and rest[0].startswith("extra "):
        extra = decode_base64("proof", rest.pop(0).removeprefix("extra "))
        if not extra:
            raise _fault("its extra line is empty")
    index = _INDEX.fullmatch(rest[0]) if rest else None
    if index is None:
        raise _fault("it has no index line")
    hashes = tuple(decode_base64("proof", line) for line in rest[1:])
    if len(hashes) > HASHES_MAX or any(len(hash_) != HASH_LENGTH for hash_ in hashes):
        raise _fault("its path is not of at most 63 SHA-256 hashes")
    return TlogProof(int(index[1]), hashes, checkpoint, extra)


def prove(index: int, leaf: bytes, signed_checkpoint: str, tree: TiledTree) -> TlogProof:
    """The proof of an entry under a checkpoint whose size is the tree's."""
    return TlogProof(index, tuple(inclusion_proof(index, tree.size, tree)), signed_checkpoint, leaf)


def check_proof(proof: TlogProof, key: VerifierKey) -> Proven:
    """Check signature and path. Raises BadInput that says which of them does not hold."""
    checkpoint, note = open_checkpoint(proof.checkpoint, key)
    fault = leaf_fault(proof.extra)
    if fault:
        raise _fault(f"it carries no leaf: {fault}")
    if not includes(leaf_hash(proof.extra), proof.index, checkpoint.size, proof.hashes, checkpoint.root):
        raise _fault(
            f"its path does not lead from entry {proof.index} to the root of {checkpoint.size} entries"
        )
    return Proven(proof.extra, proof.index, checkpoint, note)


def _fault(fault: str) -> BadInput:
    return BadInput((Fault("proof", fault, "Ask for the proof again."),), "LOG_DOES_NOT_VERIFY")
