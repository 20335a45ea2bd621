"""The signed head of the log: origin, size and root; text to object and back.

Source: c2sp.org/tlog-checkpoint. Signing is `signed_note.py`; when a head may be signed is `publish.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from openclets.foundation.errors import BadInput, Fault
from openclets.journal.signed_note import (
    SignedNote,
    Signer,
    VerifierKey,
    decode_base64,
    encode_base64,
    parse_note,
)
from openclets.journal.tree import HASH_LENGTH

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of the log. `extensions` are further lines, opaque; ours has none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def encode(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Inverse of `Checkpoint.encode`. Raises BadInput for anything it would not have written."""
    if not text.endswith("\n"):
        raise _fault("the last line has no newline")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise _fault("a head is three lines or more, none empty")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise _fault("the size is not a plain decimal number")
    root_hash = decode_base64("checkpoint", root)
    if len(root_hash) != HASH_LENGTH:
        raise _fault("the root is not a SHA-256 hash")
    return Checkpoint(origin, int(size), root_hash, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> SignedNote:
    """The checkpoint as a note under the log's key, whose name is the origin."""
    if signer.name != checkpoint.origin:
        raise _fault(f"the key {signer.name} is not the key of {checkpoint.origin}")
    return signer.sign(checkpoint.encode())


def open_checkpoint(text: str, key: VerifierKey) -> tuple[Checkpoint, SignedNote]:
    """A signed checkpoint whose signature by `key` holds. Raises BadInput for a wrong form, origin or
    signature.
    """
    note = parse_note(text)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != key.name:
        raise _fault(f"it is of {checkpoint.origin}, and the key is of {key.name}")
    if not key.signed(note):
        raise _fault(f"it has no valid signature of {key.name} (key {key.key_id:08x})")
    return checkpoint, note


def _fault(fault: str) -> BadInput:
    return BadInput((Fault("checkpoint", fault, "Take the checkpoint and the key as the log serves them."),))
