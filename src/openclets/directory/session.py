"""A session: one operator logged in at one site, at one terminal, for a while.

The browser keeps a secret of 256 bits; the server keeps its digest and every date (decisions.md 24: one
cookie a site). How long a session lasts is told by `limits.toml`, by the server's clock alone.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from openclets.directory.limits import limits
from openclets.foundation.identifiers import Randomness

TERMINAL_SITE: Final = "terminal"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as kept. `digest` is the SHA-256 of its secret; `form_token` every form of it carries."""

    digest: bytes = field(repr=False)
    site: str
    operator_id: str
    terminal_id: str
    form_token: str = field(repr=False)
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session just opened, with the secret for the browser's cookie; it is never to be had again."""

    secret: str = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True)
class SessionLife:
    """How long a session lasts without use, and at all."""

    idle: timedelta
    absolute: timedelta


def session_life(site: str) -> SessionLife:
    """The terminal's life for the terminal site, the desks' shorter one for every other."""
    if site == TERMINAL_SITE:
        return SessionLife(
            timedelta(minutes=limits().session_idle_minutes), timedelta(hours=limits().session_hours)
        )
    return SessionLife(
        timedelta(minutes=limits().desk_session_idle_minutes), timedelta(hours=limits().desk_session_hours)
    )


def is_over(session: Session, now: datetime) -> bool:
    """Whether `session` has ended by itself: unused, or open, for as long as its site allows."""
    life = session_life(session.site)
    return now - session.seen_at >= life.idle or now - session.opened_at >= life.absolute


def new_session(
    site: str, operator_id: str, terminal_id: str, now: datetime, randomness: Randomness
) -> OpenedSession:
    """A fresh session, not yet kept."""
    secret = _text(randomness(32))
    kept = Session(session_digest(secret), site, operator_id, terminal_id, _text(randomness(32)), now, now)
    return OpenedSession(secret, kept)


def session_digest(secret: str) -> bytes:
    """What is kept of a session's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode("ascii").rstrip("=")
