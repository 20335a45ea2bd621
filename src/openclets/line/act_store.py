"""Acts on lines in PostgreSQL: asked here, entered and put in force by the network's process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from openclets.line.enrolled import Enrolment

Connected = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One act that waits for its entry. `change` is JSON."""

    number: int
    act: str
    line: str
    change: str
    by: str
    reason: str
    asked_at: datetime


async def ask_act(
    connection: Connected, act: str, line: str, change: str, *, by: str, reason: str, at: datetime
) -> int:
    """Keep an act; its number."""
    row = await (
        await connection.execute(
            "INSERT INTO line.act (act, line, change, by, reason, asked_at) VALUES (%s, %s, %s, %s, %s, %s)"
            " RETURNING number",
            (act, line, change, by, reason, at),
        )
    ).fetchone()
    assert row is not None, "an inserted row is returned"
    return int(row[0])


async def open_acts(connection: Connected) -> list[Act]:
    """The acts not entered yet, oldest first."""
    cursor = await connection.execute(
        "SELECT number, act, line, change, by, reason, asked_at FROM line.act"
        " WHERE entered_at IS NULL ORDER BY number LIMIT 100"
    )
    return [Act(*row) for row in await cursor.fetchall()]


async def outcome_of(connection: Connected, number: int) -> tuple[bool, str]:
    """Whether an act has been entered or turned down, and why where it was turned down."""
    row = await (
        await connection.execute("SELECT entered_at, fault FROM line.act WHERE number = %s", (number,))
    ).fetchone()
    return (False, "") if row is None else (row[0] is not None, row[1] or "")


async def close_act(connection: Connected, number: int, now: datetime, fault: str | None = None) -> None:
    """An act was entered, or turned down for `fault`."""
    await connection.execute(
        "UPDATE line.act SET entered_at = %s, fault = %s WHERE number = %s", (now, fault, number)
    )


async def holder_of(connection: Connected, fingerprint: bytes) -> str:
    """The line in force that a certificate is enrolled for; empty where there is none."""
    row = await (
        await connection.execute(
            "SELECT id FROM line.line WHERE fingerprint = %s AND withdrawn_at IS NULL", (fingerprint,)
        )
    ).fetchone()
    return "" if row is None else str(row[0])


async def put_line(
    connection: Connected,
    enrolment: Enrolment,
    agency_ori: str,
    token: bytes,
    token_digest: str,
    token_until: datetime,
    now: datetime,
) -> None:
    """Put a line in force, or bring it to these values; its sequence numbers go on."""
    await connection.execute(
        "INSERT INTO line.line AS l (id, agency_ori, operator_id, terminal_id, machine, images, fingerprint,"
        " token, token_digest, token_until, enrolled_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET agency_ori = excluded.agency_ori,"
        " operator_id = excluded.operator_id, terminal_id = excluded.terminal_id, machine = excluded.machine,"
        " images = excluded.images, fingerprint = excluded.fingerprint, token = excluded.token,"
        " token_digest = excluded.token_digest, token_until = excluded.token_until,"
        " enrolled_at = excluded.enrolled_at, withdrawn_at = NULL",
        (
            enrolment.line,
            agency_ori,
            enrolment.operator_id,
            enrolment.terminal_id,
            enrolment.machine,
            enrolment.images,
            bytes.fromhex(enrolment.fingerprint),
            token,
            token_digest,
            token_until,
            now,
        ),
    )


async def token_digest_of(connection: Connected, line: str) -> str:
    """The digest of a line's present token; empty where there is no such line in force."""
    row = await (
        await connection.execute(
            "SELECT token_digest FROM line.line WHERE id = %s AND withdrawn_at IS NULL", (line,)
        )
    ).fetchone()
    return "" if row is None else str(row[0])


async def withdraw_line(connection: Connected, line: str, now: datetime) -> None:
    """Take a line out of force."""
    await connection.execute(
        "UPDATE line.line SET withdrawn_at = %s WHERE id = %s AND withdrawn_at IS NULL", (now, line)
    )


async def tokens_ending(connection: Connected, before: datetime) -> list[tuple[str, str, str, bool]]:
    """Lines in force whose token ends before then: id, operator, terminal, machine."""
    cursor = await connection.execute(
        "SELECT id, operator_id, terminal_id, machine FROM line.line"
        " WHERE withdrawn_at IS NULL AND token_until < %s ORDER BY id",
        (before,),
    )
    return [tuple(row) for row in await cursor.fetchall()]


async def set_token(
    connection: Connected, line: str, token: bytes, token_digest: str, token_until: datetime
) -> None:
    """Give a line another token."""
    await connection.execute(
        "UPDATE line.line SET token = %s, token_digest = %s, token_until = %s WHERE id = %s",
        (token, token_digest, token_until, line),
    )


async def forget_connections(connection: Connected, now: datetime, kept: timedelta) -> None:
    """Drop acts of connecting that were entered long ago: the journal has them."""
    await connection.execute(
        "DELETE FROM line.act WHERE act IN ('connected', 'refused') AND entered_at < %s", (now - kept,)
    )
