"""How fast the journal alone appends through a real PostgreSQL, its log published meanwhile.

Concurrent callers, each an intent and then its reply, sealed and wrapped as the switch does.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from pathlib import Path

import uvloop

from benchmarks.demo import bench_folder
from benchmarks.row import Row
from openclets.foundation import database as databases
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.postgres import Server
from openclets.journal.append import Sequencer
from openclets.journal.entry import EntryDraft, EntryKind, Wrapping, declare
from openclets.journal.heads import PostgresHeads
from openclets.journal.keyring import Keyring
from openclets.journal.log_folder import LogFolder
from openclets.journal.publish import Publisher
from openclets.journal.signed_note import Signer
from openclets.journal.store import PostgresJournalStore
from openclets.migrations.apply import migrate

ORIGIN = "openclets.invalid/bench/state"
CALLERS = {64: "≥ 8,000 entries/s", 8: "", 1: ""}
"""How many call at once, and what was aimed at."""

INTENT_BODY = b'{"fields":{"LIC":"0ABC123","LIS":"CA"},"reason":"traffic stop"}'.ljust(400)
REPLY_BODY = b'{"legs":[]}'.ljust(1200)

ASKED = declare(EntryKind("BenchAsked", 1, "A benchmark asked.", {}, "benchmarks"))
ANSWERED = declare(EntryKind("BenchAnswered", 2, "A benchmark was answered.", {}, "benchmarks"))


def rows(seconds: float) -> list[Row]:
    """Run for `seconds` a number of callers, each run against a database of its own."""
    found: list[Row] = []
    with bench_folder() as folder, Server(folder) as server:
        passwords = {role: uuid.uuid4().hex for role in Role}
        for callers, mark in CALLERS.items():
            name = f"bench_{callers}"
            database = databases.prepare(server.superuser_conninfo, passwords, name=name)
            migrate(database)
            found += uvloop.run(_append(database, folder / name, callers, mark, seconds))
    return found


async def _append(database: Database, folder: Path, callers: int, mark: str, seconds: float) -> list[Row]:
    keyring, clock = Keyring.from_randomness(os.urandom), SystemClock()
    sequencer = Sequencer(PostgresJournalStore(database), keyring, clock, os.urandom, origin=ORIGIN)
    signer = Signer.from_seed(ORIGIN, os.urandom(32))
    publisher = Publisher(PostgresHeads(database), signer, LogFolder(folder), clock)
    sequencer.on_committed(publisher.committed)
    await sequencer.open()
    await publisher.open()
    tasks = [asyncio.create_task(sequencer.run()), asyncio.create_task(publisher.run())]
    waits: list[float] = []
    began = time.perf_counter()

    async def caller(number: int) -> None:
        while time.perf_counter() - began < seconds:
            waits.append(await _transact(sequencer, number))

    size, used = sequencer.size, time.process_time()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    passed, entries = time.perf_counter() - began, sequencer.size - size
    processor = (time.process_time() - used) / entries * 1e6
    await sequencer.close()
    await publisher.close()
    await asyncio.gather(*tasks)
    waits.sort()
    way = f"journal, {callers} callers"
    return [
        Row(f"{way}, appended and published", entries / passed, "entries/s", mark),
        Row(f"{way}, Python's time an entry", processor, "µs"),
        Row(f"{way}, one append, p50", waits[len(waits) // 2] * 1000, "ms"),
        Row(f"{way}, one append, p99", waits[len(waits) * 99 // 100] * 1000, "ms"),
    ]


async def _transact(sequencer: Sequencer, number: int) -> float:
    """One intent and its reply, with two and four wraps; seconds for one append of the two."""
    began = time.perf_counter()
    transaction, operator = str(uuid.uuid4()), f"operator-{number}"
    (intent,) = await sequencer.append(
        EntryDraft(
            ASKED,
            INTENT_BODY,
            transaction=transaction,
            agency_ori="CA9010000",
            operator_id=operator,
            terminal_id="BENCH001",
            message_key="RQ",
            ruleset_digest="ab" * 32,
        )
    )
    waited = time.perf_counter() - began
    await sequencer.append(
        EntryDraft(
            ANSWERED,
            REPLY_BODY,
            transaction=transaction,
            agency_ori="CA9010000",
            operator_id=operator,
            terminal_id="BENCH001",
            message_key="RQ",
            ruleset_digest="ab" * 32,
            result_class="RECORD",
            subjects=(transaction,),
            also_wrap=(Wrapping(intent.receipt.index, intent.body_key),),
        )
    )
    return waited
