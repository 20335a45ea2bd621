"""C2SP signed notes: text signed by named keys; text to object and back, exactly.

Source: c2sp.org/signed-note. Signs and verifies Ed25519 (type 1); what a note says is `checkpoint.py`,
cosignatures of witnesses (type 4) are `witness_policy.py`. Signatures of unknown keys are kept and ignored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openclets.foundation.errors import BadInput, Fault

ED25519 = 0x01
COSIGNATURE_ED25519 = 0x04
SIGNATURES_MAX = 64

_PUBLIC_KEY_LENGTH = 32
_SIGNATURE_LINE = "— "


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name, its 4-byte id, and the bytes that follow."""

    name: str
    key_id: int
    signature: bytes

    def line(self) -> str:
        """The line as it stands in a note, newline included."""
        blob = self.key_id.to_bytes(4, "big") + self.signature
        return f"{_SIGNATURE_LINE}{self.name} {encode_base64(blob)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text ending in a newline, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> str:
        """The note as it is served."""
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: the `vkey` of the specification."""

    name: str
    algorithm: int
    public_key: bytes

    @property
    def key_id(self) -> int:
        """First four bytes of SHA-256(name, newline, algorithm, key)."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public_key
        return int.from_bytes(hashlib.sha256(named).digest()[:4], "big")

    def encode(self) -> str:
        """`name+hash+key`, without a newline."""
        return f"{self.name}+{self.key_id:08x}+{encode_base64(bytes([self.algorithm]) + self.public_key)}"

    def signed(self, note: SignedNote) -> bool:
        """Whether this key signed the note; one bad signature under its name and id spoils it."""
        ours = [s for s in note.signatures if s.name == self.name and s.key_id == self.key_id]
        return bool(ours) and all(self.verifies(note.text.encode(), s.signature) for s in ours)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """An Ed25519 signing key with its name."""

    name: str
    _seed: bytes = field(repr=False)

    @staticmethod
    def from_seed(name: str, seed: bytes) -> Signer:
        """A signer from 32 random bytes. Raises BadInput for a name the note format forbids."""
        if not key_name_allowed(name):
            raise _fault("name", f"{name!r} is empty or has a space, a plus or a control character")
        return Signer(name, seed)

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = self._key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return VerifierKey(self.name, ED25519, public)

    def sign(self, text: str) -> SignedNote:
        """`text` (ending in a newline) with this key's signature."""
        signature = self._key().sign(text.encode())
        return SignedNote(text, (Signature(self.name, self.verifier.key_id, signature),))

    def private_text(self) -> str:
        """`PRIVATE+KEY+name+hash+key`, as Go's sumdb/note writes it."""
        secret = encode_base64(bytes([ED25519]) + self._seed)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id:08x}+{secret}"

    @staticmethod
    def from_private_text(text: str) -> Signer:
        """Inverse of `private_text`. Raises BadInput without repeating the secret."""
        parts = text.split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise _fault("key", "not a signed-note private key")
        secret = decode_base64("key", parts[4])
        if len(secret) != 33 or secret[0] != ED25519:
            raise _fault("key", "not an Ed25519 private key")
        signer = Signer.from_seed(parts[2], secret[1:])
        if parts[3] != f"{signer.verifier.key_id:08x}":
            raise _fault("key", "its id does not belong to it")
        return signer

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._seed)


def parse_note(text: str) -> SignedNote:
    """Read a note. Raises BadInput when the text is not exactly of the form."""
    if any(c < " " and c != "\n" for c in text):
        raise _fault("note", "it has a control character")
    body, blank, tail = text.rpartition("\n\n")
    if not blank or not tail:
        raise _fault("note", "no blank line before the signatures")
    if not tail.endswith("\n"):
        raise _fault("note", "the last line has no newline")
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise _fault("note", f"more than {SIGNATURES_MAX} signatures")
    return SignedNote(body + "\n", tuple(_parse_signature(line) for line in lines))


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a `vkey`. Raises BadInput for a malformed one, an unknown algorithm or an id that is not the
    key's.
    """
    name, _, rest = text.partition("+")
    identifier, _, encoded = rest.partition("+")
    if not key_name_allowed(name):
        raise _fault("vkey", "no key name")
    blob = decode_base64("vkey", encoded)
    if len(blob) != 1 + _PUBLIC_KEY_LENGTH or blob[0] not in (ED25519, COSIGNATURE_ED25519):
        raise _fault("vkey", "not an Ed25519 key")
    key = VerifierKey(name, blob[0], blob[1:])
    if identifier != f"{key.key_id:08x}":
        raise _fault("vkey", "its id does not belong to it")
    return key


def key_name_allowed(name: str) -> bool:
    """Whether the format allows a key name: not empty; no Unicode space, no plus, no control character."""
    return bool(name) and not any(c.isspace() or c == "+" or c < " " for c in name)


def encode_base64(value: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(value).decode()


def decode_base64(name: str, text: str) -> bytes:
    """Strict base64: only the form that `encode_base64` writes. Raises BadInput naming `name`."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _fault(name, "not base64") from error
    if encode_base64(value) != text:
        raise _fault(name, "not canonical base64")
    return value


def _parse_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_SIGNATURE_LINE).partition(" ")
    if not line.startswith(_SIGNATURE_LINE) or not key_name_allowed(name):
        raise _fault("note", "a signature line is an em dash, a space, a key name, a space and base64")
    blob = decode_base64("signature", encoded)
    if len(blob) < 5:
        raise _fault("signature", "shorter than a key id and a signature")
    return Signature(name, int.from_bytes(blob[:4], "big"), blob[4:])


def _fault(field_name: str, fault: str) -> BadInput:
    return BadInput((Fault(field_name, fault, "Take the text exactly as the log serves it."),))
