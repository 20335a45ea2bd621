"""Makers for the directory's tests: two agencies, their people and terminals, a door with a real journal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from openclets.directory.agency import Agency
from openclets.directory.credential import hash_password_now
from openclets.directory.issue import Issuer
from openclets.directory.log_in import LogIns
from openclets.directory.operator import Operator
from openclets.directory.store import DirectoryRows, DirectoryStore, fill
from openclets.directory.terminal import Terminal
from openclets.directory.view import DirectoryView
from openclets.directory.watch import DirectoryWatch
from openclets.foundation.clock import SetClock
from openclets.foundation.database import Database, Role
from openclets.journal import keyring
from openclets.journal.append import Sequencer
from openclets.journal.store import PostgresJournalStore

NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
"""Noon in Los Angeles on November 22, 2026."""

CITY = Agency(
    "CA9010100", "Synth City Police", "police", "901", "2024", date(2027, 6, 30), "America/Los_Angeles"
)
COUNTY = Agency("CA9020000", "Synthe County Sheriff", "sheriff", "902", "2024", date(2027, 6, 30))
OFFICER = Operator("SYNO001", CITY.ori, "Robin Vance", "officer", date(2027, 3, 1))
MACHINE = Operator("CADSYS01", CITY.ori, "Dispatch System", "machine", date(2027, 3, 1))
DESK = Terminal("SCPD0001", CITY.ori, "fixed", "Front desk")
CAR = Terminal("SCPD0101", CITY.ori, "mobile", "Car 12")
ELSEWHERE = Terminal("SHER0001", COUNTY.ori, "fixed", "Jail")
PASSWORD = "amber-kelp-larch-4417"


def view(**changes: Any) -> DirectoryView:
    """A view of the small directory. `officer`, `agency`, `terminal` are changes to each."""
    officer = replace(OFFICER, **changes.get("officer", {}))
    agency = replace(CITY, **changes.get("agency", {}))
    desk = replace(DESK, **changes.get("terminal", {}))
    return DirectoryView(
        version=1,
        agencies={agency.ori: agency, COUNTY.ori: COUNTY},
        operators={officer.id: officer, MACHINE.id: MACHINE},
        terminals={t.mnemonic: t for t in (desk, CAR, ELSEWHERE)},
    )


def fill_small(database: Database) -> None:
    """Write the small directory, with one password."""
    rows = DirectoryRows(
        (CITY, COUNTY),
        (OFFICER, MACHINE),
        (DESK, CAR, ELSEWHERE),
        {OFFICER.id: hash_password_now(PASSWORD)},
    )
    with database.connect(Role.APP, autocommit=True) as connection:
        fill(connection, rows)


@dataclass(frozen=True, slots=True)
class Door:
    """A door with everything behind it, and a clock that is moved by hand."""

    log_ins: LogIns
    issuer: Issuer
    store: DirectoryStore
    journal: Sequencer
    watch: DirectoryWatch
    clock: SetClock
    database: Database

    def kinds_entered(self) -> list[str]:
        """The kinds of all entries so far but the journal's own, in order."""
        with self.database.connect(Role.APP) as connection:
            rows = connection.execute(
                "SELECT kind FROM journal.entry WHERE leaf_class = 5 ORDER BY index"
            ).fetchall()
        return [row[0] for row in rows]

    async def reread(self) -> DirectoryView:
        """The view as it is now, at once."""
        await self.watch.open()
        return self.watch.current()


@asynccontextmanager
async def door(database: Database, folder: Path) -> AsyncIterator[Door]:
    """A door over `database`, with a journal of its own."""
    clock = SetClock(NOON)
    keyring.create(folder / "keys", "openclets.invalid/tests", os.urandom)
    journal = Sequencer(
        PostgresJournalStore(database, {}),
        keyring.load_keyring(folder / "keys"),
        clock,
        os.urandom,
        origin="openclets.invalid/tests",
        companion_tables={},
    )
    await journal.open()
    running = asyncio.create_task(journal.run())
    store = DirectoryStore(database)
    watch = DirectoryWatch(database, clock)
    await watch.open()
    try:
        yield Door(
            LogIns(store, journal, watch.current, clock, os.urandom),
            Issuer(store, journal, clock, os.urandom),
            store,
            journal,
            watch,
            clock,
            database,
        )
    finally:
        await watch.close()
        await store.close()
        await journal.close()
        running.cancel()
