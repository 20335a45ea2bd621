"""Feeds of police work on a real database and a real journal's contract."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest

from openclets.duty.receive import FeedReceipt, take
from openclets.duty.store import DutyStore
from openclets.duty.work import KINDS, Incident, Shift
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BadInput, Unavailable
from openclets.journal.entry import Entered, EntryDraft, Receipt

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

LINES = {
    "incident": {"incident_id": "26-0001", "opened": "2026-11-22T17:00:00Z", "nature": "TRAFFIC STOP"},
    "unit": {"call_sign": "1A1", "operator_ids": ["SPDO001", "SPDO002"], "starts": "2026-11-22T14:00:00Z"},
    "shift": {"operator_id": "SPDO001", "starts": "2026-11-22T14:00:00Z", "ends": "2026-11-23T02:00:00Z"},
    "assignment": {"incident_id": "26-0001", "operator_id": "SPDO001", "starts": "2026-11-22T17:01:00Z"},
    "stop": {"operator_id": "SPDO001", "at": "2026-11-22T17:05:00Z", "plate": "0SYN001"},
    "court_day": {"operator_id": "SPDO001", "on": "2026-11-23", "court": "DEPT 4", "case_number": "26DV001"},
    "broadcast": {"starts": "2026-11-22T17:00:00Z", "ends": "2026-11-23T17:00:00Z", "text": "BLACK SEDAN"},
}


def line(kind: str, number: str = "1", **changes: object) -> bytes:
    return msgspec.json.encode(
        {"kind": kind, "id": number, "agency_ori": "CA9010100"} | LINES[kind] | changes
    )


class RecordingJournal:
    """Keeps drafts in the order they were entered; `down` makes it unavailable."""

    def __init__(self) -> None:
        self.drafts: list[EntryDraft] = []
        self.down = False

    async def append(self, *drafts: EntryDraft) -> tuple[Entered, ...]:
        if self.down:
            raise Unavailable("JOURNAL_UNAVAILABLE", "the journal cannot be written")
        self.drafts += drafts
        return tuple(Entered(Receipt("test", len(self.drafts), "", "", ""), NOW, b"") for _ in drafts)


def run(
    database: Database, journal: RecordingJournal, *bodies: bytes, **options: object
) -> list[FeedReceipt]:
    async def story() -> list[FeedReceipt]:
        store = DutyStore(database)
        try:
            return [
                await take(store, journal, body, "CAD", NOW + timedelta(minutes=n), **options)  # type: ignore[arg-type]
                for n, body in enumerate(bodies)
            ]
        finally:
            await store.close()

    return asyncio.run(story())


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.connect(Role.READER) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_every_kind_of_fact_is_taken_and_found_again(database: Database) -> None:
    """One line of each kind lands in its table with the sender and when we learned it."""
    feed = b"\n".join(line(kind, "all") for kind in KINDS)
    (receipt,) = run(database, RecordingJournal(), feed)

    assert receipt.counts == dict.fromkeys(KINDS, 1)
    assert receipt.changed == len(KINDS)
    for kind in KINDS:
        found = rows(database, f"SELECT source, recorded_at FROM duty.{kind} WHERE source_id = 'all'")
        assert found == [("CAD", NOW)], kind


def test_a_feed_sent_twice_changes_nothing_and_is_entered_twice(database: Database) -> None:
    """Upsert is by source and id: a repeat is no news, but that it came is on record."""
    journal = RecordingJournal()
    first, second = run(database, journal, line("incident", "twice"), line("incident", "twice"))

    assert (first.changed, second.changed) == (1, 0)
    assert first.sha256 == second.sha256
    assert [draft.kind.name for draft in journal.drafts] == ["DutyFeedReceived"] * 2


def test_an_amended_fact_keeps_when_it_was_first_learned(database: Database) -> None:
    """Detection asks what was known at the time of a look-up; an amendment must not rewrite that."""
    opened = line("incident", "amended")
    closed = line("incident", "amended", closed="2026-11-22T18:00:30Z")
    _, second = run(database, RecordingJournal(), opened, closed)

    assert second.changed == 1
    found = rows(
        database,
        "SELECT closed IS NOT NULL, recorded_at, amended_at FROM duty.incident WHERE source_id = 'amended'",
    )
    assert found == [(True, NOW, NOW + timedelta(minutes=1))]


def test_two_systems_may_use_the_same_number(database: Database) -> None:
    """An id belongs to its sender: one system cannot amend what another said."""

    async def story() -> tuple[int, int]:
        store = DutyStore(database)
        journal = RecordingJournal()
        one = await take(store, journal, line("incident", "shared"), "CAD ONE", NOW)
        other = await take(store, journal, line("incident", "shared", nature="OTHER"), "CAD TWO", NOW)
        await store.close()
        return one.changed, other.changed

    assert asyncio.run(story()) == (1, 1)
    assert len(rows(database, "SELECT 1 FROM duty.incident WHERE source_id = 'shared'")) == 2


def test_nothing_is_stored_when_the_journal_is_unavailable(database: Database) -> None:
    """The entry comes first; without it nothing is held to be known."""
    journal = RecordingJournal()
    journal.down = True
    with pytest.raises(Unavailable):
        run(database, journal, line("incident", "unentered"))
    assert rows(database, "SELECT 1 FROM duty.incident WHERE source_id = 'unentered'") == []


def test_one_faulty_line_leaves_the_whole_feed_out(database: Database) -> None:
    """A feed is all or nothing, so that the sender never has to guess what was taken."""
    journal = RecordingJournal()
    with pytest.raises(BadInput) as refused:
        run(
            database,
            journal,
            line("incident", "half") + b"\n" + line("incident", "half2", opened="yesterday"),
        )
    assert [fault.field for fault in refused.value.faults] == ["line 2 opened"]
    assert journal.drafts == []
    assert rows(database, "SELECT 1 FROM duty.incident WHERE source_id = 'half'") == []


def test_the_counter_finds_open_incidents_assignments_and_the_shift(database: Database) -> None:
    """What the terminal's page and the rules ask of the slice."""

    async def story() -> None:
        store = DutyStore(database)
        feed = [
            line("incident", "o1", incident_id="26-0101"),
            line("incident", "o2", incident_id="26-0102", closed="2026-11-22T17:30:00Z"),
            line("assignment", "a1", incident_id="26-0101", operator_id="SPDO009"),
            line("shift", "s1", operator_id="SPDO009"),
        ]
        await take(store, RecordingJournal(), feed, "CAD", NOW)
        numbers = {each.fact.incident_id for each in await store.open_incidents("CA9010100", NOW)}
        assert "26-0101" in numbers and "26-0102" not in numbers
        assert await store.assigned_to("SPDO009", NOW) == {"26-0101"}
        shift = await store.shift_of("SPDO009", NOW)
        assert shift is not None and isinstance(shift.fact, Shift) and shift.recorded_at == NOW
        (numbered,) = await store.incidents_numbered("26-0102")
        assert isinstance(numbered.fact, Incident) and numbered.fact.closed is not None
        await store.close()

    asyncio.run(story())


def test_the_network_cannot_delete_what_it_was_told(database: Database) -> None:
    """What was known when must stay answerable: role openclets_app amends, it does not delete."""
    with database.connect(Role.APP) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM duty.incident")


def test_a_broken_connection_is_made_anew(database: Database, postgres: object) -> None:
    """The store outlives a connection that was cut while nobody used it."""

    async def story() -> None:
        store = DutyStore(database)
        await store.open_incidents("CA9010100", NOW)
        with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as superuser:  # type: ignore[attr-defined]
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'openclets_app'"
            )
        await asyncio.sleep(0.2)
        await store.open_incidents("CA9010100", NOW)
        await store.close()

    asyncio.run(story())
