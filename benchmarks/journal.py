"""How fast the journal appends through a real PostgreSQL, and how fast its log verifies.

    python -m benchmarks.journal

Appending: concurrent callers, each an intent and then its reply, sealed and wrapped as the switch does.
Beside it plain INSERTs of the same bytes, one commit each and in batches, so that the journal's own price is
seen.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import uvloop

from openclets.foundation import database as databases
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.postgres import Server
from openclets.foundation.postgres.discard import remove_server_files
from openclets.journal.append import Sequencer
from openclets.journal.checkpoint import Checkpoint, sign_checkpoint
from openclets.journal.entry import EntryDraft, EntryKind, Wrapping, declare
from openclets.journal.growing_tiles import GrowingTiles
from openclets.journal.heads import PostgresHeads
from openclets.journal.keyring import Keyring
from openclets.journal.leaf import encode_leaf
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.log_source import FolderSource
from openclets.journal.publish import Publisher
from openclets.journal.signed_note import Signer
from openclets.journal.store import PostgresJournalStore
from openclets.journal.verify import Verdict, verify
from openclets.migrations.apply import migrate

ORIGIN = "openclets.invalid/bench/state"
VERIFIED_ENTRIES = 1_000_000
SECONDS = 3.0
INTENT_BODY = b'{"fields":{"LIC":"0ABC123","LIS":"CA"},"reason":"traffic stop"}'.ljust(400)
REPLY_BODY = b'{"legs":[]}'.ljust(1200)

ASKED = declare(EntryKind("BenchAsked", 1, "A benchmark asked.", {}, "benchmarks"))
ANSWERED = declare(EntryKind("BenchAnswered", 2, "A benchmark was answered.", {}, "benchmarks"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, what came out, what was aimed at."""

    measure: str
    result: str
    mark: str


def rows() -> list[Row]:
    """Run everything (about 40 s) and give the table."""
    found = []
    with tempfile.TemporaryDirectory(prefix="openclets-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            with Server(folder) as server:
                passwords = {role: uuid.uuid4().hex for role in Role}
                database = databases.prepare(server.superuser_conninfo, passwords)
                migrate(database)
                for callers, mark in ((64, "≥ 8,000 entries/s"), (8, ""), (1, "")):
                    result = uvloop.run(_append(database, folder / f"log-{callers}", callers))
                    found.append(Row(f"append, {callers} callers, publishing", result, mark))
                    with database.connect(Role.OWNER, autocommit=True) as owner:
                        owner.execute("ALTER TABLE journal.checkpoint DISABLE TRIGGER USER")
                        owner.execute("DELETE FROM journal.checkpoint")
                for batch in (1, 64):
                    found.append(
                        Row(f"plain INSERT, {batch} a commit, no sealing", _insert(database, batch), "")
                    )
        finally:
            remove_server_files(folder)
        found += _verify(folder / "million")
    return found


async def _append(database: Database, folder: Path, callers: int) -> str:
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
        while time.perf_counter() - began < SECONDS:
            waits.append(await _transact(sequencer, number))

    size, used = sequencer.size, time.process_time()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    seconds, entries = time.perf_counter() - began, sequencer.size - size
    processor = (time.process_time() - used) / entries * 1e6
    await sequencer.close()
    await publisher.close()
    await asyncio.gather(*tasks)
    waits.sort()
    p50, p99 = waits[len(waits) // 2] * 1000, waits[len(waits) * 99 // 100] * 1000
    return (
        f"{entries / seconds:,.0f} entries/s; {processor:.0f} µs of Python each;"
        f" p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    )


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


def _insert(database: Database, batch: int) -> str:
    with database.connect(Role.OWNER) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS journal.bench (index bigserial PRIMARY KEY, body bytea)"
        )
        connection.commit()
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < SECONDS / 2:
            with connection.cursor() as cursor:
                body = [(REPLY_BODY,)] * batch
                cursor.executemany("INSERT INTO journal.bench (body) VALUES (%s)", body)
            connection.commit()
            count += batch
        seconds = time.perf_counter() - began
        connection.execute("DROP TABLE journal.bench")
        connection.commit()
    return f"{count / seconds:,.0f} rows/s"


def _verify(path: Path) -> list[Row]:
    folder, tiles = LogFolder(path), GrowingTiles()
    signer = Signer.from_seed(ORIGIN, os.urandom(32))
    step = 50_000
    began = time.perf_counter()
    for _ in range(0, VERIFIED_ENTRIES, step):
        random = os.urandom(32 * step)
        tiles.append([encode_leaf(1 + n % 6, 0, random[n * 32 : n * 32 + 32]) for n in range(step)])
        folder.write_tiles(tiles.changed())
        tiles.written()
    folder.write_text(VKEY, signer.verifier.encode() + "\n")
    checkpoint = Checkpoint(ORIGIN, tiles.size, tiles.root())
    folder.write_text(CHECKPOINT, sign_checkpoint(checkpoint, signer).encode())
    built = time.perf_counter() - began

    began = time.perf_counter()
    report = verify(FolderSource(path))
    seconds = time.perf_counter() - began
    assert report.verdict is Verdict.HOLDS, report.findings
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Row("tiles of 1,000,000 entries made and flushed", f"{built:.1f} s", ""),
        Row("`journal verify` of 1,000,000 entries", f"{seconds:.1f} s", "≤ 20 s"),
        Row("most memory of this whole process", f"{memory:.0f} MiB", "≤ 1,024 MiB"),
    ]


def main() -> None:
    """Print the table."""
    print("| measure | result | mark |\n|---|---|---|")
    for row in rows():
        print(f"| {row.measure} | {row.result} | {row.mark} |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
