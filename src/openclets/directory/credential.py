"""Passwords, tokens and one-time links: how each is made, and what of it may be kept.

Pure but for the hashing time. Kept are argon2 hashes of passwords and SHA-256 digests of tokens and links,
whose 256 random bits need no slow hash. Who may log in is `log_in.py`'s affair.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from openclets.directory.limits import limits
from openclets.directory.view import TOKEN_PREFIX
from openclets.foundation.errors import Fault
from openclets.foundation.identifiers import Randomness

SECRET_BYTES: Final = 32
LINK_PREFIX: Final = "ol_"


class CredentialKind(StrEnum):
    """What an operator shows at the door."""

    PASSWORD = "password"
    TOKEN = "token"
    LOGIN_LINK = "login_link"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as handed over once (`text`), and the digest that is kept (64 hexadecimal characters)."""

    text: str
    digest: str

    def __repr__(self) -> str:
        return f"Secret({self.digest[:8]}…)"


def make_token(randomness: Randomness) -> Secret:
    """A token: `oc_` and 32 random bytes in base64url."""
    return _secret(TOKEN_PREFIX, randomness)


def make_link(randomness: Randomness) -> Secret:
    """The secret part of a one-time log-in link: `ol_` and 32 random bytes in base64url."""
    return _secret(LINK_PREFIX, randomness)


def digest_of(text: str) -> str:
    """What is kept of a token or link: its SHA-256 in hexadecimal. Any text has one."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def password_faults(password: str, operator_id: str) -> tuple[Fault, ...]:
    """What is wrong with a new password: its length, or that everybody would guess it. No other rule.

    A passphrase with spaces is taken whole; nothing is asked of its composition (NIST SP 800-63B-4).
    """
    short, long = limits().password_length_min, limits().password_length_max
    if len(password) < short:
        return (_password_fault("is too short", f"Use at least {short} characters; a sentence will do."),)
    if len(password) > long:
        return (_password_fault("is too long", f"Use at most {long} characters."),)
    plain = _plain(password)
    guessed = {plain, plain.strip("0123456789")}
    if guessed & banned_passwords() or (operator_id and plain.replace(_plain(operator_id), "") == ""):
        return (
            _password_fault("is among the first to be guessed", "Choose words that nobody would expect."),
        )
    return ()


async def hash_password(password: str) -> str:
    """The argon2id hash of `password`, made in a thread."""
    return await asyncio.to_thread(_hasher().hash, password)


def hash_password_now(password: str) -> str:
    """As `hash_password`, in this thread: about 20 ms. For filling a new installation."""
    return _hasher().hash(password)


async def password_matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one whose hash is `kept`. None takes as long, and matches nothing."""
    if len(password) > limits().password_length_max:
        password, kept = "", None
    matches = await asyncio.to_thread(_verify, kept or _nobody(), password)
    return matches and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    # OWASP's second profile for argon2id: 19 MiB, two passes, one lane.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobody() -> str:
    """The hash that an unknown operator's password is tried against, so that the answer takes as long."""
    return _hasher().hash("nobody has this password")


@cache
def banned_passwords() -> frozenset[str]:
    """The rows of `banned_passwords.toml`, without case or spaces."""
    text = (files("openclets.directory") / "banned_passwords.toml").read_text("utf-8")
    return frozenset(_plain(row["password"]) for row in tomllib.loads(text)["banned"])


def _plain(text: str) -> str:
    return "".join(text.lower().split())


def _secret(prefix: str, randomness: Randomness) -> Secret:
    text = prefix + base64.urlsafe_b64encode(randomness(SECRET_BYTES)).decode("ascii").rstrip("=")
    return Secret(text, digest_of(text))


def _password_fault(fault: str, remedy: str) -> Fault:
    return Fault("password", fault, remedy, "PASSWORD_REFUSED")
