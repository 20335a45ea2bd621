"""Writing the invented state's past into a folder: every table of the exchange, and the truth beside it.

Reproducible: equal arguments give equal bytes. The truth names what was planted; nothing is planted yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from openclets.demo.past import people_tables, work_tables
from openclets.demo.past.look_ups import CASE_DAYS, LookUps
from openclets.demo.past.people_tables import Row
from openclets.demo.world import World
from openclets.demo.world.police_work import PoliceWork
from openclets.exchange.tables import incoming, load_tables
from openclets.exchange.write import TableWriter, digest

CHUNK = 50_000
MANIFEST = "world.json"
TRUTH = "truth"

Progress = Callable[[str, int, int], None]
"""Told what is being written, and how many of how many steps are done."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: rows by table, and the digest of all tables."""

    rows: dict[str, int]
    digest: str


def generate(
    world: World, folder: Path, *, csv: bool = False, progress: Progress = lambda _, done, size: None
) -> Generated:
    """Write the last `world.size.days` days up to and with `world.today` into `folder`, which must exist.

    Police work is written for some days more, since look-ups follow it.
    """
    days = _days(world)
    work = PoliceWork(world)
    look_ups = LookUps(work)
    truth = folder / TRUTH
    truth.mkdir(exist_ok=True)
    steps = len(days) + 4
    with ExitStack() as stack:
        tables = {
            name: stack.enter_context(TableWriter(folder, table, csv=csv))
            for name, table in incoming().items()
        }
        planted = stack.enter_context(TableWriter(truth, load_tables()["planted"], csv=csv))
        for step, (name, rows) in enumerate(_standing_tables(world)):
            progress(name, step, steps)
            _write(tables[name], rows)
        for day in _days(world, CASE_DAYS)[:CASE_DAYS]:
            for name, rows in _police_work(work, day):
                _write(tables[name], rows)
        for step, day in enumerate(days, 4):
            progress(str(day), step, steps)
            for name, rows in (*_police_work(work, day), *_asked(look_ups, day)):
                _write(tables[name], rows)
        _write(tables["events"], work_tables.events(work, days[0], days[-1]))
    progress("", steps, steps)
    counts = {**{name: writer.rows for name, writer in tables.items()}, planted_name(): planted.rows}
    written = Generated(counts, digest(folder))
    _write_manifest(world, folder, written)
    return written


def planted_name() -> str:
    """The planted table's name in the report: it lies in a folder of its own."""
    return f"{TRUTH}/planted"


def written_files(folder: Path) -> list[Path]:
    """Everything an earlier run wrote into `folder`; nothing else."""
    names = [
        *(folder / f"{name}.{form}" for name in incoming() for form in ("parquet", "csv")),
        *(folder / TRUTH / f"planted.{form}" for form in ("parquet", "csv")),
        folder / MANIFEST,
    ]
    return [path for path in names if path.exists()]


def _standing_tables(world: World) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "operators", people_tables.operators(world)
    yield "persons", people_tables.persons(world)
    yield "relations", people_tables.relations(world)
    yield "vehicles", people_tables.vehicles(world)


def _police_work(work: PoliceWork, day: date) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "shifts", work_tables.shifts(work, day)
    yield "incidents", work_tables.incidents(work, day)
    yield "assignments", work_tables.assignments(work, day)
    yield "incident_parties", work_tables.incident_parties(work, day)
    yield "broadcasts", work_tables.broadcasts(work, day)


def _asked(look_ups: LookUps, day: date) -> Iterator[tuple[str, Iterable[Row]]]:
    asked = look_ups.of_day(day)
    yield "transactions", asked.transactions
    yield "transaction_subjects", asked.subjects
    yield "work_items", asked.work_items


def _write(writer: TableWriter, rows: Iterable[Row]) -> None:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        writer.write_rows(chunk)


def _days(world: World, more: int = 0) -> list[date]:
    last = world.today.toordinal()
    return [date.fromordinal(ordinal) for ordinal in range(last - world.size.days - more + 1, last + 1)]


def _write_manifest(world: World, folder: Path, written: Generated) -> None:
    facts = {
        "seed": world.seed,
        "until": world.today.isoformat(),
        "agencies": world.size.agencies,
        "operators": len(world.postings),
        "persons": world.size.persons,
        "days": world.size.days,
        "rows": written.rows,
        "sha256": written.digest,
    }
    (folder / MANIFEST).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
