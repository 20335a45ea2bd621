"""The database as openclets sees it: five roles with rights of their own, and connections under each.

Creates roles and the database itself; what lies in it is `openclets.migrations`' affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import psycopg
from psycopg import AsyncConnection, Connection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from openclets.foundation.errors import BrokenInvariant, Unavailable

CONNECT_TIMEOUT_S = 5
PREPARE_LOCK = 0x6F70_6E01
"""Advisory lock key: two processes that prepare one server at a time would trip over each other's roles."""


class Role(StrEnum):
    """Who connects. The value is the role's name in PostgreSQL."""

    OWNER = "openclets_owner"
    """Owns the schemas and runs migrations; no serving process connects as it."""
    APP = "openclets_app"
    """The network: reads, writes its tables, and only ever adds to the journal."""
    KEYRING = "openclets_keyring"
    """Destroys body keys, and may do nothing else."""
    RECORDS = "openclets_records"
    """The invented state's record systems, in a schema of their own."""
    READER = "openclets_reader"
    """Reads."""


@dataclass(frozen=True, slots=True)
class Database:
    """One database, and how each role connects to it. Its strings hold passwords and are never printed."""

    conninfo: Mapping[Role, str] = field(repr=False)

    def connect(self, role: Role, *, autocommit: bool = False) -> Connection[TupleRow]:
        """A connection as `role`. Raises Unavailable(DATABASE_UNAVAILABLE)."""
        with _as_unavailable():
            return psycopg.connect(
                self.conninfo[role], autocommit=autocommit, connect_timeout=CONNECT_TIMEOUT_S
            )

    async def aconnect(self, role: Role, *, autocommit: bool = False) -> AsyncConnection[TupleRow]:
        """As `connect`, for asyncio."""
        with _as_unavailable():
            return await AsyncConnection.connect(
                self.conninfo[role], autocommit=autocommit, connect_timeout=CONNECT_TIMEOUT_S
            )


def prepare(
    superuser_conninfo: str,
    passwords: Mapping[Role, str],
    *,
    name: str = "openclets",
    template: str = "template0",
) -> Database:
    """Make the roles and the database `name` where absent, set the passwords, and say how to connect.

    `template` is the database a new one is copied from. The connection given must be a superuser's, or
    that of a role with CREATEROLE and CREATEDB. Raises Unavailable, and BrokenInvariant where a role of ours
    has more rights than its duty needs.
    """
    with _as_unavailable():
        connection = psycopg.connect(superuser_conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)
    with connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (PREPARE_LOCK,))
        for role in Role:
            _prepare_role(connection, role, passwords[role])
        _prepare_database(connection, name, template)
    return Database({role: _conninfo(superuser_conninfo, role, passwords[role], name) for role in Role})


def drop(superuser_conninfo: str, name: str) -> None:
    """Delete the database `name` and cut whoever is connected to it."""
    with psycopg.connect(superuser_conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _prepare_role(connection: Connection[TupleRow], role: Role, password: str) -> None:
    name = sql.Identifier(role)
    row = connection.execute(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
        " FROM pg_roles WHERE rolname = %s",
        (role,),
    ).fetchone()
    if row is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    elif row[0]:
        raise BrokenInvariant(
            f"role {role} holds rights beyond its duty (superuser, create, replicate or bypass)"
        )
    # The verifier is computed here, so that no password can reach a server's log.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(verifier)))


def _prepare_database(connection: Connection[TupleRow], name: str, template: str) -> None:
    found = connection.execute(
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", (name,)
    ).fetchone()
    database, owner = sql.Identifier(name), sql.Identifier(Role.OWNER)
    if found is None:
        if not _is_superuser(connection):
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8' LOCALE 'C'").format(
                database, owner, sql.Identifier(template)
            )
        )
    elif found[0] != "UTF8":
        raise Unavailable("DATABASE_UNAVAILABLE", f"database {name} must be in UTF8; it is in {found[0]}")
    roles = sql.SQL(", ").join(sql.Identifier(role) for role in Role)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, roles))


def _is_superuser(connection: Connection[TupleRow]) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _conninfo(base: str, role: Role, password: str, name: str) -> str:
    """`base`, as `role`. Times are UTC and commits durable, whatever the server's own defaults."""
    return make_conninfo(
        base,
        user=role.value,
        password=password,
        dbname=name,
        application_name=role.value,
        options="-c timezone=UTC -c synchronous_commit=on",
    )


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        raise Unavailable("DATABASE_UNAVAILABLE", f"the database does not answer: {error}".strip()) from error
