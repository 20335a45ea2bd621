"""Signed notes and checkpoints: exact round trips, and nothing but the exact form is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.made_log import ORIGIN, SIGNER
from openclets.foundation.errors import BadInput
from openclets.journal.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from openclets.journal.signed_note import (
    Signature,
    SignedNote,
    Signer,
    VerifierKey,
    key_name_allowed,
    parse_note,
    parse_verifier_key,
)

LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
NAME = LINE.filter(key_name_allowed)
SIGNATURES = st.lists(
    st.builds(Signature, NAME, st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=80)),
    min_size=1,
    max_size=16,
).map(tuple)
CHECKPOINTS = st.builds(
    Checkpoint,
    LINE,
    st.integers(0, 2**62),
    st.binary(min_size=32, max_size=32),
    st.lists(LINE, max_size=2).map(tuple),
)


@given(st.lists(LINE | st.just(""), min_size=1, max_size=6), SIGNATURES)
def test_a_note_reads_back_as_it_was_written(lines: list[str], signatures: tuple[Signature, ...]):
    """Round trip, empty lines in the text included."""
    note = SignedNote("\n".join(lines) + "\n", signatures)

    assert parse_note(note.encode()) == note


@given(CHECKPOINTS)
def test_a_checkpoint_reads_back_as_it_was_written(checkpoint: Checkpoint):
    """Round trip, extension lines included."""
    assert parse_checkpoint(checkpoint.encode()) == checkpoint


@given(NAME, st.binary(min_size=32, max_size=32))
def test_keys_read_back_as_they_were_written(name: str, seed: bytes):
    """Public and private text, round trip."""
    signer = Signer.from_seed(name, seed)

    assert Signer.from_private_text(signer.private_text()) == signer
    assert parse_verifier_key(signer.verifier.encode()) == signer.verifier
    assert signer.verifier.signed(parse_note(signer.sign("text\n").encode()))


def test_the_key_of_the_specification_is_read():
    """The example key of Go's sumdb/note documentation, with its id."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    key = parse_verifier_key(text)

    assert (key.name, key.key_id, key.encode()) == ("PeterNeumann", 0xC74F20A3, text)


def test_the_note_of_the_specification_verifies():
    """The signed note of Go's sumdb/note documentation verifies, and not with a letter changed."""
    key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
        "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    assert key.signed(parse_note(text))
    assert not key.signed(parse_note(text.replace("answer", "Answer")))


SIGNED = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), SIGNER).encode()


def test_the_note_that_the_malformed_ones_are_made_from_is_accepted():
    """Each refusal below is for the one thing that was changed."""
    checkpoint, note = open_checkpoint(SIGNED, SIGNER.verifier)

    assert checkpoint == Checkpoint(ORIGIN, 7, bytes(32))
    assert note.encode() == SIGNED


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("leading zero", SIGNED.replace("\n7\n", "\n07\n")),
        ("plus sign in the size", SIGNED.replace("\n7\n", "\n+7\n")),
        ("plus in a key name", SIGNED.replace(f"— {ORIGIN}", "— openclets+invalid")),
        ("no final newline", SIGNED[:-1]),
        ("extra blank line at the end", SIGNED + "\n"),
        ("extra blank line in front of the signatures", SIGNED.replace("\n\n", "\n\n\n")),
        ("hyphen for the em dash", SIGNED.replace("— ", "- ")),
        ("carriage returns", SIGNED.replace("\n", "\r\n")),
        ("root not base64", SIGNED.replace("AAAA", "!AAA", 1)),
        ("root of another length", SIGNED.replace("AAAAAAAA", "AAAA", 1)),
        ("no signature", SIGNED.partition("\n\n")[0] + "\n\n"),
        ("another size", SIGNED.replace("\n7\n", "\n8\n")),
        ("another origin", SIGNED.replace(f"{ORIGIN}\n7", f"{ORIGIN}2\n7")),
        ("digits of another script", SIGNED.replace("\n7\n", "\n٧\n")),
        ("a NUL", SIGNED.replace("\n7\n", "\n7\x00\n")),
    ],
)
def test_a_note_that_is_not_exactly_of_the_form_is_refused(name: str, text: str):
    """Corpus B253: two readers of one note may never disagree on what it says."""
    with pytest.raises(BadInput):
        open_checkpoint(text, SIGNER.verifier)


def test_a_signature_by_an_unknown_key_is_ignored_and_a_bad_one_by_a_known_key_is_not():
    """signed-note, "Signatures": unknown keys are passed over; a known key's bad signature spoils the
    note."""
    note = parse_note(SIGNED)
    stranger = Signer.from_seed(ORIGIN, bytes(32)).sign(note.text).signatures[0]
    forged = Signature(ORIGIN, SIGNER.verifier.key_id, bytes(64))

    assert SIGNER.verifier.signed(SignedNote(note.text, (stranger, *note.signatures)))
    assert not SIGNER.verifier.signed(SignedNote(note.text, (forged, *note.signatures)))
    assert not SIGNER.verifier.signed(SignedNote(note.text, (stranger,)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+",
        "na me+c74f20a3+AAAA",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_malformed_key_is_refused(text: str):
    """A key whose id is not its own is somebody's mistake or somebody's trick."""
    with pytest.raises(BadInput):
        parse_verifier_key(text)


def test_the_log_signs_under_its_own_name_alone():
    """The origin and the key's name are one."""
    with pytest.raises(BadInput):
        sign_checkpoint(Checkpoint("elsewhere.invalid/log", 1, bytes(32)), SIGNER)
    with pytest.raises(BadInput):
        Signer.from_seed("a name with spaces", bytes(32))
    assert VerifierKey(ORIGIN, 1, SIGNER.verifier.public_key) == SIGNER.verifier
