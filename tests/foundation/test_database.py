"""Roles, the database, and connections under each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from openclets.foundation import database as databases
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.foundation.postgres import Server


@pytest.mark.parametrize("role", list(Role))
def test_each_role_connects_as_itself_with_durable_commits_in_utc(database: Database, role: Role) -> None:
    """Who writes is known to the server, and a commit that returned is on disk."""
    asked = "SELECT current_user, current_setting('synchronous_commit'), current_setting('timezone')"
    with database.connect(role) as connection:
        assert connection.execute(asked).fetchone() == (role.value, "on", "UTC")

    async def ask() -> object:
        async with await database.aconnect(role) as connection:
            return await (await connection.execute(asked)).fetchone()

    assert asyncio.run(ask()) == (role.value, "on", "UTC")


def test_no_role_of_ours_may_make_roles_or_pass_every_rule(postgres: Server) -> None:
    """Least privilege, and a role that has gained more stops the start."""
    with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as connection:
        connection.execute("ALTER ROLE openclets_reader CREATEROLE")
        try:
            with pytest.raises(BrokenInvariant, match="openclets_reader"):
                databases.prepare(postgres.superuser_conninfo, dict.fromkeys(Role, "x"))
        finally:
            connection.execute("ALTER ROLE openclets_reader NOCREATEROLE")
            for role in Role:
                connection.execute(f"ALTER ROLE {role} PASSWORD 'password-of-{role}'")


def test_a_wrong_password_is_refused(database: Database) -> None:
    """Roles are no fiction: each needs its own password, even on the private socket."""
    stranger = Database({Role.APP: f"{database.conninfo[Role.READER]} user=openclets_app"})
    with pytest.raises(Unavailable) as unavailable:
        stranger.connect(Role.APP)
    assert unavailable.value.code == "DATABASE_UNAVAILABLE"


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    """An outage is said as one, not as a stack trace from the driver."""
    nowhere = Database({Role.APP: "host=/nonexistent dbname=openclets user=openclets_app password=secret"})
    with pytest.raises(Unavailable) as unavailable:
        nowhere.connect(Role.APP)
    assert unavailable.value.code == "DATABASE_UNAVAILABLE"
    with pytest.raises(Unavailable):
        asyncio.run(nowhere.aconnect(Role.APP))
    assert "secret" not in repr(nowhere) + unavailable.value.message


def test_outsiders_neither_connect_nor_enter_a_schema(database: Database, postgres: Server) -> None:
    """Rights are given by name or not at all."""
    with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS outsider")
        connection.execute("CREATE ROLE outsider LOGIN PASSWORD 'outsider'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(f"{database.conninfo[Role.APP]} user=outsider password=outsider")
    with database.connect(Role.APP) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM synthetic.record")


def test_preparing_twice_changes_nothing(new_database: Callable[[], Database], postgres: Server) -> None:
    """Every start prepares; what exists stays."""
    fresh = new_database()
    name = psycopg.conninfo.conninfo_to_dict(fresh.conninfo[Role.APP])["dbname"]
    with fresh.connect(Role.OWNER) as connection:
        connection.execute("CREATE TABLE public.kept (n int)")
    again = databases.prepare(
        postgres.superuser_conninfo, {role: f"password-of-{role}" for role in Role}, name=str(name)
    )
    assert again == fresh
    with again.connect(Role.OWNER) as connection:
        assert connection.execute("SELECT count(*) FROM public.kept").fetchone() == (0,)


def test_a_server_of_somebody_elses_is_prepared_by_a_role_that_is_no_superuser(postgres: Server) -> None:
    """A managed PostgreSQL gives its customers CREATEROLE and CREATEDB, and no more."""
    with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS customer")
        connection.execute("CREATE ROLE customer LOGIN CREATEDB CREATEROLE PASSWORD 'customer'")
        # On such a server our roles do not exist yet, or were made by this same customer.
        for role in Role:
            connection.execute(f"GRANT {role} TO customer WITH ADMIN OPTION")
        base = postgres.superuser_conninfo
        theirs = psycopg.conninfo.make_conninfo(base, user="customer", password="customer")
        prepared = databases.prepare(theirs, {role: f"password-of-{role}" for role in Role}, name="theirs")
        with prepared.connect(Role.OWNER) as owner:
            owner.execute("CREATE SCHEMA journal")
        databases.drop(postgres.superuser_conninfo, "theirs")
