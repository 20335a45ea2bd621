"""Messages and answers at rest: AES-256-GCM under `DIR/keys/line.key`, bound to the row they lie in.

The journal seals what it keeps for good; what waits here for minutes is sealed too, so that no copy of the
database holds a name or a plate in clear (CJIS Security Policy 5.9.5, SC-28).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openclets.foundation.errors import BrokenInvariant
from openclets.foundation.identifiers import Randomness
from openclets.foundation.secrets_folder import secret

KEY_FILE = "line.key"
_NONCE_BYTES = 12


class Sealer:
    """Seals and opens under one key. `place` names the row: a text moved to another row does not open."""

    def __init__(self, key: bytes, randomness: Randomness) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"openclets line" + key).digest())
        self._randomness = randomness

    def seal(self, text: bytes, place: str) -> bytes:
        """`text`, sealed for `place`."""
        nonce = self._randomness(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for `place`. Raises BrokenInvariant for anything else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except InvalidTag:
            raise BrokenInvariant(f"{place} does not open under {KEY_FILE}") from None


def sealer_of(data_dir: Path, randomness: Randomness) -> Sealer:
    """The installation's sealer; its key is made the first time."""
    return Sealer(secret(data_dir / "keys", KEY_FILE, randomness).encode(), randomness)
