"""What a pasted receipt or proof comes to, by the published log alone (no entry is read, nothing is
opened).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from openclets.foundation.errors import BadInput
from openclets.journal.leaf import leaf_hash
from openclets.journal.log_folder import CHECKPOINT, LogFolder
from openclets.journal.proofs import TlogProof, check_proof, parse_proof
from openclets.journal.signed_note import encode_base64
from openclets.web.counter import LogSummary, ProofState, ReceiptCheck

_HASH = re.compile(r"\b[0-9a-fA-F]{64}\b")
_INDEX = re.compile(r"(?<![0-9A-Za-z./-])([0-9]{1,19})(?![0-9A-Za-z./-])")
_PROOF = "c2sp.org/tlog-proof@v1"
TEXT_MAX = 100_000


def summarise(folder: LogFolder, origin: str, log_url: str) -> LogSummary:
    """What the log holds by its published checkpoint."""
    checkpoint = folder.checkpoint()
    vkey = folder.verifier_key().encode()
    if checkpoint is None:
        return LogSummary(origin, 0, "", None, vkey, log_url)
    return LogSummary(
        origin, checkpoint.size, encode_base64(checkpoint.root), _published_at(folder), vkey, log_url
    )


def check_text(text: str, folder: LogFolder) -> ReceiptCheck:
    """Check a tlog-proof, an entry number, a leaf hash, or a receipt that holds both."""
    text = text.strip()[:TEXT_MAX].replace("\r\n", "\n")
    if _PROOF in text:
        return _check_proof(text[text.index(_PROOF) :].rstrip("\n") + "\n", folder)
    hashed = _HASH.search(text)
    numbered = _INDEX.search(text.replace(hashed[0], " ") if hashed else text.replace(",", ""))
    if hashed is None and numbered is None:
        return ReceiptCheck(
            ProofState.UNREADABLE, detail="Neither an entry number, a leaf hash nor a proof is in it."
        )
    index = int(numbered[1]) if numbered else folder.find(bytes.fromhex(hashed[0])) if hashed else None
    if index is None:
        return _state(ProofState.NOT_IN_LOG, folder, detail="No published entry has this leaf hash.")
    checkpoint = folder.checkpoint()
    proof = folder.proof(index)
    if proof is None or checkpoint is None:
        return _state(ProofState.NOT_COVERED_YET, folder, index=index)
    found = _proven(proof, folder)
    if hashed and found.entry_sha256 != hashed[0].lower():
        return _state(
            ProofState.DOES_NOT_MATCH,
            folder,
            index=index,
            entry_sha256=hashed[0].lower(),
            detail=f"Entry {index} of the log has another leaf hash: {found.entry_sha256}.",
        )
    return found


def _check_proof(text: str, folder: LogFolder) -> ReceiptCheck:
    try:
        proof = parse_proof(text)
    except BadInput as bad:
        return ReceiptCheck(ProofState.UNREADABLE, detail=bad.faults[0].fault)
    try:
        return _proven(proof, folder)
    except BadInput as bad:
        signed = bad.faults[0].field in ("signature", "checkpoint", "note")
        state = ProofState.SIGNATURE_BAD if signed else ProofState.DOES_NOT_MATCH
        return _state(state, folder, index=proof.index, detail=bad.faults[0].fault)


def _proven(proof: TlogProof, folder: LogFolder) -> ReceiptCheck:
    proven = check_proof(proof, folder.verifier_key())
    return ReceiptCheck(
        ProofState.INCLUDED,
        origin=proven.checkpoint.origin,
        index=proven.index,
        entry_sha256=leaf_hash(proven.leaf).hex(),
        size=proven.checkpoint.size,
        root=encode_base64(proven.checkpoint.root),
        path=tuple(hash_.hex() for hash_ in proof.hashes),
        checkpoint_at=_published_at(folder),
    )


def _state(
    state: ProofState,
    folder: LogFolder,
    *,
    index: int | None = None,
    entry_sha256: str = "",
    detail: str = "",
) -> ReceiptCheck:
    checkpoint = folder.checkpoint()
    return ReceiptCheck(
        state,
        origin=checkpoint.origin if checkpoint else "",
        index=index,
        entry_sha256=entry_sha256,
        size=checkpoint.size if checkpoint else 0,
        root=encode_base64(checkpoint.root) if checkpoint else "",
        checkpoint_at=_published_at(folder) if checkpoint else None,
        detail=detail,
    )


def _published_at(folder: LogFolder) -> datetime:
    return datetime.fromtimestamp((folder.path / CHECKPOINT).stat().st_mtime, UTC)
