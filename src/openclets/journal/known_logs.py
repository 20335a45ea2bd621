"""The public keys of logs this machine has met, so that a proof can be checked when nobody can be asked.

A text file of `vkey` lines in the data folder, and the keys of the logs published from that folder. A key is
kept when a log is asked over its own address; it is trusted for later proofs of the same origin, not for
anything else.
"""

from __future__ import annotations

from pathlib import Path

from openclets.foundation.errors import BadInput
from openclets.journal.signed_note import VerifierKey, parse_verifier_key

FILE = "known-logs"


def keys(folder: Path) -> list[VerifierKey]:
    """Every key known; lines that are not keys are passed over."""
    lines = _lines(folder / FILE)
    for own in sorted(folder.glob("log/*/vkey")):
        lines += _lines(own)
    found = []
    for line in lines:
        try:
            found.append(parse_verifier_key(line))
        except BadInput:
            continue
    return found


def remember(folder: Path, key: VerifierKey) -> None:
    """Keep a key. Where the folder cannot be written nothing is kept: the proof itself is not worse for
    it."""
    if key in keys(folder):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("a", encoding="utf-8") as file:
            file.write(key.encode() + "\n")
    except OSError:
        return


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
