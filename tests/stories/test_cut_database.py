"""The link to PostgreSQL is cut for five seconds under load, and then is well again.

Fault F-07 (security.md 2.5). The link is a `faultproxy` process in front of the server's socket.
While it is away every answer is typed and says when to try again; afterwards all goes on, the log verifies,
and the history keeps every promise.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from history.checker import Heard, breaches
from history.recording import ask_to_the_end, collected
from openclets.foundation.database import Database, Role
from stories.served import OFFICER, Network, fill_directory, make_keys, served

TESTS = Path(__file__).parents[1]
PLATE = {"message_key": "QPS", "fields": {"LIC": "0SYN001"}, "reason": "traffic stop"}
AWAY_S = 5.0
BACK_IN_S = 20.0
ASKERS = 4
TYPED = {"JOURNAL_UNAVAILABLE", "DIRECTORY_UNAVAILABLE", "DATABASE_UNAVAILABLE", "SWITCH_BUSY"}


@pytest.fixture(scope="module")
def people(database: Database) -> Database:
    """A database with an agency and its operators, whom no quota holds back."""
    fill_directory(database, quota_exempt=True)
    return database


@contextmanager
def troubled(database: Database, folder: Path) -> Iterator[tuple[Database, subprocess.Popen[str]]]:
    """The same database by way of a fault proxy in front of its socket, and the proxy, which obeys lines."""
    behind = folder / "socket"
    behind.mkdir()
    before = Path(str(conninfo_to_dict(database.conninfo[Role.APP])["host"]))
    name = ".s.PGSQL.5432"
    command = [sys.executable, "-m", "faultproxy", "--listen", str(behind / name), "--to", str(before / name)]
    proxy = subprocess.Popen(command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert proxy.stdin is not None and proxy.stdout is not None
    try:
        assert proxy.stdout.readline().strip() == str(behind / name)
        by_way = {role: make_conninfo(info, host=str(behind)) for role, info in database.conninfo.items()}
        yield Database(by_way), proxy
    finally:
        proxy.kill()
        proxy.wait()
        proxy.stdin.close()
        proxy.stdout.close()


def say(proxy: subprocess.Popen[str], line: str) -> None:
    """Type a line to the proxy."""
    print(line, file=proxy.stdin, flush=True)


async def load(network: Network, heard: list[tuple[float, Heard]], enough: asyncio.Event) -> None:
    """One asker who goes on asking, and whose every refusal must be typed and say when to try again."""
    while not enough.is_set():
        body: dict[str, Any] = PLATE
        try:
            answer = await network.http.post("/api/v1/inquiries", json=body, headers=network.bearer())
        except httpx.HTTPError as broken:
            raise AssertionError(f"an asker was left without an answer: {broken!r}") from broken
        if answer.status_code == 200:
            heard.append((time.monotonic(), Heard(OFFICER.id, (answer.json(),))))
            continue
        error = answer.json()["error"]
        assert answer.status_code == 503 and error["code"] in TYPED, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        heard.append((time.monotonic(), Heard(OFFICER.id, code=error["code"], receipt=error.get("receipt"))))
        await asyncio.sleep(0.05)


def test_the_database_link_is_away_for_five_seconds_under_load(people: Database, directory: Path) -> None:
    """Typed refusals while it is away; answers again soon after; nothing lost, nothing doubled, no gap."""
    make_keys(directory)

    async def whole(by_way: Database, proxy: subprocess.Popen[str]) -> None:
        async with served(by_way, directory) as network:
            while not (await ask_to_the_end(network, PLATE)).replies:
                await asyncio.sleep(0.1)
            heard: list[tuple[float, Heard]] = []
            enough = asyncio.Event()
            askers = [asyncio.ensure_future(load(network, heard, enough)) for _ in range(ASKERS)]
            await asyncio.sleep(1)
            say(proxy, "cut")
            await asyncio.sleep(AWAY_S)
            say(proxy, "clear")
            well_at = time.monotonic()
            while not [at for at, one in heard if one.replies and at > well_at + 0.2]:
                assert time.monotonic() - well_at < BACK_IN_S, Counter(one.code for _, one in heard)
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.5)
            enough.set()
            await asyncio.gather(*askers)
            codes = Counter(one.code for _, one in heard if one.code)
            assert codes.keys() & {"JOURNAL_UNAVAILABLE", "DIRECTORY_UNAVAILABLE"}, codes
            await _nothing_open(network)
            history = await collected(network, [one for _, one in heard], "", frozenset())
            assert breaches(history) == []
        log = str(directory / "log" / "state")
        command = [sys.executable, "-m", "openclets.cli.main", "journal", "verify", log]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    with troubled(people, directory) as (by_way, proxy):
        asyncio.run(whole(by_way, proxy))


async def _nothing_open(network: Network) -> None:
    """Wait until what the cut left open has been closed (I2: within a minute after the fault)."""
    deadline = time.monotonic() + 60
    while len(network.running.network.left_open) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    assert not len(network.running.network.left_open)
