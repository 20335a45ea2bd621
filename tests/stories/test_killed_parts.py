"""Parts are killed with -9 under load: nothing that left lacks its entry, and the network goes on.

Invariants: security.md 2.4, I1, I2, I8, I10. One demo of this module's own, killed and started again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from running_demo import EXEMPT, RunningDemo, SeenEntry, start_demo, stop_demo

BACK_IN_S = 8.0
CLOSED_IN_S = 6.0
RETRIED_IN_S = 15.0
ASKERS = 6
TYPED = frozenset(
    {"JOURNAL_UNAVAILABLE", "DIRECTORY_UNAVAILABLE", "DATABASE_UNAVAILABLE", "SWITCH_BUSY", "IN_PROGRESS"}
)
CLOSINGS = frozenset({"ReplyReleased", "ReplyWithheld", "InquiryAbandoned"})


@dataclass
class Load:
    """What askers heard: answered replies, the codes of refusals, and when each answer came."""

    answered: list[dict[str, Any]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    unanswered: list[dict[str, Any]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)


@contextmanager
def load_on(demo: RunningDemo) -> Iterator[Load]:
    """Several askers who go on asking until the block ends; each inquiry has a key of its own."""
    heard, enough = Load(), threading.Event()
    _, body = demo.example("load")

    def ask(number: int) -> None:
        n = 0
        with httpx.Client(timeout=30, headers=demo.bearer(EXEMPT)) as http:
            while not enough.is_set():
                n += 1
                sent = {**body, "idempotency_key": f"load-{number}-{n}-{time.monotonic_ns()}"}
                try:
                    answer = http.post(f"{demo.base}/api/v1/inquiries", json=sent)
                except httpx.HTTPError:
                    heard.unanswered.append(sent)
                    time.sleep(0.05)
                    continue
                _note(heard, answer, sent)

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(ASKERS)]
    for asker in askers:
        asker.start()
    try:
        yield heard
    finally:
        enough.set()
        for asker in askers:
            asker.join()


def _under_way(heard: Load, answers: int = 20, patience_s: float = 60.0) -> None:
    """Return once the load is being answered, however slow the machine is."""
    deadline = time.monotonic() + patience_s
    while len(heard.answered) < answers:
        assert time.monotonic() < deadline, "the load is not answered"
        time.sleep(0.02)


def _note(heard: Load, answer: httpx.Response, sent: dict[str, Any]) -> None:
    if answer.status_code == 200:
        heard.answered.append(answer.json())
        heard.at.append(time.monotonic())
        return
    error = answer.json().get("error", {})
    heard.codes.append(error.get("code", ""))
    if error.get("code") not in TYPED or answer.status_code not in (409, 503):
        heard.odd.append(answer.text[:300])
    elif "retry-after" not in answer.headers:
        heard.odd.append("no Retry-After: " + answer.text[:300])
    heard.unanswered.append(sent)
    time.sleep(0.02)


@pytest.fixture(scope="module")
def mortal(directory_of_module: Path) -> Iterator[RunningDemo]:
    """A demo that may be killed."""
    demo = start_demo(directory_of_module)
    yield demo
    assert stop_demo(demo) == 0, demo.printed()[-3000:]


def verify(demo: RunningDemo) -> None:
    """The public log verifies, from its files alone."""
    command = [sys.executable, "-m", "openclets.cli.main", "journal", "verify", str(demo.log)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def check_book(entries: list[SeenEntry], heard: Load) -> None:
    """I1 and I8: each answer that left has exactly the entry its receipt names; no gap, no doubling."""
    assert [entry.index for entry in entries] == list(range(len(entries)))
    replies = {entry.transaction: entry for entry in entries if entry.kind == "ReplyReleased"}
    count = Counter(entry.transaction for entry in entries if entry.kind == "ReplyReleased")
    assert not [transaction for transaction, times in count.items() if times > 1]
    for reply in heard.answered:
        entry = replies[reply["transaction"]]
        assert entry.index == reply["receipt"]["index"]
        assert entry.leaf_hex == reply["receipt"]["entry_sha256"]


def open_intents(entries: list[SeenEntry]) -> list[str]:
    """The transactions that were permitted and never closed."""
    closed = {entry.transaction for entry in entries if entry.kind in CLOSINGS}
    return [e.transaction for e in entries if e.kind == "InquiryPermitted" and e.transaction not in closed]


def postmaster(demo: RunningDemo) -> int:
    """The process id of the demo's PostgreSQL, which changes when it is raised from the dead."""
    socket = json.loads((demo.folder / "pg.json").read_text())["server"]["cluster"]
    return int((Path(socket) / "postmaster.pid").read_text().splitlines()[0])


def wait_for(demo: RunningDemo, answered: Load, since: float) -> float:
    """Seconds from `since` to the first answer after it."""
    deadline = since + 60
    while time.monotonic() < deadline:
        later = [at for at in answered.at if at > since + 0.05]
        if later:
            return later[0] - since
        time.sleep(0.02)
    raise AssertionError("no answer within a minute: " + demo.printed()[-3000:])


def test_a_database_killed_under_load_refuses_and_comes_back(mortal: RunningDemo) -> None:
    """While it is away every answer is a typed 503 with a time to wait; within seconds all goes on."""
    backs: list[float] = []
    with load_on(mortal) as heard:
        _under_way(heard)
        for _ in range(3):
            killed_at = time.monotonic()
            os.kill(postmaster(mortal), signal.SIGKILL)
            time.sleep(0.3)
            backs.append(wait_for(mortal, heard, killed_at + 0.3))
            time.sleep(1)
    assert heard.odd == []
    assert "JOURNAL_UNAVAILABLE" in heard.codes or "DIRECTORY_UNAVAILABLE" in heard.codes
    assert max(backs) < BACK_IN_S, backs
    assert mortal.get("/readyz").status_code == 200
    time.sleep(1.5)
    verify(mortal)
    entries = mortal.entries()
    check_book(entries, heard)
    deadline = time.monotonic() + CLOSED_IN_S
    while open_intents(entries) and time.monotonic() < deadline:
        time.sleep(0.2)
        entries = mortal.entries()
    assert open_intents(entries) == []


def test_an_inquiry_cut_by_the_database_may_be_sent_again_with_its_key(mortal: RunningDemo) -> None:
    """The retry is answered once, or told to wait; no key is lost, and none answers twice."""
    with load_on(mortal) as heard:
        _under_way(heard)
        os.kill(postmaster(mortal), signal.SIGKILL)
        time.sleep(1)
        wait_for(mortal, heard, time.monotonic())
    sent = heard.unanswered[-1]
    deadline = time.monotonic() + RETRIED_IN_S
    while (answer := mortal.ask(sent)).status_code != 200:
        assert answer.json()["error"]["code"] in TYPED, answer.text
        assert time.monotonic() < deadline
        time.sleep(0.5)
    again = mortal.ask(sent)
    assert again.json()["transaction"] == answer.json()["transaction"]


def test_a_network_killed_under_load_closes_what_it_left_open(
    mortal: RunningDemo, directory_of_module: Path
) -> None:
    """Killed with -9 amid answers and started again: the log verifies, each answer that left is in it, and
    every intent without a reply is closed as abandoned.
    """
    rounds: list[Load] = []
    demo = mortal
    for _ in range(3):
        with load_on(demo) as heard:
            _under_way(heard)
            demo.process.kill()
            demo.process.wait()
        demo.http.close()
        rounds.append(heard)
        demo = start_demo(directory_of_module)
        mortal.__dict__.update(demo.__dict__)
    assert [each.odd for each in rounds] == [[], [], []]
    assert all(each.answered for each in rounds)
    time.sleep(1.5)
    verify(mortal)
    entries = mortal.entries()
    for each in rounds:
        check_book(entries, each)
    assert open_intents(entries) == []
    assert "InquiryAbandoned" in {entry.kind for entry in entries}
    sent = next(iter(rounds[-1].unanswered))
    deadline = time.monotonic() + RETRIED_IN_S
    while (answer := mortal.ask(sent)).status_code != 200:
        assert answer.json()["error"]["code"] == "IN_PROGRESS", answer.text
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_nothing_is_left_running_when_the_network_is_killed(mortal: RunningDemo) -> None:
    """The database and the outside systems die with the process that started them."""
    children = [int(pid) for pid in _children(mortal.process.pid)]
    assert len(children) >= 4
    mortal.process.kill()
    mortal.process.wait()
    deadline = time.monotonic() + 10
    while [pid for pid in children if _alive(pid)] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in children if _alive(pid)] == []
    mortal.http.close()
    mortal.__dict__.update(start_demo(mortal.folder.parent).__dict__)


def _children(process: int) -> list[str]:
    return " ".join(
        (task / "children").read_text() for task in Path(f"/proc/{process}/task").iterdir()
    ).split()


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
