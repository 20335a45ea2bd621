"""The invented state's systems over a real PostgreSQL: what they find, say and keep apart."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from adapters.samples import FILED, GATE_KEY, history, order, query, vehicle, wanted
from openclets.adapters.synthetic.load import clear, load
from openclets.adapters.synthetic.system import LOCAL_SYSTEMS, LocalRecords
from openclets.foundation.clock import SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BadInput
from openclets.records.answer import Answer, LegState
from openclets.records.query import Query


@pytest.fixture(scope="module")
def filed(database: Database) -> Database:
    """A database that holds the sample records and some of their like."""
    more = [
        ("dmv.vehicle", vehicle("0SYN002", "1SYZZ9Z9XKP000417")),
        ("dmv.vehicle", vehicle("OSYN001", "1SYNC2D44KP000999")),
        ("doj.restraining_order", order("H990000010", NAM="ROE,CASEY", PNO="20DV00001", EXP="20200101")),
        *(("doj.criminal_history", history(f"CA9910{n:04d}", NAM="SYNTHE,ALEX")) for n in range(45)),
    ]
    with database.connect(Role.RECORDS, autocommit=True) as connection:
        load(connection, [(s, r) for s, r in FILED if s in LOCAL_SYSTEMS] + more)
    return database


def asking(database: Database, ask: Callable[[LocalRecords], Awaitable[list[Answer]]]) -> list[Answer]:
    async def run() -> list[Answer]:
        local = LocalRecords(
            lambda: database.aconnect(Role.RECORDS, autocommit=True), GATE_KEY, SystemClock()
        )
        try:
            return await ask(local)
        finally:
            await local.close()

    return asyncio.run(run())


def answers(database: Database, *queries: Query) -> list[Answer]:
    async def ask(local: LocalRecords) -> list[Answer]:
        return await asyncio.gather(*[local.systems[query.system].ask(query) for query in queries])

    return asking(database, ask)


def test_the_legs_of_an_inquiry_share_one_statement_and_keep_their_own_answers(filed: Database) -> None:
    """Whatever is asked at once is one round trip; each leg gets what its own system holds."""
    statements = 0

    async def ask(local: LocalRecords) -> list[Answer]:
        nonlocal statements
        find = local._store.find

        async def counted(systems: list[str], keys: list[str]) -> list[tuple[int, str]]:
            nonlocal statements
            statements += 1
            return await find(systems, keys)

        local._store.find = counted  # type: ignore[method-assign, assignment]
        fields = {"LIC": "0SYN001", "LIS": "CA"}
        legs = [query(name, fields) for name in ("dmv.vehicle", "doj.stolen_vehicle", "dmv.parking")]
        return await asyncio.gather(*[local.systems[leg.system].ask(leg) for leg in legs])

    states = [answer.state for answer in asking(filed, ask)]

    assert states == [LegState.RECORD, LegState.NO_RECORD, LegState.NO_RECORD]
    assert statements == 1


def test_an_exact_plate_leaves_look_alikes_out(filed: Database) -> None:
    """0SYN001 and OSYN001 are two vehicles; each is found by its own plate alone."""
    zero, letter = answers(
        filed, query("dmv.vehicle", {"LIC": "0SYN001"}), query("dmv.vehicle", {"LIC": "OSYN001"})
    )

    assert [record.ref for record in zero.records] == ["VR0SYN001"]
    assert [record.ref for record in letter.records] == ["VROSYN001"]


def test_a_vin_nobody_holds_gives_those_with_the_same_right_eight(filed: Database) -> None:
    """Possible matches are given when no exact one is, and say so."""
    (answer,) = answers(filed, query("dmv.vehicle", {"VIN": "1SYAA1A1XKP000417"}))

    assert [record.ref for record in answer.records] == ["VR0SYN001", "VR0SYN002"]
    assert all("possible match" in record.matched_on for record in answer.records)
    assert "RECORD 1 OF 2" in answer.text


def test_a_sweep_keeps_expired_orders_out_and_qpo_shows_them_inactive(filed: Database) -> None:
    """The same order: NO_RECORD on a sweep, RECORD and no hit to QPO."""
    fields = {"NAM": "ROE,CASEY", "DOB": "19880417"}
    swept, asked = answers(
        filed,
        query("doj.restraining_order", fields, "QPO", sweep=True),
        query("doj.restraining_order", fields, "QPO"),
    )

    assert swept.state is LegState.NO_RECORD
    assert asked.state is LegState.RECORD
    assert "STATUS INACTIVE - EXPIRED" in asked.text
    assert "FIREARMS PROHIBITED" not in asked.text


def test_an_order_is_found_by_who_filed_it_and_never_prints_the_name(filed: Database) -> None:
    """PPN and PPB: filed by. The protected person's name is a fact for the switch to withhold, not text."""
    (answer,) = answers(
        filed, query("doj.restraining_order", {"PPN": "DOE,SAM", "PPB": "19790101"}, "QPO", sweep=False)
    )

    assert answer.state is LegState.HIT
    assert "protected person name exact" in answer.records[0].matched_on
    assert "DOE,SAM" not in answer.text


def test_an_index_key_gets_identity_and_a_full_key_gets_the_cycles(filed: Database) -> None:
    """IQ says who, FQ gives the record (messages.md 2.1)."""
    who, full = answers(
        filed,
        query("doj.criminal_history", {"NAM": "DOE,SAM", "DOB": "19790101", "SEX": "M"}, "IQ"),
        query("doj.criminal_history", {"SID": "CA99001234"}, "FQ"),
    )

    assert "CYC" not in who.records[0].facts and "BATTERY" not in who.text
    assert "SOC" not in who.records[0].facts
    assert "BATTERY" in full.text and full.text.startswith("FR.CASIR0000")


def test_too_many_matches_are_counted_not_sent_and_marked(filed: Database) -> None:
    """An answer that leaves matches out is TRUNCATED, never shown as complete."""
    (answer,) = answers(filed, query("doj.criminal_history", {"NAM": "SYNTHE,ALEX", "DOB": "19790101"}, "IQ"))

    assert answer.state is LegState.TRUNCATED
    assert len(answer.records) == 40
    assert "5 MORE NOT SENT" in answer.text


def test_a_system_that_cannot_be_searched_so_says_it_was_not_asked(filed: Database) -> None:
    """Nothing was searched, so nothing was found missing."""
    (answer,) = answers(filed, query("dmv.vessel", {"LIC": "0SYN001"}))

    assert answer.state is LegState.NOT_ASKED
    assert "cannot be searched by LIC" in answer.detail


@pytest.mark.parametrize(
    "name", ["NULL,TRUE", "O'BRIEN,X", "A\x1fB,C", "'; DROP TABLE synthetic.record; --,X"]
)
def test_a_strange_name_is_a_name_and_nothing_more(filed: Database, name: str) -> None:
    """Values reach the statement as values; a separator inside one cannot make two of it."""
    odd, plain = answers(
        filed,
        query("doj.wanted_person", {"NAM": name, "DOB": "19790101"}),
        query("doj.wanted_person", {"OLN": f"Q\x1f{name}"}),
    )

    assert odd.state is LegState.NO_RECORD
    assert plain.state is LegState.NO_RECORD


def test_the_server_killed_between_questions_costs_no_answer(filed: Database) -> None:
    """A connection that was lost is replaced: asking twice does no harm."""

    async def ask(local: LocalRecords) -> list[Answer]:
        system = local.systems["dmv.vehicle"]
        first = await system.ask(query("dmv.vehicle", {"LIC": "0SYN001"}))
        connection = local._store._connection
        assert connection is not None
        with psycopg.connect(filed.conninfo[Role.RECORDS], autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        await asyncio.sleep(0.1)
        return [first, await system.ask(query("dmv.vehicle", {"LIC": "0SYN001"}))]

    assert [answer.state for answer in asking(filed, ask)] == [LegState.RECORD, LegState.RECORD]


def test_a_server_that_stands_still_is_given_up_by_the_deadline(filed: Database) -> None:
    """A stopped server process answers neither the question nor the wish to stop it; the deadline holds.

    Afterwards another connection serves, and nobody gets the answer that was not waited for.
    """

    async def ask(local: LocalRecords) -> list[Answer]:
        system = local.systems["dmv.vehicle"]
        await system.ask(query("dmv.vehicle", {"LIC": "0SYN001"}))
        connection = local._store._connection
        assert connection is not None
        stopped = connection.info.backend_pid
        os.kill(stopped, signal.SIGSTOP)
        try:
            started = time.monotonic()
            silent = await system.ask(query("dmv.vehicle", {"LIC": "0SYN001"}, deadline_s=0.3))
            assert time.monotonic() - started < 1.0
            after = await system.ask(query("dmv.vehicle", {"LIC": "OSYN001"}))
        finally:
            os.kill(stopped, signal.SIGCONT)
        return [silent, after]

    silent, after = asking(filed, ask)

    assert silent.state is LegState.TIMED_OUT
    assert [record.ref for record in after.records] == ["VROSYN001"]


def test_a_record_is_not_filed_where_its_kind_is_not_kept(filed: Database) -> None:
    """All or none: a misfiled record stops the load and names itself."""
    with filed.connect(Role.RECORDS, autocommit=True) as connection:
        with pytest.raises(BadInput) as refused:
            load(connection, [("dmv.vehicle", vehicle("0SYN777")), ("dmv.vehicle", wanted())])
        found = connection.execute("SELECT count(*) FROM synthetic.record WHERE ref = 'VR0SYN777'").fetchone()

    assert refused.value.faults[0].fault == "dmv.vehicle keeps no wanted_person"
    assert found == (0,)


def test_the_network_itself_may_not_read_the_records(filed: Database) -> None:
    """The app's role reaches record systems through their port alone."""
    for role in (Role.APP, Role.READER, Role.KEYRING):
        with filed.connect(role, autocommit=True) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT 1 FROM synthetic.record")


def test_clearing_empties_every_system(new_database: Callable[[], Database]) -> None:
    """A new world begins from nothing."""
    with new_database().connect(Role.RECORDS, autocommit=True) as connection:
        assert load(connection, [("doj.wanted_person", wanted())]) == 1
        clear(connection)
        left = connection.execute("SELECT count(*) FROM synthetic.search_key").fetchone()

    assert left == (0,)
