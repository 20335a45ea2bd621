"""The migration runner."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError

from openclets.foundation import database as databases
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Refused
from openclets.foundation.postgres import Server
from openclets.migrations.apply import VERSIONS, migrate


def test_a_second_migration_finds_nothing_to_do(database: Database) -> None:
    """Steps are applied once."""
    assert migrate(database) == []


def test_a_database_newer_than_the_code_is_refused(database: Database) -> None:
    """Older code would misread a newer shape, so it does not start on it."""
    with database.connect(Role.OWNER) as connection:
        connection.execute("UPDATE public.schema_version SET version_num = '9999_future'")
    with pytest.raises(Refused) as refused:
        migrate(database)
    assert refused.value.code == "SCHEMA_NEWER"
    assert "9999_future" in refused.value.message


def test_two_processes_that_migrate_at_once_apply_each_step_once(postgres: Server) -> None:
    """The second waits for the first and then finds nothing to do."""
    passwords = {role: f"password-of-{role}" for role in Role}
    empty = databases.prepare(postgres.superuser_conninfo, passwords, name="migrated_twice")
    applied: list[list[str]] = []
    processes = [threading.Thread(target=lambda: applied.append(migrate(empty))) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    databases.drop(postgres.superuser_conninfo, "migrated_twice")
    every_step = sorted(path.stem for path in VERSIONS.glob("0*.py"))
    assert sorted(applied) == [[], every_step]


def test_a_failed_step_leaves_the_database_as_it_was(postgres: Server, tmp_path: Path) -> None:
    """All steps or none: a database between two shapes serves nobody."""
    passwords = {role: f"password-of-{role}" for role in Role}
    empty = databases.prepare(postgres.superuser_conninfo, passwords, name="migrated_in_part")
    for path in VERSIONS.glob("0001*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "0002_faulty.py").write_text(
        "from alembic import op\n"
        'revision = "0002_faulty"\n'
        'down_revision = "0001_schemas"\n'
        "def upgrade() -> None:\n"
        '    op.execute("CREATE TABLE journal.half (n int)")\n'
        '    op.execute("SELECT 1 / 0")\n'
    )
    with pytest.raises(DataError):
        migrate(empty, versions=tmp_path)
    with empty.connect(Role.OWNER) as connection:
        found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'journal'").fetchone()
    databases.drop(postgres.superuser_conninfo, "migrated_in_part")
    assert found == (0,)


def test_steps_go_forward_only() -> None:
    """A step back would drop what the journal may never lose."""
    for path in VERSIONS.glob("*.py"):
        assert "def downgrade" not in path.read_text(), path.name
