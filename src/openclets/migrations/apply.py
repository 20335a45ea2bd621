"""Bring a database to the shape this code expects, in one transaction, one process at a time.

Steps go forward only. A database that is newer than the code is refused: older code would misread it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Refused, Unavailable

VERSIONS = Path(__file__).parent / "versions"
APPLY_LOCK = 0x6F70_6E02
"""Advisory lock key: the second of two processes waits and then finds nothing to do."""
LOCK_TIMEOUT = "30s"


def migrate(database: Database, *, versions: Path = VERSIONS) -> list[str]:
    """Apply what is missing, as the owner's role; the names of the steps applied, in order.

    Raises Refused(SCHEMA_NEWER) where the database holds a step this code does not know, Unavailable where it
    does not answer or the lock is not free in time.
    """
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: database.connect(Role.OWNER), poolclass=NullPool
    )
    script = ScriptDirectory(str(VERSIONS.parent), version_locations=[str(versions)])
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPLY_LOCK})
            return _apply(connection, script)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.OperationalError):
            raise Unavailable(
                "DATABASE_UNAVAILABLE", f"the database cannot be migrated: {error.orig}"
            ) from error
        raise


def _apply(connection: Connection, script: ScriptDirectory) -> list[str]:
    applied: list[str] = []

    def missing_steps(at: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        _refuse_newer(at, script)
        steps = script._upgrade_revs("head", at)  # type: ignore[arg-type]
        applied.extend(step.revision.revision for step in steps)
        return steps

    with EnvironmentContext(Config(), script) as environment:
        environment.configure(
            connection=connection,
            fn=missing_steps,
            version_table="schema_version",
            version_table_schema="public",
        )
        environment.run_migrations()
    return applied


def _refuse_newer(at: tuple[str, ...], script: ScriptDirectory) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    unknown = sorted(set(at) - known)
    if unknown:
        raise Refused(
            "SCHEMA_NEWER",
            f"The database is at {', '.join(unknown)}, which this version of openclets does not know; "
            "its own last step is " + (script.get_current_head() or "none") + ".",
        )
