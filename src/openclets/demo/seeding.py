"""Fills a new installation with the invented state, once: directory, record systems, the outside systems'
files.

What was made is noted in `DIR/world.json`; a later start makes the same state again in memory, for its
examples and its dispatch, and finds its rows already there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec

from openclets.adapters.http_json.outside import write_records
from openclets.adapters.synthetic.load import clear, load
from openclets.demo.world import World, make_world
from openclets.demo.world.records import LOCAL_SYSTEMS, NATIONAL_SYSTEMS, neighbour_systems
from openclets.demo.world.staff import Posting
from openclets.directory.credential import hash_password_now
from openclets.directory.identity import identifier_digest
from openclets.directory.operator import Operator
from openclets.directory.store import DirectoryRows, fill
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BadInput, Fault

NOTE = "world.json"
OUTSIDE = {
    "ncic": NATIONAL_SYSTEMS,
    "nv": neighbour_systems("NV"),
    "or": neighbour_systems("OR"),
    "az": neighbour_systems("AZ"),
}
"""The outside processes and the record systems each answers for."""

MANNERS: Mapping[str, Mapping[str, float]] = {"or": {"delay_ms": 1500}, "az": {"flapping_s": 120.0}}
"""How they behave: Oregon is slow, Arizona is down for two minutes of every four."""

Progress = Callable[[str], None]


class WorldNote(msgspec.Struct, frozen=True):
    """Which state an installation holds."""

    size: str
    seed: int
    made_on: date


def world_of(folder: Path, size: str, seed: int, today: date) -> tuple[World, bool]:
    """The installation's state, and whether it is new and must be filled in.

    Raises BadInput when the folder holds another state than the one asked for.
    """
    if not (folder / NOTE).exists():
        return make_world(size, seed, today), True
    note = _note(folder)
    if (note.size, note.seed) != (size, seed):
        fault = f"{folder} holds the state of size {note.size} and seed {note.seed}"
        remedy = f"ask for that one, or name another folder than {folder.name} with --data"
        raise BadInput((Fault("size, seed", fault, remedy),))
    return noted_world(folder), False


def noted_world(folder: Path) -> World:
    """The state an installation holds. Raises FileNotFoundError where none has been filled in."""
    note = _note(folder)
    return make_world(note.size, note.seed, note.made_on)


def _note(folder: Path) -> WorldNote:
    return msgspec.json.decode((folder / NOTE).read_bytes(), type=WorldNote)


def seed(folder: Path, world: World, size: str, database: Database, key: bytes, progress: Progress) -> None:
    """Fill in everything; the note is written last, so that a broken start begins again."""
    progress(f"filling in {len(world.persons):,} invented people and their records")
    local, outside = set(LOCAL_SYSTEMS), folder / "outside"
    outside.mkdir(exist_ok=True)
    everything = list(world.records())
    with database.connect(Role.RECORDS) as connection:
        clear(connection)
        load(connection, ((system, record) for system, record in everything if system in local))
    for name, systems in OUTSIDE.items():
        write_records(outside / f"{name}.jsonl", (pair for pair in everything if pair[0] in systems))
    progress(f"enrolling {len(world.postings)} operators of {len(world.precincts)} agencies")
    with database.connect(Role.APP, autocommit=True) as connection:
        fill(connection, directory_rows(world, key))
    note = WorldNote(size, world.seed, world.today)
    (folder / NOTE).write_bytes(msgspec.json.encode(note) + b"\n")


def directory_rows(world: World, key: bytes) -> DirectoryRows:
    """The directory of the invented state, with digests of each operator's own identifiers and declared
    ties."""
    operators = tuple(_with_identifiers(world, posting, key) for posting in world.postings)
    passwords = {p.operator.id: hash_password_now(p.password) for p in world.postings if p.password}
    return DirectoryRows(world.agencies, operators, world.terminals, passwords)


def _with_identifiers(world: World, posting: Posting, key: bytes) -> Operator:
    own = _digests(world, posting.person, key) if posting.person is not None else frozenset()
    ties = frozenset().union(*(_digests(world, tie, key) for tie in posting.ties))
    return replace(posting.operator, own_identifiers=own, tie_identifiers=ties)


def _digests(world: World, person: int, key: bytes) -> frozenset[bytes]:
    pairs = world.identifiers_of(person).pairs()
    return frozenset(identifier_digest(key, kind, value) for kind, value in pairs)
