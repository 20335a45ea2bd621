"""The journal's keys: who signs, who seals, who may verify a receipt; each in its own file.

A folder of mode 0700 holds `signing.key` (Ed25519, C2SP signed-note private key), `wrapping.key` (the root
secret that every holder's key is derived from) and `gate.key` (the seal on receipts). They are apart so that
a connector can be given the gate key alone, and the publisher the signing key alone (security.md 3.1, T7 and
T9).
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.identifiers import Randomness
from openclets.journal.signed_note import Signer

KEY_LENGTH = 32
OVERSIGHT = "oversight"
GENERATION_ENTRIES = 1 << 30
"""A holder's key serves this many entries, so that random 96-bit nonces stay far from meeting (SP 800-38D,
8.3).
"""

_HOLDERS_CACHED = 8192


def agency(ori: str) -> str:
    """The holder name of an agency."""
    return f"agency:{ori}"


class WrappingKeys:
    """Derives every holder's key from one root secret; keeps the ciphers lately used."""

    def __init__(self, root_secret: bytes) -> None:
        self._root = root_secret
        self._reference_key = hmac.digest(root_secret, b"subject references", "sha256")
        self._ciphers: dict[tuple[str, int], AESGCM] = {}

    def subject(self, reference: str) -> str:
        """The holder name of a subject: a keyed digest, so that the store tells nothing of who it is."""
        return "subject:" + hmac.digest(self._reference_key, reference.encode(), "sha256").hex()[:32]

    def key_for(self, holder: str, index: int) -> bytes:
        """The 32-byte key of a holder for the generation of entries that `index` falls in."""
        generation = index // GENERATION_ENTRIES
        return hmac.digest(self._root, b"holder\x00%d\x00%b" % (generation, holder.encode()), "sha256")

    def cipher(self, holder: str, index: int) -> AESGCM:
        """The cipher over `key_for`."""
        place = (holder, index // GENERATION_ENTRIES)
        found = self._ciphers.get(place)
        if found is None:
            if len(self._ciphers) >= _HOLDERS_CACHED:
                self._ciphers.clear()
            found = self._ciphers[place] = AESGCM(self.key_for(holder, index))
        return found


@dataclass(frozen=True, slots=True)
class Keyring:
    """What the sequencer needs: keys to wrap with, and the gate key that seals receipts."""

    wrapping: WrappingKeys
    gate_key: bytes = field(repr=False)

    @staticmethod
    def from_randomness(randomness: Randomness) -> Keyring:
        """A keyring that lives in memory only; for simulations and tests."""
        return Keyring(WrappingKeys(randomness(KEY_LENGTH)), randomness(KEY_LENGTH))


def create(folder: Path, origin: str, randomness: Randomness) -> None:
    """Make the folder and the keys, the first time. Never replaces a key.

    Raises BadInput when a key is gone that once was there: the signing key is made last, so where it is, the
    others were.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if (folder / "signing.key").exists():
        lost = [name for name in ("wrapping.key", "gate.key") if not (folder / name).exists()]
        if lost:
            raise BadInput(tuple(_unreadable(folder / name, "it is gone").faults[0] for name in lost))
        return
    _write_once(folder / "wrapping.key", randomness(KEY_LENGTH).hex())
    _write_once(folder / "gate.key", randomness(KEY_LENGTH).hex())
    _write_once(folder / "signing.key", Signer.from_seed(origin, randomness(KEY_LENGTH)).private_text())


def load_keyring(folder: Path) -> Keyring:
    """The sequencer's keys. Raises BadInput when a file is missing or malformed."""
    return Keyring(WrappingKeys(_read_secret(folder / "wrapping.key")), load_gate_key(folder))


def load_gate_key(folder: Path) -> bytes:
    """The key that connectors verify receipts with."""
    return _read_secret(folder / "gate.key")


def load_signer(folder: Path) -> Signer:
    """The log's signing key. Raises BadInput when the file is missing or malformed."""
    return Signer.from_private_text(_read(folder / "signing.key"))


def _write_once(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, type(error).__name__) from error


def _read_secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(_read(path))
    except ValueError as error:
        raise _unreadable(path, "not hexadecimal") from error
    if len(secret) != KEY_LENGTH:
        raise _unreadable(path, f"{len(secret)} bytes instead of {KEY_LENGTH}")
    return secret


def _unreadable(path: Path, why: str) -> BadInput:
    remedy = "Restore the key from its copy; a new key would open nothing that is sealed."
    return BadInput((Fault(path.name, f"the key file cannot be read: {why}", remedy),))
