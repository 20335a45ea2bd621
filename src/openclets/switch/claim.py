"""Claim an inquiry's idempotency key before its intent is entered (corridor, step 1).

The same key with another body is refused; with the same body, the reply that was shown is shown again.
"""

from __future__ import annotations

import hashlib

import msgspec

from openclets.foundation.errors import Refused
from openclets.switch.idempotency import Claim, ClaimStore, Progress
from openclets.switch.inquiry import Inquiry, RawInquiry
from openclets.switch.passage import Passage

_encoder = msgspec.json.Encoder(order="sorted")


def digest_of(raw: RawInquiry) -> bytes:
    """SHA-256 of everything sent but the key itself."""
    return hashlib.sha256(_encoder.encode(msgspec.structs.replace(raw, idempotency_key=None))).digest()


async def claim(raw: RawInquiry, inquiry: Inquiry, passage: Passage) -> str | None:
    """Claim the inquiry's key, where it has one; see `claim_key`."""
    if not inquiry.idempotency_key:
        return None
    # A system's keys are its own for each operator it names: it can neither read nor spoil theirs.
    owner = f"{inquiry.machine_id} {inquiry.operator_id}" if inquiry.machine_id else inquiry.operator_id
    wanted = Claim(owner, inquiry.idempotency_key, digest_of(raw), passage.transaction, passage.asked_at)
    return await claim_key(passage.network.claims, wanted)


async def claim_key(store: ClaimStore, wanted: Claim) -> str | None:
    """None when the inquiry is new and goes on; else the earlier transaction, whose reply is to be
    shown again.

    Raises Refused: `IDEMPOTENCY_KEY_REUSED` for another body, `IN_PROGRESS` while the first is
    being answered.
    """
    kept = await store.claim(wanted)
    if kept.transaction == wanted.transaction:
        return None
    if kept.digest != wanted.digest:
        raise Refused("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used for another inquiry.")
    progress = await store.progress_of(kept, wanted.at)
    if progress is Progress.ANSWERED:
        return kept.transaction
    if progress is Progress.ABANDONED and await store.take_over(kept, wanted):
        return None
    raise Refused("IN_PROGRESS", "The inquiry with this idempotency key is still being answered.")
