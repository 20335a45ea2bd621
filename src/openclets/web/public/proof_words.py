"""The outcome of a check as one sentence, a word and a shape (ux.md 5.6, states of a proof)."""

from __future__ import annotations

from dataclasses import dataclass

from openclets.web.counter import ProofState, ReceiptCheck


@dataclass(frozen=True, slots=True)
class ProofWords:
    """`tone` is `good`, `wait` or `bad`; `next_step` says what to do, empty when nothing is."""

    word: str
    tone: str
    sentence: str
    next_step: str = ""


def proof_words(check: ReceiptCheck) -> ProofWords:
    """What to tell somebody who pasted a receipt or a proof."""
    entry = f"entry {check.index:,}" if check.index is not None else "an entry"
    place = f"at place {check.index:,}" if check.index is not None else "there"
    match check.state:
        case ProofState.INCLUDED:
            return ProofWords(
                "In the log",
                "good",
                f"This is {entry} of the log. The log's signed checkpoint of {check.size:,} entries "
                "includes it; nobody can change or drop it without changing that checkpoint.",
            )
        case ProofState.NOT_COVERED_YET:
            return ProofWords(
                "Not covered yet",
                "wait",
                f"This is {entry}, newer than the last signed checkpoint of {check.size:,} entries.",
                "Checkpoints are signed within a second. Check again.",
            )
        case ProofState.NOT_IN_LOG:
            return ProofWords(
                "Not in the log",
                "bad",
                f"The log holds {check.size:,} entries, and none of them has this receipt.",
                "Check the number for typing errors. A receipt this system gave you must be here: "
                "if it is right, keep it and tell the oversight committee.",
            )
        case ProofState.DOES_NOT_MATCH:
            return ProofWords(
                "Does not match",
                "bad",
                f"What you pasted is not what the log holds {place}.",
                "Keep what you pasted and tell the oversight committee: one of the two has been changed.",
            )
        case ProofState.SIGNATURE_BAD:
            return ProofWords(
                "Signature is bad",
                "bad",
                "The checkpoint in this proof was not signed with this log's key.",
                "Keep the file and tell the oversight committee where you got it.",
            )
        case ProofState.UNREADABLE:
            return ProofWords(
                "Could not be read",
                "wait",
                "We could not read this as a receipt or a proof.",
                "Paste a receipt as on the returns page, such as 48812 and its 64-character fingerprint, "
                "or the whole text of a .tlog-proof file.",
            )
