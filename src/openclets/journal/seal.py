"""Seals an entry's body so that destroying small keys destroys it, in every copy and backup of the
ciphertext.

Each entry has a random 32-byte body key. AES-256-GCM over salt ‖ body under it; the key itself is wrapped
for the agency, for oversight and for each subject. The salt lies inside, so once the wraps are gone the
public commitment can be neither opened nor guessed (security.md 3.3). Where wraps are kept is `store.py`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openclets.foundation.errors import BrokenInvariant
from openclets.foundation.identifiers import Randomness
from openclets.journal.entry import EntryDraft, Wrapping
from openclets.journal.keyring import KEY_LENGTH, OVERSIGHT, WrappingKeys, agency
from openclets.journal.leaf import SALT_LENGTH, clear_form, commit

NONCE_LENGTH = 12
_BODY_DOMAIN = b"openclets body v1\x00"
_WRAP_DOMAIN = b"openclets wrap v1\x00"


class Wrap(msgspec.Struct, frozen=True, gc=False):
    """The body key of entry `index`, wrapped for `holder`: nonce ‖ ciphertext ‖ tag, 60 bytes."""

    index: int
    holder: str
    wrapped: bytes


class SealedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry as the store keeps it. `sealed` is nonce ‖ ciphertext ‖ tag; `wraps` may name earlier
    entries too.
    """

    index: int
    epoch: int
    at: datetime
    draft: EntryDraft
    flags: int
    commitment: bytes
    sealed: bytes
    wraps: tuple[Wrap, ...]


class OpenedBody(msgspec.Struct, frozen=True, gc=False):
    """What was sealed: the salt of the commitment, and the body."""

    salt: bytes
    body: bytes


def seal(
    draft: EntryDraft, index: int, epoch: int, at: datetime, keys: WrappingKeys, randomness: Randomness
) -> tuple[SealedEntry, bytes]:
    """Seal a draft at its place. Returns the entry and its body key."""
    holders = [OVERSIGHT]
    if draft.agency_ori:
        holders.append(agency(draft.agency_ori))
    subjects = [keys.subject(reference) for reference in dict.fromkeys(draft.subjects)]
    earlier = draft.also_wrap

    wrap_count = len(holders) + len(subjects) * (1 + len(earlier))
    random = randomness(KEY_LENGTH + SALT_LENGTH + NONCE_LENGTH * (1 + wrap_count))
    body_key, salt, nonces = random[:32], random[32:64], random[64:]

    canonical = clear_form(
        index=index,
        epoch=epoch,
        at=at,
        kind=draft.kind.name,
        transaction=draft.transaction,
        agency_ori=draft.agency_ori,
        operator_id=draft.operator_id,
        terminal_id=draft.terminal_id,
        message_key=draft.message_key,
        purpose_code=draft.purpose_code,
        ruleset_digest=draft.ruleset_digest,
        result_class=draft.result_class,
        body_sha256=hashlib.sha256(draft.body).digest(),
    )
    nonce = nonces[:NONCE_LENGTH]
    sealed = nonce + AESGCM(body_key).encrypt(nonce, salt + draft.body, _body_place(index))

    wraps: list[Wrap] = []
    used = NONCE_LENGTH
    own = Wrapping(index, body_key)
    for wrapping, named in ((own, holders + subjects), *[(each, subjects) for each in earlier]):
        at_index, key = wrapping.index, wrapping.body_key
        for holder in named:
            nonce = nonces[used : used + NONCE_LENGTH]
            used += NONCE_LENGTH
            wrapped = keys.cipher(holder, at_index).encrypt(nonce, key, _wrap_place(at_index, holder))
            wraps.append(Wrap(at_index, holder, nonce + wrapped))
    entry = SealedEntry(index, epoch, at, draft, 0, commit(salt, canonical), sealed, tuple(wraps))
    return entry, body_key


def unwrap(wrap: Wrap, keys: WrappingKeys) -> bytes:
    """The body key inside a wrap. Raises BrokenInvariant when the wrap was altered or moved."""
    cipher = keys.cipher(wrap.holder, wrap.index)
    nonce, ciphertext = wrap.wrapped[:NONCE_LENGTH], wrap.wrapped[NONCE_LENGTH:]
    try:
        return cipher.decrypt(nonce, ciphertext, _wrap_place(wrap.index, wrap.holder))
    except (InvalidTag, ValueError) as error:
        raise BrokenInvariant(f"the wrap of entry {wrap.index} for {wrap.holder} does not open") from error


def unseal(sealed: bytes, index: int, body_key: bytes) -> OpenedBody:
    """Salt and body. Raises BrokenInvariant when the ciphertext was altered, moved, or the key is
    another's.
    """
    nonce, ciphertext = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
    try:
        plain = AESGCM(body_key).decrypt(nonce, ciphertext, _body_place(index))
    except (InvalidTag, ValueError) as error:
        raise BrokenInvariant(f"the body of entry {index} does not open") from error
    return OpenedBody(plain[:SALT_LENGTH], plain[SALT_LENGTH:])


def _body_place(index: int) -> bytes:
    return _BODY_DOMAIN + index.to_bytes(8, "big")


def _wrap_place(index: int, holder: str) -> bytes:
    return _WRAP_DOMAIN + index.to_bytes(8, "big") + holder.encode()
