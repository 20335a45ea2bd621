"""The directory's rows in PostgreSQL: read as one view, changed row by row, filled at once when an
installation is new.

With `credential_store.py`, the only SQL of this slice. Every change bumps the version by trigger, and is
announced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg import AsyncConnection, Connection

from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.terminal import Terminal
from openclets.directory.view import DirectoryView, TokenGrant
from openclets.foundation.database import Database, Role
from openclets.foundation.link import Link

Rows = Sequence[tuple[Any, ...]]

_AGENCIES = """
    SELECT a.ori, a.name, a.kind, a.county, g.version, g.last_day, a.time_zone, a.has_duty_feed, a.suspended
    FROM directory.agency a
    LEFT JOIN LATERAL (SELECT version, last_day FROM directory.agreement WHERE agency_ori = a.ori
                       ORDER BY last_day DESC, version DESC LIMIT 1) g ON true
"""
_OPERATORS = (
    "SELECT id, agency_ori, name, role, training_until, suspended, quota_exempt FROM directory.operator"
)
_TERMINALS = "SELECT mnemonic, agency_ori, kind, place, enrolled FROM directory.terminal"
_IDENTIFIERS = "SELECT operator_id, digest, tie FROM directory.own_identifier"
_TOKENS = """
    SELECT public_part, operator_id, terminal_id, expires_at, machine, ended_at IS NOT NULL
    FROM directory.credential WHERE kind = 'token'
"""
_VERSION = "SELECT number FROM directory.version"


class DirectoryStore(Link):
    """The directory's connection for log-ins and acts, as the network's own role."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Role.APP)


@dataclass(frozen=True, slots=True)
class DirectoryRows:
    """A whole directory to begin with. `passwords` are argon2 hashes by operator id."""

    agencies: tuple[Agency, ...]
    operators: tuple[Operator, ...]
    terminals: tuple[Terminal, ...]
    passwords: dict[str, str] = field(default_factory=dict, repr=False)


async def read_version(connection: AsyncConnection[Any]) -> int:
    """The number of the directory's present version."""
    row = await (await connection.execute(_VERSION)).fetchone()
    assert row is not None
    return int(row[0])


async def read_view(connection: AsyncConnection[Any]) -> DirectoryView:
    """The whole directory, of one moment. The connection is in autocommit."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _view(
            await read_version(connection),
            await _all(connection, _AGENCIES),
            await _all(connection, _OPERATORS),
            await _all(connection, _TERMINALS),
            await _all(connection, _IDENTIFIERS),
            await _all(connection, _TOKENS),
        )


def fill(connection: Connection[Any], rows: DirectoryRows) -> None:
    """Write a whole directory, in one transaction; rows already there are brought to these values.

    For a new installation and the demo: nothing is entered in the journal, whose first entries come after it.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(_ADD_AGENCY, [_agency_row(a) for a in rows.agencies])
        cursor.executemany(_ADD_AGREEMENT, [row for a in rows.agencies for row in _agreement_rows(a)])
        cursor.executemany(_ADD_TERMINAL, [_terminal_row(t) for t in rows.terminals])
        cursor.executemany(_ADD_OPERATOR, [_operator_row(o) for o in rows.operators])
        cursor.executemany(_ADD_IDENTIFIER, [row for o in rows.operators for row in _identifier_rows(o)])
        cursor.executemany(_END_PASSWORD, [(operator_id,) for operator_id in rows.passwords])
        cursor.executemany(_ADD_PASSWORD, list(rows.passwords.items()))


async def set_agency(connection: AsyncConnection[Any], agency: Agency) -> None:
    """Write `agency` and its agreement."""
    async with connection.transaction():
        await connection.execute(_ADD_AGENCY, _agency_row(agency))
        for row in _agreement_rows(agency):
            await connection.execute(_ADD_AGREEMENT, row)


async def set_terminal(connection: AsyncConnection[Any], terminal: Terminal) -> None:
    """Write `terminal`."""
    await connection.execute(_ADD_TERMINAL, _terminal_row(terminal))


async def set_operator(connection: AsyncConnection[Any], operator: Operator) -> None:
    """Write `operator`, with exactly the identifiers given."""
    async with connection.transaction():
        await connection.execute(_ADD_OPERATOR, _operator_row(operator))
        await connection.execute(
            "DELETE FROM directory.own_identifier WHERE operator_id = %s", (operator.id,)
        )
        for row in _identifier_rows(operator):
            await connection.execute(_ADD_IDENTIFIER, row)


async def set_agency_suspended(connection: AsyncConnection[Any], ori: str, suspended: bool) -> None:
    await connection.execute("UPDATE directory.agency SET suspended = %s WHERE ori = %s", (suspended, ori))


async def set_operator_suspended(connection: AsyncConnection[Any], operator_id: str, suspended: bool) -> None:
    change = "UPDATE directory.operator SET suspended = %s WHERE id = %s"
    await connection.execute(change, (suspended, operator_id))


async def set_training(connection: AsyncConnection[Any], operator_id: str, until: date) -> None:
    change = "UPDATE directory.operator SET training_until = %s WHERE id = %s"
    await connection.execute(change, (until, operator_id))


async def set_enrolled(connection: AsyncConnection[Any], mnemonic: str, enrolled: bool) -> None:
    change = "UPDATE directory.terminal SET enrolled = %s WHERE mnemonic = %s"
    await connection.execute(change, (enrolled, mnemonic))


_ADD_AGENCY = """
    INSERT INTO directory.agency (ori, name, kind, county, time_zone, has_duty_feed, suspended)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (ori) DO UPDATE SET name = excluded.name, kind = excluded.kind, county = excluded.county,
        time_zone = excluded.time_zone, has_duty_feed = excluded.has_duty_feed, suspended = excluded.suspended
"""
_ADD_AGREEMENT = """
    INSERT INTO directory.agreement (agency_ori, version, last_day) VALUES (%s, %s, %s)
    ON CONFLICT (agency_ori, version) DO UPDATE SET last_day = excluded.last_day
"""
_ADD_TERMINAL = """
    INSERT INTO directory.terminal (mnemonic, agency_ori, kind, place, enrolled) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (mnemonic) DO UPDATE SET agency_ori = excluded.agency_ori, kind = excluded.kind,
        place = excluded.place, enrolled = excluded.enrolled
"""
_ADD_OPERATOR = """
    INSERT INTO directory.operator (id, agency_ori, name, role, training_until, suspended, quota_exempt)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET agency_ori = excluded.agency_ori, name = excluded.name,
        role = excluded.role,
        training_until = excluded.training_until, suspended = excluded.suspended,
        quota_exempt = excluded.quota_exempt
"""
_ADD_IDENTIFIER = """
    INSERT INTO directory.own_identifier (operator_id, digest, tie) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_END_PASSWORD = """
    UPDATE directory.credential SET ended_at = now()
    WHERE operator_id = %s AND kind = 'password' AND ended_at IS NULL
"""
_ADD_PASSWORD = """
    INSERT INTO directory.credential (operator_id, kind, public_part, issued_at)
    VALUES (%s, 'password', %s, now())
"""


async def _all(connection: AsyncConnection[Any], statement: str) -> Rows:
    return await (await connection.execute(statement)).fetchall()


def _view(
    version: int, agencies: Rows, operators: Rows, terminals: Rows, identifiers: Rows, tokens: Rows
) -> DirectoryView:
    own: dict[str, set[bytes]] = {}
    ties: dict[str, set[bytes]] = {}
    for operator_id, digest, tie in identifiers:
        (ties if tie else own).setdefault(operator_id, set()).add(digest)
    return DirectoryView(
        version=version,
        agencies={
            row[0]: Agency(row[0], row[1], row[2], row[3], row[4] or "", row[5], row[6], row[7], row[8])
            for row in agencies
        },
        operators={
            row[0]: Operator(
                id=row[0],
                agency_ori=row[1],
                name=row[2],
                role=row[3],
                training_until=row[4],
                suspended=row[5],
                quota_exempt=row[6],
                own_identifiers=frozenset(own.get(row[0], ())),
                tie_identifiers=frozenset(ties.get(row[0], ())),
            )
            for row in operators
        },
        terminals={row[0]: Terminal(*row) for row in terminals},
        tokens={bytes.fromhex(row[0]): TokenGrant(*row[1:]) for row in tokens},
    )


def _agency_row(a: Agency) -> tuple[Any, ...]:
    return (a.ori, a.name, a.kind, a.county, a.time_zone, a.has_duty_feed, a.suspended)


def _agreement_rows(a: Agency) -> Iterable[tuple[Any, ...]]:
    return [] if a.agreement_until is None else [(a.ori, a.agreement_version, a.agreement_until)]


def _terminal_row(t: Terminal) -> tuple[Any, ...]:
    return (t.mnemonic, t.agency_ori, t.kind, t.place, t.enrolled)


def _operator_row(o: Operator) -> tuple[Any, ...]:
    return (o.id, o.agency_ori, o.name, o.role, o.training_until, o.suspended, o.quota_exempt)


def _identifier_rows(o: Operator) -> Iterable[tuple[Any, ...]]:
    return [
        *((o.id, digest, False) for digest in sorted(o.own_identifiers)),
        *((o.id, digest, True) for digest in sorted(o.tie_identifiers)),
    ]
