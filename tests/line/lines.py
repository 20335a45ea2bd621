"""A network with a listener beside it, in the test's own process: real TLS, real PostgreSQL, real HTTP.

Lines are enrolled as a command would have it done; certificates come from a training authority.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from openclets.directory.operator import Operator
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.line.certificates import training_authority, training_certificate
from openclets.line.client import LineClient, connect
from openclets.line.enrolled import read_enrolment
from openclets.line.enrolling import enroll, withdraw
from openclets.line.entering import LineEntering, entering
from openclets.line.limits import Limits, limits
from openclets.line.line_file import LineFile
from openclets.line.listener import Listener
from openclets.line.sealing import sealer_of
from openclets.line.serving import listening
from openclets.line.tls import listener_context
from stories.served import DESK, OFFICER, Network

HOST = "127.0.0.1"
PLATE = "QPS.LIC/0SYN001.LIS/CA.RSN/TRAFFIC STOP"
SHORT = replace(
    limits(), resend_s=1.0, busy_retry_s=0.1, backoff_first_s=0.05, backoff_most_s=0.5, ping_idle_s=5.0
)
"""The shipped figures with shorter waits."""


@dataclass
class Lines:
    """A listener, and what it takes to be a line at it."""

    network: Network
    database: Database
    folder: Path
    listener: Listener
    entering: LineEntering
    limits: Limits

    @property
    def certificates(self) -> Path:
        """The training authority's folder."""
        return self.folder / "line"

    def file(self, line: str, *, certificate_of: str = "", skin: str = "keyed") -> LineFile:
        """What a line connects with; with another one's certificate, if told so."""
        holder = certificate_of or line
        training_certificate(self.certificates, holder, datetime.now(UTC))
        names = (f"{holder}.pem", f"{holder}.key", "authority.pem")
        return LineFile(line, HOST, self.listener.port, *names, skin, str(self.certificates))

    async def enroll(
        self,
        line: str,
        operator: Operator = OFFICER,
        *,
        terminal: str = DESK.mnemonic,
        machine: bool = False,
        images: bool = False,
    ) -> LineFile:
        """Have a line enrolled, and give what it connects with."""
        made = training_certificate(self.certificates, line, datetime.now(UTC))
        wanted = read_enrolment(line, made.fingerprint, operator.id, terminal, machine=machine, images=images)
        asked = await enroll(self.database, SystemClock(), wanted, by="story", reason="a story")
        assert asked.in_force
        return self.file(line)

    async def withdraw(self, line: str) -> None:
        """Have a line withdrawn."""
        await withdraw(self.database, SystemClock(), line, by="story", reason="a story")

    @asynccontextmanager
    async def connected(self, line: str, **more: Any) -> AsyncIterator[LineClient]:
        """A line that is enrolled, connected."""
        async with connect(self.file(line), **more) as client:
            yield client

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds, read as openclets_reader."""
        with self.database.connect(Role.READER) as connection:
            return connection.execute(statement, values).fetchall()


@asynccontextmanager
async def lines_of(
    network: Network, database: Database, folder: Path, chosen: Limits = SHORT, *, base: str = ""
) -> AsyncIterator[Lines]:
    """A listener beside `network`, and the entering of acts in the network's process."""
    now = datetime.now(UTC)
    place = folder / "line"
    authority = training_authority(place, now)
    own = training_certificate(place, "listener", now, hosts=(HOST,))
    context = listener_context(own.certificate, own.key, authority)
    async with entering(network.running) as acts:
        async with listening(
            database,
            sealer_of(folder, os.urandom),
            base or network.base,
            context,
            HOST,
            0,
            SystemClock(),
            chosen=chosen,
            collapse=_fail,
        ) as listener:
            yield Lines(network, database, folder, listener, acts, chosen)


def _fail(name: str) -> None:
    raise AssertionError(f"{name} ended by itself")


@contextmanager
def settings_file(folder: Path, file: LineFile) -> Iterator[Path]:
    """A line's file as a system keeps it."""
    path = folder / f"{file.line}.json"
    path.write_bytes(msgspec.json.encode(file))
    yield path
