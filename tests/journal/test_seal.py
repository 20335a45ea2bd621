"""Sealing: what opens a body, what does not, and what is left when keys are gone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.kinds_for_tests import ASKED
from openclets.foundation.errors import BadInput, BrokenInvariant
from openclets.foundation.identifiers import Randomness
from openclets.journal.entry import EntryDraft, Wrapping
from openclets.journal.keyring import GENERATION_ENTRIES, OVERSIGHT, WrappingKeys, agency
from openclets.journal.leaf import LEAF_LENGTH, clear_form, commit, decode_leaf, encode_leaf, leaf_fault
from openclets.journal.seal import seal, unseal, unwrap

AT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
KEYS = WrappingKeys(bytes(range(32)))


def counting() -> Randomness:
    """Randomness that never repeats and can be told apart."""
    calls = iter(range(1, 10_000))
    return lambda size: hashlib.shake_256(next(calls).to_bytes(4, "big")).digest(size)


def draft(body: bytes = b"{}", **fields: object) -> EntryDraft:
    return EntryDraft(ASKED, body, agency_ori="CA9010000", **fields)  # type: ignore[arg-type]


@given(
    st.binary(max_size=2000),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=4),
)
def test_every_holder_opens_the_body_and_the_commitment(body: bytes, subjects: list[str]):
    """Agency, oversight and each subject have a wrap, and each leads to the same salt and body."""
    entry, body_key = seal(draft(body, subjects=tuple(subjects)), 7, 1, AT, KEYS, counting())

    wanted = [OVERSIGHT, agency("CA9010000"), *dict.fromkeys(KEYS.subject(s) for s in subjects)]
    assert [wrap.holder for wrap in entry.wraps] == wanted
    for wrap in entry.wraps:
        assert unwrap(wrap, KEYS) == body_key
    opened = unseal(entry.sealed, 7, body_key)
    canonical = clear_form(
        index=7,
        epoch=1,
        at=AT,
        kind="TestAsked",
        transaction="",
        agency_ori="CA9010000",
        operator_id="",
        terminal_id="",
        message_key="",
        purpose_code="",
        ruleset_digest="",
        result_class="",
        body_sha256=hashlib.sha256(body).digest(),
    )
    assert opened.body == body
    assert commit(opened.salt, canonical) == entry.commitment


def test_an_earlier_entry_is_wrapped_for_the_subjects_of_a_later_one():
    """decisions.md 2: when the reply names subjects, the intent's key is wrapped for them too."""
    intent, intent_key = seal(draft(), 3, 1, AT, KEYS, counting())
    reply, _ = seal(
        draft(subjects=("ref-1", "ref-2"), also_wrap=(Wrapping(3, intent_key),)), 4, 1, AT, KEYS, counting()
    )

    added = [wrap for wrap in reply.wraps if wrap.index == 3]
    assert [wrap.holder for wrap in added] == [KEYS.subject("ref-1"), KEYS.subject("ref-2")]
    assert all(unseal(intent.sealed, 3, unwrap(wrap, KEYS)).body == b"{}" for wrap in added)


def test_nothing_moved_or_altered_opens():
    """A ciphertext belongs to its index, a wrap to its index and holder; a bit flipped spoils each."""
    randomness = counting()
    entry, body_key = seal(draft(subjects=("ref-1",)), 7, 1, AT, KEYS, randomness)
    other, _ = seal(draft(), 7, 1, AT, KEYS, randomness)
    wrap = entry.wraps[0]
    assert unseal(entry.sealed, 7, unwrap(wrap, KEYS)).body == b"{}"

    for moved in (
        msgspec.structs.replace(wrap, index=8),
        msgspec.structs.replace(wrap, holder=agency("CA9010000")),
        msgspec.structs.replace(wrap, wrapped=wrap.wrapped[:-1] + bytes([wrap.wrapped[-1] ^ 1])),
        msgspec.structs.replace(wrap, wrapped=b""),
    ):
        with pytest.raises(BrokenInvariant):
            unwrap(moved, KEYS)
    for sealed, index in ((entry.sealed, 8), (other.sealed, 7), (entry.sealed[:-1], 7), (b"", 7)):
        with pytest.raises(BrokenInvariant):
            unseal(sealed, index, body_key)
    with pytest.raises(BrokenInvariant):
        unwrap(wrap, WrappingKeys(bytes(32)))


def test_a_commitment_opens_to_one_salt_alone():
    """Corpus B249: with another salt, another reason would open; it does not."""
    entry, body_key = seal(draft(b'{"reason":"personal"}'), 0, 1, AT, KEYS, counting())
    opened = unseal(entry.sealed, 0, body_key)
    forms = [
        clear_form(
            index=0, epoch=1, at=AT, kind="TestAsked", transaction="", agency_ori="CA9010000", operator_id="",
            terminal_id="", message_key="", purpose_code="", ruleset_digest="", result_class="",
            body_sha256=hashlib.sha256(body).digest(),
        )
        for body in (b'{"reason":"personal"}', b'{"reason":"case 123"}')
    ]  # fmt: skip

    assert commit(opened.salt, forms[0]) == entry.commitment
    assert commit(opened.salt, forms[1]) != entry.commitment
    assert commit(bytes(32), forms[0]) != entry.commitment


def test_a_leaf_cannot_be_guessed_from_what_it_is_about():
    """Corpus B255: of all driver licence numbers none is found in the leaf of a look-up of one of them."""
    number = "Q0000042"
    entry, _ = seal(draft(b'{"OLN":"%b"}' % number.encode()), 0, 1, AT, KEYS, counting())
    leaf = encode_leaf(1, 0, entry.commitment)

    for guess in (f"Q{n:07d}" for n in range(20_000)):
        body = b'{"OLN":"%b"}' % guess.encode()
        digest = hashlib.sha256(body).digest()
        assert digest not in leaf
        assert commit(bytes(32), digest) not in leaf
        assert hashlib.sha256(guess.encode()).digest() not in leaf


def test_holders_are_named_by_digest_and_keyed_apart():
    """The store tells nothing of who a subject is; a holder's key serves one generation of entries."""
    assert "ref-1" not in KEYS.subject("ref-1")
    assert KEYS.subject("ref-1") != WrappingKeys(bytes(32)).subject("ref-1")
    assert KEYS.key_for(OVERSIGHT, 0) == KEYS.key_for(OVERSIGHT, GENERATION_ENTRIES - 1)
    assert KEYS.key_for(OVERSIGHT, 0) != KEYS.key_for(OVERSIGHT, GENERATION_ENTRIES)
    assert KEYS.key_for(OVERSIGHT, 0) != KEYS.key_for(agency("CA9010000"), 0)


def test_keys_of_old_holders_are_kept_within_a_bound():
    """The cache of ciphers cannot grow with the number of subjects."""
    keys = WrappingKeys(bytes(32))
    for number in range(9_000):
        keys.cipher(f"subject:{number}", 0)

    assert len(keys._ciphers) <= 8192


@given(st.integers(1, 6), st.binary(min_size=32, max_size=32))
def test_a_leaf_reads_back_as_it_was_written(leaf_class: int, commitment: bytes):
    """64 bytes, class, flags, commitment: round trip."""
    leaf = encode_leaf(leaf_class, 0, commitment)

    assert len(leaf) == LEAF_LENGTH
    read = decode_leaf(leaf)
    assert (read.leaf_class, read.flags, read.commitment) == (leaf_class, 0, commitment)


@pytest.mark.parametrize("at", [0, 3, 4, 37, 63])
def test_a_leaf_of_another_form_is_refused(at: int):
    """Magic, class, flags and padding leave no room to hide a word in."""
    leaf = bytearray(encode_leaf(1, 0, bytes(32)))
    assert leaf_fault(bytes(leaf)) == ""
    leaf[at] ^= 0x40

    with pytest.raises(BadInput):
        decode_leaf(bytes(leaf))
    with pytest.raises(BadInput):
        decode_leaf(bytes(leaf[:-1]))
