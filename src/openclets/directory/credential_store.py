"""Credentials, failed log-ins and sessions in PostgreSQL: with `store.py`, the only SQL of this slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from openclets.directory.session import Session

Connected = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class KeptCredential:
    """A token or link as kept: who, where, until when. `digest` is the SHA-256 of the secret, hexadecimal."""

    digest: str
    operator_id: str
    terminal_id: str
    issued_at: datetime
    expires_at: datetime
    machine: bool = False
    site: str = ""


async def password_hash(connection: Connected, operator_id: str) -> str | None:
    """The argon2 hash of an operator's present password; None where there is none."""
    row = await _one(
        connection,
        "SELECT public_part FROM directory.credential"
        " WHERE operator_id = %s AND kind = 'password' AND ended_at IS NULL ORDER BY issued_at DESC LIMIT 1",
        (operator_id,),
    )
    return None if row is None else str(row[0])


async def set_password(connection: Connected, operator_id: str, kept: str, now: datetime) -> None:
    """End the present password and keep another, by its hash."""
    async with connection.transaction():
        await connection.execute(
            "UPDATE directory.credential SET ended_at = %s"
            " WHERE operator_id = %s AND kind = 'password' AND ended_at IS NULL",
            (now, operator_id),
        )
        await connection.execute(
            "INSERT INTO directory.credential (operator_id, kind, public_part, issued_at)"
            " VALUES (%s, 'password', %s, %s)",
            (operator_id, kept, now),
        )


async def add_credentials(connection: Connected, kind: str, kept: Sequence[KeptCredential]) -> None:
    """Keep tokens or links, all or none."""
    async with connection.transaction(), connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO directory.credential"
            " (operator_id, kind, public_part, terminal_id, site, machine, issued_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (c.operator_id, kind, c.digest, c.terminal_id, c.site, c.machine, c.issued_at, c.expires_at)
                for c in kept
            ],
        )


async def use_link(connection: Connected, digest: str, site: str, now: datetime) -> tuple[str, str] | None:
    """Use up a link that still holds: (operator id, terminal). One statement, so that it works once only."""
    row = await _one(
        connection,
        "UPDATE directory.credential SET ended_at = %s WHERE kind = 'login_link' AND public_part = %s"
        " AND site = %s AND ended_at IS NULL AND expires_at > %s RETURNING operator_id, terminal_id",
        (now, digest, site, now),
    )
    return None if row is None else (str(row[0]), str(row[1]))


async def link_owner(connection: Connected, digest: str) -> str | None:
    """Whose link this is or was, used or not; None for one that never was."""
    row = await _one(
        connection,
        "SELECT operator_id FROM directory.credential WHERE kind = 'login_link' AND public_part = %s",
        (digest,),
    )
    return None if row is None else str(row[0])


async def revoke_tokens(connection: Connected, operator_id: str, now: datetime) -> int:
    """End every token of an operator. How many there were."""
    ended = await connection.execute(
        "UPDATE directory.credential SET ended_at = %s"
        " WHERE operator_id = %s AND kind = 'token' AND ended_at IS NULL",
        (now, operator_id),
    )
    return ended.rowcount


async def end_token(connection: Connected, digest: str, now: datetime) -> None:
    """End one token, by its digest. One that has ended stays so."""
    await connection.execute(
        "UPDATE directory.credential SET ended_at = %s"
        " WHERE kind = 'token' AND public_part = %s AND ended_at IS NULL",
        (now, digest),
    )


async def is_locked(connection: Connected, operator_id: str) -> bool:
    """Whether failed log-ins have locked the account."""
    locked = "SELECT 1 FROM directory.locked_account WHERE operator_id = %s"
    return await _one(connection, locked, (operator_id,)) is not None


async def note_failure(
    connection: Connected, operator_id: str, source: str, at: datetime, since: datetime
) -> int:
    """Keep one failed log-in. How many there were after `since`, this one included."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO directory.failed_log_in (operator_id, at, source) VALUES (%s, %s, %s)",
            (operator_id, at, source),
        )
        row = await _one(
            connection,
            "SELECT count(*) FROM directory.failed_log_in WHERE operator_id = %s AND at > %s",
            (operator_id, since),
        )
    return int(row[0]) if row else 0


async def forget_failures(connection: Connected, operator_id: str) -> None:
    """A log-in succeeded: the failures before it count no longer."""
    await connection.execute("DELETE FROM directory.failed_log_in WHERE operator_id = %s", (operator_id,))


async def lock(connection: Connected, operator_id: str, now: datetime) -> None:
    """Lock the account until it is released."""
    await connection.execute(
        "INSERT INTO directory.locked_account (operator_id, locked_at) VALUES (%s, %s)"
        " ON CONFLICT DO NOTHING",
        (operator_id, now),
    )


async def unlock(connection: Connected, operator_id: str) -> None:
    """Release a locked account, and forget what locked it."""
    async with connection.transaction():
        await connection.execute(
            "DELETE FROM directory.locked_account WHERE operator_id = %s", (operator_id,)
        )
        await forget_failures(connection, operator_id)


async def add_session(connection: Connected, session: Session) -> None:
    """Keep a session."""
    await connection.execute(
        "INSERT INTO directory.session"
        " (digest, site, operator_id, terminal_id, form_token, opened_at, seen_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            session.digest,
            session.site,
            session.operator_id,
            session.terminal_id,
            session.form_token,
            session.opened_at,
            session.seen_at,
        ),
    )


async def read_session(connection: Connected, digest: bytes, site: str) -> Session | None:
    """A session of `site` that nobody has ended, whatever its age."""
    row = await _one(
        connection,
        "SELECT digest, site, operator_id, terminal_id, form_token, opened_at, seen_at"
        " FROM directory.session WHERE digest = %s AND site = %s AND ended_at IS NULL",
        (digest, site),
    )
    return None if row is None else Session(bytes(row[0]), *row[1:])


async def touch_session(connection: Connected, digest: bytes, now: datetime) -> None:
    """The session was used."""
    await connection.execute(
        "UPDATE directory.session SET seen_at = greatest(seen_at, %s) WHERE digest = %s", (now, digest)
    )


async def move_session(connection: Connected, digest: bytes, terminal_id: str) -> None:
    """The session is at another terminal now."""
    await connection.execute(
        "UPDATE directory.session SET terminal_id = %s WHERE digest = %s", (terminal_id, digest)
    )


async def end_session(connection: Connected, digest: bytes, now: datetime) -> None:
    """End a session. One that has ended stays so."""
    await connection.execute(
        "UPDATE directory.session SET ended_at = %s WHERE digest = %s AND ended_at IS NULL", (now, digest)
    )


async def end_sessions_of(connection: Connected, operator_id: str, now: datetime) -> None:
    """End every session of an operator."""
    await connection.execute(
        "UPDATE directory.session SET ended_at = %s WHERE operator_id = %s AND ended_at IS NULL",
        (now, operator_id),
    )


async def _one(connection: Connected, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = await (await connection.execute(statement, values)).fetchone()
    return row
