"""A whole network in the test's own process: real PostgreSQL, real record systems, real HTTP.

For stories that act on the directory, or need deadlines shorter than a patrol's: the routes' waits are made
smaller by a value, and nothing else differs from a serving process.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from adapters.samples import FILED
from openclets.adapters.connectors import ConnectorTable, connector_table
from openclets.adapters.http_json.outside import write_records
from openclets.adapters.http_json.outside_process import OutsideProcess, start_outside
from openclets.directory.agency import Agency
from openclets.directory.issue import Bearer, Issuer
from openclets.directory.operator import Operator
from openclets.directory.store import DirectoryRows, DirectoryStore, fill
from openclets.directory.terminal import Terminal
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.settings import Settings
from openclets.journal import keyring
from openclets.switch.routing import Profile, Routes, load_routes
from openclets.web.app import Application
from openclets.web.running_counter import RunningCounter
from openclets.web.serve import Serving, free_port
from openclets.web.site import Site
from openclets.wiring import LINKS_FILE, Running, identity_key, running

ORI = "CA9010100"
UNTIL = datetime.now(UTC).date() + timedelta(days=300)
AGENCY = Agency(ORI, "SYNTH CITY POLICE DEPARTMENT", "police", "901", "2026.1", UNTIL)
OFFICER = Operator("OFF1", ORI, "Robin Vance", "officer", UNTIL)
COLLEAGUE = Operator("OFF2", ORI, "Sam Roe", "officer", UNTIL)
DESK = Terminal("DESK0001", ORI, "fixed", "Front desk")
ORIGIN = "openclets.invalid/stories"
NCIC = ("ncic.vehicle", "ncic.wanted_person", "ncic.protection_order")
QUICK = Profile(first_s=0.5, deadline_s=1.5, late_s=5.0)
"""A tenth of a patrol's waits."""


def quick_routes(profile: Profile = QUICK) -> Routes:
    """The real routes with that profile for every key."""
    routes = load_routes()
    return replace(routes, table={name: replace(row, profile=profile) for name, row in routes.table.items()})


def quick_connectors(**changes: Any) -> ConnectorTable:
    """The real connector table, with breakers that rest for half a second and try for another."""
    table = connector_table()
    quick = {"breaker_rest_s": 0.5, "breaker_trial_s": 0.5, **changes}
    return replace(table, rows=tuple(replace(row, **quick) for row in table.rows))


@dataclass
class Network:
    """A network that is served at `base`, and its parts."""

    running: Running
    base: str
    tokens: dict[str, str]
    http: httpx.AsyncClient

    def bearer(self, operator: Operator = OFFICER) -> dict[str, str]:
        """The header that names an operator."""
        return {"Authorization": f"Bearer {self.tokens[operator.id]}"}

    async def ask(self, body: dict[str, Any], operator: Operator = OFFICER) -> httpx.Response:
        """Post one inquiry."""
        return await self.http.post("/api/v1/inquiries", json=body, headers=self.bearer(operator))

    async def kinds(self, transaction: str) -> list[str]:
        """The kinds of the entries of a transaction."""
        return [entry.kind for entry in await self.running.stored.of_transaction(transaction)]


@contextmanager
def outside(folder: Path, **manners: Any) -> Iterator[OutsideProcess]:
    """The national system in a process of its own, with a handful of records and bad manners."""
    records = folder / "ncic.jsonl"
    write_records(records, [(system, record) for system, record in FILED if system in NCIC])
    with ExitStack() as stack:
        process = start_outside("ncic", records, folder / "keys" / "gate.key", **manners)
        stack.callback(process.stop)
        links = dict.fromkeys(NCIC, process.url)
        (folder / LINKS_FILE).write_bytes(msgspec.json.encode(links))
        yield process


def make_keys(folder: Path) -> None:
    """The keys of an installation, before anything of it runs."""
    identity_key(Settings(data_dir=folder))
    keyring.create(folder / "keys", ORIGIN, os.urandom)


def fill_directory(database: Database, *, quota_exempt: bool = False) -> None:
    """One agency, its desk and its operators, who may be held back by no quota."""
    operators = tuple(replace(one, quota_exempt=quota_exempt) for one in (OFFICER, COLLEAGUE))
    rows = DirectoryRows((AGENCY,), operators, (DESK,), {})
    with database.connect(Role.APP, autocommit=True) as connection:
        fill(connection, rows)


@asynccontextmanager
async def served(
    database: Database,
    folder: Path,
    routes: Routes | None = None,
    connectors: ConnectorTable | None = None,
) -> AsyncIterator[Network]:
    """The network over `database`, listening on a free port."""
    clock = SystemClock()
    settings = Settings(data_dir=folder, log_origin=ORIGIN, port=free_port("127.0.0.1", 0))
    async with running(settings, database, clock=clock, connectors=connectors) as parts:
        parts = replace(parts, network=replace(parts.network, routes=routes or quick_routes()))
        issuer = Issuer(DirectoryStore(database), parts.network.journal, clock, os.urandom)
        people = (OFFICER, COLLEAGUE)
        tokens = await issuer.tokens(
            [Bearer(one, DESK.mnemonic) for one in people], days=1, by="story", reason="a story"
        )
        base = f"http://127.0.0.1:{settings.port}"
        site = Site(RunningCounter(parts, log_url=f"{base}/log/state"), clock, os.urandom)
        serving = Serving(Application(parts, site), settings.host, settings.port)
        await serving.begin()
        try:
            async with httpx.AsyncClient(base_url=base, timeout=30) as http:
                named = {one.id: token for one, (token, _) in zip(people, tokens, strict=True)}
                await _known(parts, len(people))
                yield Network(parts, base, named, http)
        finally:
            await serving.end()


async def _known(parts: Running, tokens: int) -> None:
    """Wait until the switch has heard of the tokens; while all starts, its view may be out of date."""
    for _ in range(1000):
        with suppress(Unavailable):
            if len(parts.directory.current().tokens) >= tokens:
                return
        await asyncio.sleep(0.01)
    raise AssertionError("the switch has not heard of the tokens")
