"""The installation's database, opened by one process and found by others."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest
from psycopg.conninfo import conninfo_to_dict

from openclets.foundation.database import Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.opening import DatabaseRecord, opened, recorded
from openclets.foundation.postgres import Server
from openclets.foundation.settings import Settings
from openclets.migrations.apply import migrate


def test_a_second_process_finds_what_the_first_one_opened(directory: Path) -> None:
    """`pg.json` tells where the database is; the secrets stay in `keys`."""
    with opened(Settings(data_dir=directory)) as here:
        assert here.server is not None
        file = directory / "pg.json"
        record = msgspec.json.decode(file.read_bytes(), type=DatabaseRecord)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "password" not in file.read_text()
        assert record.server is not None and record.server.process == here.server.process
        for role in Role:
            theirs, ours = recorded(directory).conninfo[role], here.database.conninfo[role]
            assert conninfo_to_dict(theirs) == conninfo_to_dict(ours)
        with recorded(directory).connect(Role.READER) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("openclets_reader",)


def test_a_folder_nothing_ran_on_has_no_database(directory: Path) -> None:
    """The answer is an outage that names the folder, not a stack trace."""
    with pytest.raises(Unavailable, match=str(directory)):
        recorded(directory)


def test_a_second_run_continues_with_the_same_database(directory: Path) -> None:
    """Nothing entered is lost between two runs."""
    settings = Settings(data_dir=directory)
    with opened(settings) as first:
        assert migrate(first.database)[0] == "0001_schemas"
        with first.database.connect(Role.OWNER) as connection:
            connection.execute("CREATE TABLE public.kept (n int)")
    with opened(settings) as second:
        assert migrate(second.database) == []
        with second.database.connect(Role.OWNER) as connection:
            assert connection.execute("SELECT count(*) FROM public.kept").fetchone() == (0,)


def test_a_server_that_somebody_else_runs_is_used_as_it_is(directory: Path) -> None:
    """With `database_dsn` no server of our own is started, and the same roles are made there."""
    ours = directory / "ours"
    with Server(directory / "theirs") as theirs:
        with opened(Settings(data_dir=ours, database_dsn=theirs.superuser_conninfo)) as here:
            assert here.server is None
            assert not (ours / "postgres").exists()
            migrate(here.database)
            with recorded(ours).connect(Role.APP) as connection:
                assert connection.execute("SELECT current_database()").fetchone() == ("openclets",)
        assert theirs.wait_until_ready(0), "what is not ours is not stopped"
