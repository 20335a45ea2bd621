"""Secrets that stay on this machine: one file each in `DIR/keys`, readable by its owner alone.

Makes a secret the first time it is asked for and gives the same one ever after. Does not encrypt: whoever may
read the folder may read the secrets (decisions.md 17).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from openclets.foundation.identifiers import Randomness


def secret(folder: Path, name: str, randomness: Randomness) -> str:
    """The text kept under `folder/name`, made from 24 random bytes where absent: 32 characters, URL-safe."""
    path = folder / name
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    text = base64.urlsafe_b64encode(randomness(24)).decode("ascii")
    write_private(path, text + "\n")
    return text


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path`, mode 0600, whole or not at all: a reader never meets half a file."""
    half = path.with_name(f".{path.name}.{os.getpid()}.new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
