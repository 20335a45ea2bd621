"""The process's own numbers: in Prometheus' form, true, and about nobody."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from openclets.foundation.database import Database
from openclets.foundation.errors import Unavailable
from openclets.foundation.settings import Settings
from openclets.web.metrics import BUCKETS_S, MetricsPort, Tally, exposition
from openclets.web.serve import free_port
from stories.served import OFFICER, Network, fill_directory, make_keys, served

PLATE = {"message_key": "QPS", "fields": {"LIC": "0ABC123"}, "reason": "traffic stop"}
SAMPLE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"{}\\\n]*"\})? -?[0-9.e+]+$')


@pytest.fixture(scope="module")
def people(database: Database) -> Database:
    """A database with an agency and its operators."""
    fill_directory(database)
    return database


def values(text: str) -> dict[str, float]:
    """Each sample by name and labels; every line must have the form."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# "):
            assert re.match(r"# (HELP|TYPE) [a-z_]+ .+", line)
            continue
        assert SAMPLE.match(line), line
        name, _, value = line.rpartition(" ")
        found[name] = float(value)
    return found


def test_the_numbers_are_those_of_the_network(people: Database, directory: Path) -> None:
    """Entries, writability, the published log; and no operator's name anywhere."""
    make_keys(directory)

    async def story(network: Network) -> None:
        await network.ask(PLATE)
        tally = Tally()
        tally.answered(200, 0.003)
        tally.answered(403, 0.5)
        text = exposition(network.running, tally)
        told = values(text)
        assert told['openclets_inquiries_total{code="200"}'] == 1
        assert told['openclets_inquiries_total{code="403"}'] == 1
        assert told["openclets_journal_entries"] == await network.running.stored.size()
        assert told["openclets_journal_writable"] == told["openclets_directory_current"] == 1
        assert told['openclets_admitted_total{class="P2"}'] == 1
        assert told['openclets_turned_away_total{class="P0"}'] == told["openclets_held"] == 0
        assert told["process_resident_memory_bytes"] > 10_000_000
        assert OFFICER.id not in text and OFFICER.agency_ori not in text

    async def whole() -> None:
        async with served(people, directory) as network:
            await story(network)

    asyncio.run(whole())


def test_the_histogram_counts_upwards() -> None:
    """Each bucket holds the ones before it, and the last one all."""
    tally = Tally()
    for took_s in (0.001, 0.005, 0.02, 0.3, 60.0):
        tally.answered(200, took_s)
    counts = [sum(tally.buckets[: n + 1]) for n in range(len(BUCKETS_S) + 1)]
    assert counts == sorted(counts)
    assert counts[0] == 2 and counts[-1] == 5


def test_it_is_served_on_a_port_of_its_own_and_nothing_else_is(people: Database, directory: Path) -> None:
    """GET /metrics there; 404 for the rest; a second process on that port is told so."""
    make_keys(directory)

    async def whole() -> None:
        async with served(people, directory) as network:
            number = free_port("127.0.0.1", 0)
            port = MetricsPort(network.running, Tally(), "127.0.0.1", number)
            await port.begin()
            with pytest.raises(Unavailable):
                await MetricsPort(network.running, Tally(), "127.0.0.1", number).begin()
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{number}") as http:
                found = await http.get("/metrics")
                assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
                assert values(found.text)
                assert (await http.get("/api/v1/inquiries")).status_code == 404
            await port.end()
            assert (await network.http.get("/metrics")).status_code == 404

    asyncio.run(whole())


def test_it_is_off_unless_a_port_is_named() -> None:
    """Nobody serves numbers without having asked for it."""
    assert Settings().metrics_port == 0
