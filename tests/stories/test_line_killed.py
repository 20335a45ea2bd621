"""The listener, the network and the database are killed with -9 under load from lines: what was accepted is
answered, and once.

A history of what the clients saw is held against the journal and the line's own rows. One demo of this
module's own; invariants: security.md 2.2.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from openclets.foundation.database import Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.opening import recorded
from openclets.line.client import Answer
from openclets.line.line_file import LineFile
from openclets.line.steady import SteadyLine
from openclets.web.serve import free_port
from running_demo import EXEMPT, RunningDemo, start_demo, stop_demo

LOAD_S = 6.0
SETTLED_S = 60.0
AT_A_TIME = 8
LINE = "LOADLINE"
_TRANSACTION = re.compile(r"^TRANSACTION (\S+) (?:FINAL|MORE TO COME)$", re.MULTILINE)


@dataclass
class History:
    """What one system saw: references it sent, those the network took, and every answer with its number."""

    sent: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    heard: list[Answer] = field(default_factory=list)

    @property
    def finals(self) -> Counter[str]:
        """How many last answers each reference has had, a number that came twice counted once."""
        return Counter(answer.ref for answer in {a.seq: a for a in self.heard}.values() if answer.final)


@pytest.fixture(scope="module")
def mortal(directory_of_module: Path) -> Iterator[RunningDemo]:
    """A demo that may be killed, whose listener keeps its port, with a line that no quota holds back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCLETS_LINE_PORT", str(free_port("127.0.0.1", 0)))
        demo = start_demo(directory_of_module)
        patch.setenv("OPENCLETS_DATA_DIR", str(demo.folder))
        command = [sys.executable, "-m", "openclets.cli.main", "line", "enroll", LINE]
        command += ["--operator", EXEMPT, "--terminal", demo.operators[EXEMPT]["terminal"]]
        subprocess.run(command, check=True, timeout=30)
        yield demo
        assert stop_demo(demo) == 0, demo.printed()[-3000:]


def line_file(demo: RunningDemo) -> LineFile:
    """What the line connects with."""
    return LineFile.read(demo.folder / "line" / f"{LINE}.json")


def listener(demo: RunningDemo) -> int:
    """The process id of the demo's listener."""
    mine = str(demo.folder).encode()
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"openclets.line.listener_process" in command and mine in command:
                return int(process.name)
    raise AssertionError("no listener runs: " + demo.printed()[-3000:])


def postmaster(demo: RunningDemo) -> int:
    """The process id of the demo's PostgreSQL."""
    cluster = Path(json.loads((demo.folder / "pg.json").read_text())["server"]["cluster"])
    return int((cluster / "postmaster.pid").read_text().splitlines()[0])


async def load(demo: RunningDemo, history: History, killing: list[float], kill: object) -> None:
    """Several messages at a time for LOAD_S seconds, killing at the times given; then wait for the rest."""
    _, example = demo.example("plate")
    text = f"RQ.LIC/{example['fields']['LIC']}.LIS/CA.RSN/TRAFFIC STOP"
    begun = time.monotonic()

    async def take(answer: Answer) -> None:
        history.heard.append(answer)

    line = SteadyLine(line_file(demo), take, software="history checker")
    running = asyncio.ensure_future(line.run())

    async def send(number: int) -> None:
        count = 0
        while time.monotonic() < begun + LOAD_S:
            count += 1
            ref = f"{os.getpid() % 10000}K{len(killing)}N{number}C{count}"
            history.sent.append(ref)
            await line.send(text, ref)
            history.taken.append(ref)
            await asyncio.sleep(0.02)

    async def strike() -> None:
        for after in killing:
            await asyncio.sleep(max(begun + after - time.monotonic(), 0))
            kill()  # type: ignore[operator]

    async with asyncio.timeout(LOAD_S + SETTLED_S):
        await asyncio.gather(strike(), *(send(number) for number in range(AT_A_TIME)))
        # Every answer is acknowledged too: one whose acknowledgement was lost comes again.
        while owed(demo) and not running.done():
            await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def owed(demo: RunningDemo) -> int:
    """How many messages and answers of the line are under way; more than none while the database is away."""
    try:
        with recorded(demo.folder).connect(Role.READER) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM line.inbox WHERE phase <> 'answered')"
                " + (SELECT count(*) FROM line.outbox)"
            ).fetchone()
    except Unavailable:
        return 1
    assert row is not None
    return int(row[0])


def check(demo: RunningDemo, history: History) -> None:
    """Every message that was taken has one last answer, each of them its own entries, and none is doubled."""
    assert len(history.taken) == len(set(history.taken)) >= 10
    assert set(history.sent) == set(history.taken)
    assert set(history.finals) == set(history.taken), "lost or unasked-for"
    assert set(history.finals.values()) == {1}, "answered twice"
    by_seq: dict[int, str] = {}
    for answer in history.heard:
        assert by_seq.setdefault(answer.seq, answer.text) == answer.text, "one number, two answers"
    transactions = [found[1] for text in by_seq.values() if (found := _TRANSACTION.search(text))]
    per_message = Counter(transactions)
    assert len(per_message) >= len(history.taken) * 0.9, "most inquiries were permitted and answered"
    released = Counter(entry.transaction for entry in demo.entries() if entry.kind == "ReplyReleased")
    assert all(released[transaction] == 1 for transaction in per_message), "an answer without its entry"
    with recorded(demo.folder).connect(Role.READER) as connection:
        rows = connection.execute(
            "SELECT ref, phase, transaction FROM line.inbox WHERE ref = ANY(%s)", (history.taken,)
        ).fetchall()
    assert Counter(ref for ref, _, _ in rows) == Counter(history.taken), "taken twice, or not kept"
    assert {phase for _, phase, _ in rows} == {"answered"}
    given = [transaction for _, _, transaction in rows if transaction]
    assert len(given) == len(set(given)), "two messages, one transaction"


def test_a_listener_killed_under_load_loses_and_doubles_nothing(mortal: RunningDemo) -> None:
    """Killed three times amid messages; its supervisor starts it again, the client goes on by itself."""
    history = History()

    def kill() -> None:
        os.kill(listener(mortal), signal.SIGKILL)

    asyncio.run(load(mortal, history, [1.0, 3.5, 5.5], kill))
    check(mortal, history)


def test_a_database_killed_under_load_loses_and_doubles_nothing(mortal: RunningDemo) -> None:
    """While it is away the line says NAK, and when to come again."""
    history = History()

    def kill() -> None:
        os.kill(postmaster(mortal), signal.SIGKILL)

    asyncio.run(load(mortal, history, [1.0, 4.0], kill))
    check(mortal, history)


def test_a_network_killed_under_load_answers_what_was_accepted(
    mortal: RunningDemo, directory_of_module: Path
) -> None:
    """All of the demo goes down amid messages and is started again: what was taken is answered, once."""
    history = History()

    def kill() -> None:
        mortal.process.kill()
        mortal.process.wait()
        mortal.http.close()
        mortal.__dict__.update(start_demo(directory_of_module).__dict__)

    asyncio.run(load(mortal, history, [1.5], kill))
    check(mortal, history)
