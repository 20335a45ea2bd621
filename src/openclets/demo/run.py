"""The invented state with its network, from an empty folder to ready log-ins.

The contents page of a start: database, migrations, the state's rows, outside systems, the network.
Whatever was started is stopped in reverse. Listening, and telling people, is the command's affair
(`cli/demo.py`).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from openclets.adapters.http_json.outside_process import OutsideProcess, start_outside
from openclets.demo.seeding import MANNERS, OUTSIDE, Progress, seed, world_of
from openclets.demo.world import World
from openclets.directory.issue import Issuer
from openclets.directory.store import DirectoryStore
from openclets.foundation.clock import Clock
from openclets.foundation.database import Database
from openclets.foundation.opening import opened
from openclets.foundation.settings import Settings
from openclets.journal import keyring
from openclets.migrations.apply import migrate
from openclets.wiring import LINKS_FILE, Running, identity_key, running

ZONE = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything under the network: the database with its rows, the state, the outside systems."""

    database: Database
    world: World
    outside: tuple[OutsideProcess, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """A network that runs, its state, and who may issue its log-ins."""

    running: Running
    world: World
    issuer: Issuer
    outside: tuple[OutsideProcess, ...]


@contextmanager
def prepared(settings: Settings, clock: Clock, progress: Progress) -> Iterator[Prepared]:
    """Database, migrations, state, outside systems. Raises Unavailable and BadInput as its parts do."""
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        progress("starting PostgreSQL")
        database = stack.enter_context(opened(settings)).database
        for step in migrate(database):
            progress(f"migrating: {step}")
        world, is_new = world_of(folder, settings.size, settings.seed, _today(clock))
        if is_new:
            seed(folder, world, settings.size, database, identity_key(settings), progress)
        keyring.create(folder / "keys", settings.log_origin, os.urandom)
        progress("starting the outside systems: the national one, and three other states'")
        outside = tuple(_start_outside(folder, stack))
        yield Prepared(database, world, outside)


@asynccontextmanager
async def demo_running(settings: Settings, ready: Prepared, clock: Clock) -> AsyncIterator[Demo]:
    """The network over what is prepared."""
    async with running(settings, ready.database, clock=clock) as parts:
        issuer = Issuer(DirectoryStore(ready.database), parts.network.journal, clock, os.urandom)
        yield Demo(parts, ready.world, issuer, ready.outside)


def _start_outside(folder: Path, stack: ExitStack) -> Iterator[OutsideProcess]:
    links: dict[str, str] = {}
    for name, systems in OUTSIDE.items():
        manners = MANNERS.get(name, {})
        process = start_outside(
            name,
            folder / "outside" / f"{name}.jsonl",
            folder / "keys" / "gate.key",
            delay_ms=int(manners.get("delay_ms", 0)),
            flapping_s=manners.get("flapping_s", 0.0),
        )
        stack.callback(process.stop)
        links |= dict.fromkeys(systems, process.url)
        yield process
    (folder / LINKS_FILE).write_bytes(msgspec.json.encode(links) + b"\n")


def _today(clock: Clock) -> date:
    return clock.now().astimezone(ZONE).date()
