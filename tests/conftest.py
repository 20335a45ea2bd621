"""One real PostgreSQL for the whole run, and a fresh, migrated database for each test module.

Nothing here skips: where the server cannot start, the tests fail and say why.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from openclets.foundation import database as databases
from openclets.foundation.database import Database, Role
from openclets.foundation.postgres import Server
from openclets.foundation.postgres.discard import remove_server_files
from openclets.migrations.apply import migrate
from running_demo import RunningDemo
from running_demo import running_demo as demo_running_in

# A busy machine is no fault of the code: no example is held to a time.
hypothesis.settings.register_profile("openclets", deadline=None)
hypothesis.settings.load_profile("openclets")

PASSWORDS = {role: f"password-of-{role}" for role in Role}
TEMPLATE = "migrated"


@contextmanager
def reachable_directory() -> Iterator[Path]:
    """An empty folder that the server's account can enter, unlike pytest's own `tmp_path` under root."""
    with tempfile.TemporaryDirectory(prefix="openclets-", ignore_cleanup_errors=True) as name:
        path = Path(name)
        path.chmod(0o755)
        try:
            yield path
        finally:
            remove_server_files(path)


@pytest.fixture
def directory() -> Iterator[Path]:
    """An empty folder for one test, which a server's account can enter."""
    with reachable_directory() as path:
        yield path


@pytest.fixture(scope="module")
def directory_of_module() -> Iterator[Path]:
    """As `directory`, for one module."""
    with reachable_directory() as path:
        yield path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The embedded server, with the roles made and a migrated template database."""
    with reachable_directory() as path, Server(path) as server:
        migrate(databases.prepare(server.superuser_conninfo, PASSWORDS, name=TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def new_database(postgres: Server) -> Callable[[], Database]:
    """Makes a fresh, migrated database each time it is called (about 50 ms)."""
    numbers = itertools.count(1)

    def make() -> Database:
        return databases.prepare(
            postgres.superuser_conninfo, PASSWORDS, name=f"test_{next(numbers)}", template=TEMPLATE
        )

    return make


@pytest.fixture(scope="module")
def database(new_database: Callable[[], Database]) -> Database:
    """A fresh, migrated database for one test module. Connect with `database.connect(Role.APP)`."""
    return new_database()


@pytest.fixture(scope="session")
def running_demo() -> Iterator[RunningDemo]:
    """The demo as a visitor has it, started once for every test that harms nobody in it."""
    with reachable_directory() as path, demo_running_in(path) as demo:
        yield demo


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last: the browser's driver keeps an event loop running in this thread from then on."""
    items.sort(key=lambda item: "browser" in item.keywords)
