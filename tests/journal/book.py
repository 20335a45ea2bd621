"""A whole journal on a real database: sequencer, publisher, readers, as wiring joins them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from journal.kinds_for_tests import ANSWERED, ASKED
from journal.made_log import ORIGIN, SIGNER
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.link import Link
from openclets.journal.append import Sequencer
from openclets.journal.destruction import KEYRING_ROLE
from openclets.journal.entries import JournalEntries
from openclets.journal.entry import Entered, EntryDraft, Wrapping
from openclets.journal.heads import PostgresHeads
from openclets.journal.keyring import Keyring
from openclets.journal.log_folder import LogFolder
from openclets.journal.publish import Publisher
from openclets.journal.reading import Bodies
from openclets.journal.store import PostgresJournalStore


class Book:
    """`async with Book(database, folder) as book`: open, running, publishing; closed in order."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        keyring: Keyring | None = None,
        companions: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.database = database
        self.keyring = keyring or Keyring.from_randomness(os.urandom)
        clock = SystemClock()
        self.store = PostgresJournalStore(database, companions)
        self.sequencer = Sequencer(
            self.store, self.keyring, clock, os.urandom, origin=ORIGIN, companion_tables=companions
        )
        self.folder = LogFolder(folder)
        self.publisher = Publisher(PostgresHeads(database), SIGNER, self.folder, clock, pace_s=0.01)
        self.link = Link(database, Role.APP)
        self.keyring_link = Link(database, KEYRING_ROLE)
        self.entries = JournalEntries(self.link)
        self.bodies = Bodies(self.entries, self.sequencer, self.keyring)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Book:
        await self.publisher.open()
        self.sequencer.on_committed(self.publisher.committed)
        await self.sequencer.open()
        self._tasks = [
            asyncio.create_task(self.sequencer.run()),
            asyncio.create_task(self.publisher.run()),
        ]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.sequencer.close()
        await self.publisher.close()
        await asyncio.gather(*self._tasks)
        await self.link.close()
        await self.keyring_link.close()

    async def transact(self, number: int, subject: str = "") -> tuple[Entered, Entered]:
        """One inquiry and its reply, as the switch enters them."""
        names = {
            "transaction": f"0198c0de-0000-7000-8000-{number:012d}",
            "agency_ori": "CA9010000",
            "operator_id": f"operator-{number % 7}",
            "terminal_id": "TESTT001",
            "message_key": "RQ",
        }
        body = b'{"n":%d}' % number
        (intent,) = await self.sequencer.append(EntryDraft(ASKED, body, **names))  # type: ignore[arg-type]
        also = (Wrapping(intent.receipt.index, intent.body_key),) if subject else ()
        subjects = (subject,) if subject else ()
        (reply,) = await self.sequencer.append(
            EntryDraft(ANSWERED, body, subjects=subjects, also_wrap=also, **names)  # type: ignore[arg-type]
        )
        return intent, reply
