"""Open the installation's database: a server of our own, or one somebody else runs (setting `database_dsn`).

Leaves `DIR/pg.json`, so that another process of the same account can reach the same database (`recorded`).
Does not migrate: `openclets.migrations.apply` does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from openclets.foundation.database import Database, Role, prepare
from openclets.foundation.errors import Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.foundation.postgres import Server
from openclets.foundation.secrets_folder import secret, write_private
from openclets.foundation.settings import Settings

RECORD_NAME = "pg.json"


class ServerRecord(msgspec.Struct, frozen=True):
    """What `pg.json` says of our own server: its version, process and folders."""

    version: str
    process: int
    cluster: str
    socket: str
    log: str
    account: str


class DatabaseRecord(msgspec.Struct, frozen=True):
    """`pg.json`. The connection strings lack their passwords, which lie in `DIR/keys`, one file a role."""

    conninfo: dict[str, str]
    server: ServerRecord | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that may be used, and the server under it where that is ours."""

    database: Database
    server: Server | None


@contextmanager
def opened(settings: Settings, *, randomness: Randomness = os.urandom) -> Iterator[Opened]:
    """The database of `settings`, with its roles made; our own server is stopped when the block is left.

    Raises Unavailable(DATABASE_UNAVAILABLE or DATA_FOLDER_IN_USE) and BadInput for a faulty `postgres_bin`.
    """
    directory = settings.data_dir
    with ExitStack() as stack:
        server = None
        superuser_conninfo = settings.database_dsn
        if not superuser_conninfo:
            server = Server(directory, postgres_bin=settings.postgres_bin, randomness=randomness)
            stack.enter_context(server)
            superuser_conninfo = server.superuser_conninfo
        passwords = {role: secret(directory / "keys", _password_name(role), randomness) for role in Role}
        database = prepare(superuser_conninfo, passwords)
        _record(directory, database, server)
        yield Opened(database, server)


def recorded(directory: Path) -> Database:
    """The database that a running installation on `directory` uses.

    Raises Unavailable where none has run there or this account may not read its secrets.
    """
    try:
        record = msgspec.json.decode((directory / RECORD_NAME).read_bytes(), type=DatabaseRecord)
        return Database(
            {
                role: make_conninfo(record.conninfo[role], password=_password(directory, role))
                for role in Role
                if role in record.conninfo
            }
        )
    except (OSError, msgspec.MsgspecError) as error:
        raise Unavailable(
            "DATABASE_UNAVAILABLE", f"no database is recorded in {directory}: {error}"
        ) from error


def _record(directory: Path, database: Database, server: Server | None) -> None:
    record = DatabaseRecord(_without_passwords(database.conninfo), _server_record(server) if server else None)
    write_private(directory / RECORD_NAME, msgspec.json.format(msgspec.json.encode(record)).decode() + "\n")


def _server_record(server: Server) -> ServerRecord:
    place = server.place
    return ServerRecord(
        version=server.version,
        process=server.process or 0,
        cluster=str(place.cluster),
        socket=str(place.socket),
        log=str(place.log),
        account=place.account.name,
    )


def _without_passwords(conninfo: Mapping[Role, str]) -> dict[str, str]:
    return {
        role.value: make_conninfo("", **{k: v for k, v in conninfo_to_dict(text).items() if k != "password"})
        for role, text in conninfo.items()
    }


def _password(directory: Path, role: Role) -> str:
    return (directory / "keys" / _password_name(role)).read_text("ascii").strip()


def _password_name(role: Role) -> str:
    return f"{role.value}.password"
