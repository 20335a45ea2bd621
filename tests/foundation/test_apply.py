"""The migration runner."""

from __future__ import annotations

import pytest

from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Refused
from openclets.migrations.apply import migrate


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
