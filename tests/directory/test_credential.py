"""Passwords and secrets: what is taken, and what is kept of it."""

from __future__ import annotations

import asyncio
import os

import pytest

from openclets.directory.credential import (
    banned_passwords,
    digest_of,
    hash_password,
    make_link,
    make_token,
    password_faults,
    password_matches,
)


@pytest.mark.parametrize(
    "password",
    [
        "amber-kelp-larch-4417",
        "a passphrase with several spaces in it and sixty-four characters",
        "ñandú y jacarandá 2026",
        "x" * 14 + "!",
    ],
)
def test_a_long_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    """Length is asked for, composition is not (SP 800-63B-4)."""
    assert password_faults(password, "SYNO001") == ()


@pytest.mark.parametrize(
    ("password", "operator_id"),
    [
        ("fourteen chars", "SYNO001"),
        ("password", "SYNO001"),
        ("Password Password", "SYNO001"),
        ("2026password2026", "SYNO001"),
        ("correct horse battery staple", "SYNO001"),
        ("SYNTHETIC000001", "SYNTHETIC000001"),
        ("syno001syno001syno001", "SYNO001"),
        ("x" * 257, "SYNO001"),
    ],
)
def test_a_password_that_is_short_or_guessed_first_is_refused_with_its_reason(
    password: str, operator_id: str
) -> None:
    """Too short, on the list, the operator's own id: one fault, with what to do (corpus B230)."""
    (fault,) = password_faults(password, operator_id)
    assert fault.field == "password"
    assert fault.remedy


def test_a_password_matches_its_hash_and_no_other() -> None:
    """The whole password counts, to its last character; nobody's hash matches nothing."""

    async def story() -> None:
        kept = await hash_password("amber-kelp-larch-4417")
        assert kept.startswith("$argon2id$")
        assert await password_matches("amber-kelp-larch-4417", kept)
        assert not await password_matches("amber-kelp-larch-4418", kept)
        assert not await password_matches("nobody has this password", None)
        assert not await password_matches("amber-kelp-larch-4417", "not a hash")
        assert not await password_matches("a" * 1_000_000, kept)

    asyncio.run(story())


def test_secrets_differ_show_their_kind_and_hide_in_print() -> None:
    """A token is 256 random bits; printing the object doesn't print it."""
    token, other, link = make_token(os.urandom), make_token(os.urandom), make_link(os.urandom)
    assert token.text != other.text
    assert token.text.startswith("oc_")
    assert link.text.startswith("ol_")
    assert len(token.text) == 3 + 43
    assert token.digest == digest_of(token.text)
    assert token.text not in repr(token)


def test_every_banned_password_is_refused() -> None:
    """Each row of the table does its work."""
    for password in banned_passwords():
        assert password_faults(password.ljust(15, "1"), "SYNO001"), password
