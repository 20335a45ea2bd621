"""Every fault a line to a record system can have, with real processes: what askers see, and what is entered.

Faults: security.md 2.5, F-19 to F-30. Between the network and the national system stands `faultproxy`, one
line for each of its files. After each fault a history of what clients heard, what the national system logged
and what the journal holds is judged by `history.checker`: nothing unentered was shown or asked, all that was
accepted has ended, and no silence was shown as "no record".
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from faultproxy.proxy import FaultProxy
from history.checker import Heard, History, Reached, breaches
from history.recording import ask_to_the_end, collected
from openclets.adapters.http_json.outside_process import OutsideProcess
from openclets.adapters.http_json.system import HttpJsonSystem
from openclets.foundation.database import Database
from openclets.wiring import LINKS_FILE
from stories.served import (
    COLLEAGUE,
    NCIC,
    OFFICER,
    Network,
    fill_directory,
    make_keys,
    outside,
    quick_connectors,
    quick_routes,
    served,
)

NATIONAL = "ncic.wanted_person"
ORDERS = "ncic.protection_order"
ON_FILE = {"NAM": "DOE,SAM", "DOB": "19790101"}
NOT_ON_FILE = {"NAM": "SYNTHE,NOBODY", "DOB": "19700101"}
BACK_IN_S = 15.0
MEMORY_GROWN_MAX = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def people(database: Database) -> Database:
    """A database with an agency and its operators, whom no quota holds back."""
    fill_directory(database, quota_exempt=True)
    return database


@dataclass
class Stage:
    """A network whose lines to the national system can be troubled, and all that was heard so far."""

    network: Network
    lines: dict[str, FaultProxy]
    process: OutsideProcess
    heard: list[Heard] = field(default_factory=list)
    questions_garbled: bool = False
    """Whether the outside system may have logged what nobody sent."""

    def trouble(self, words: str, systems: Iterable[str] = NCIC) -> None:
        """The same fault on the lines of those systems."""
        for system in systems:
            self.lines[system].set(words)
            if self.lines[system].manners.refuse:
                self.lines[system].reset_all()

    async def ask(self, count: int, *, apart_s: float = 0.0, key: str = "QW") -> list[Heard]:
        """So many inquiries by two officers, half for somebody on file, each listened to until its end."""

        async def one(n: int) -> Heard:
            await asyncio.sleep(n * apart_s)
            body = {"message_key": key, "fields": ON_FILE if n % 2 else NOT_ON_FILE, "reason": "person check"}
            return await ask_to_the_end(self.network, body, (OFFICER, COLLEAGUE)[n // 2 % 2])

        heard = await asyncio.gather(*(one(n) for n in range(count)))
        self.heard += heard
        return list(heard)

    def connector(self, system: str = NATIONAL) -> HttpJsonSystem:
        """The connector of a system."""
        found = self.network.running.network.systems[system]
        assert isinstance(found, HttpJsonSystem)
        return found

    async def until_well(self) -> float:
        """Clear the faults; the seconds until the national files answer again."""
        self.trouble("")
        began = time.monotonic()
        while time.monotonic() - began < BACK_IN_S:
            _, heard = await self.ask(2)
            if heard.replies and states_of(heard)[NATIONAL] == "HIT":
                return time.monotonic() - began
            await asyncio.sleep(0.2)
        raise AssertionError("the national system has not come back")


def states_of(heard: Heard) -> dict[str, str]:
    """The state of each leg at the end."""
    return {leg["system"]: leg["state"] for leg in heard.replies[-1]["legs"]}


@asynccontextmanager
async def stage(
    database: Database, folder: Path, process: OutsideProcess, limits: dict[str, Any]
) -> AsyncIterator[Stage]:
    """A network with a line for each national file; at the end its history must keep every promise."""
    to = process.url.partition("//")[2]
    async with AsyncExitStack() as stack:
        lines = {
            system: await stack.enter_async_context(FaultProxy("127.0.0.1:0", to, seed=n))
            for n, system in enumerate(NCIC)
        }
        links = {system: f"http://{line.address}" for system, line in lines.items()}
        (folder / LINKS_FILE).write_bytes(msgspec.json.encode(links))
        network = await stack.enter_async_context(
            served(database, folder, quick_routes(), quick_connectors(answer_s=4.0, **limits))
        )
        played = Stage(network, lines, process)
        await played.until_well()
        yield played
        await played.until_well()
        history = await collected(network, played.heard, process.url, frozenset(NCIC))
        if played.questions_garbled:
            history = replace(history, reached=tuple(_as_sent(history)))
        assert breaches(history) == []
        assert len(history.reached) > 0


def _as_sent(history: History) -> Iterator[Reached]:
    """The messages that reached the outside system ungarbled, as far as its log can tell."""
    intents = {entry.index: entry for entry in history.entries if entry.kind == "InquiryPermitted"}
    for reached in history.reached:
        intent = intents.get(reached.entry_index)
        sent = (reached.transaction, reached.entry_sha256, reached.operator_id)
        if intent and sent == (intent.transaction, intent.leaf_sha256, intent.operator_id):
            yield reached


def play(database: Database, folder: Path, act: Callable[[Stage], Awaitable[None]], **limits: Any) -> None:
    """Run one act on a stage of its own; `limits` change the rows of the connector table."""
    make_keys(folder)

    async def whole(process: OutsideProcess) -> None:
        async with stage(database, folder, process, limits) as played:
            await act(played)

    with outside(folder) as process:
        asyncio.run(whole(process))


NEVER_HEARD = {"TIMED_OUT", "UNAVAILABLE", "NOT_ASKED", "UNREADABLE", "TRUNCATED"}
FAULTS = {
    "F-19 hangs": ("down:drop", NEVER_HEARD),
    "F-19 is not reached": ("up:drop", NEVER_HEARD),
    "F-20 resets": ("down:reset", NEVER_HEARD),
    "F-20 lets nobody in": ("refuse", NEVER_HEARD),
    "F-21 drips": ("down:drip=20", NEVER_HEARD),
    "F-22 answers twice": ("down:duplicate=1", NEVER_HEARD | {"HIT", "NO_RECORD", "LATE"}),
    "F-23 answers in another order": (
        "down:reorder=0.5,delay=0.05~0.05",
        NEVER_HEARD | {"HIT", "NO_RECORD", "LATE"},
    ),
    "F-24 answers somebody else": ("down:cross=0.7", NEVER_HEARD | {"HIT", "NO_RECORD", "LATE"}),
    # A bit that means nothing may be hit; what is believed all the same is held against the system's own log.
    "F-25 garbles its answers": ("down:corrupt=1", NEVER_HEARD | {"HIT", "NO_RECORD"}),
    "F-25 garbles the questions": ("up:corrupt=1", NEVER_HEARD | {"HIT", "NO_RECORD", "DENIED"}),
    "cuts its answers off": ("down:cut=150", NEVER_HEARD),
    "is half open": ("up:half_open", NEVER_HEARD),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_line_is_a_state_and_never_a_negative(
    name: str, people: Database, directory: Path
) -> None:
    """Twelve people at once ask while the line is so; each hears the state's own answer in time."""
    words, allowed = FAULTS[name]

    async def act(played: Stage) -> None:
        played.questions_garbled = words.startswith("up:corrupt")
        played.trouble(words)
        heard = await played.ask(12)
        assert all(one.replies for one in heard), [one.code for one in heard if not one.replies]
        assert {states_of(one)[NATIONAL] for one in heard} <= allowed
        assert {states_of(one)["doj.wanted_person"] for one in heard} == {"NO_RECORD"}
        assert played.lines[NATIONAL].counts.faults + played.lines[NATIONAL].counts.refused > 0

    play(people, directory, act)


def test_a_giant_answer_is_cut_and_costs_no_memory(people: Database, directory: Path) -> None:
    """F-26: a hundred megabytes to one question are read up to the limit, and the leg says so."""

    async def act(played: Stage) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        async with _giant() as (address, sent):
            connector = played.connector()
            genuine, connector._url = connector._url, f"http://{address}/v1/inquiries"
            heard = await played.ask(4)
            connector._url = genuine
        assert {states_of(one)[NATIONAL] for one in heard} <= {"UNREADABLE", "TRUNCATED"}
        assert max(sent) < 64 * 1024 * 1024
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < MEMORY_GROWN_MAX

    play(people, directory, act)


@asynccontextmanager
async def _giant() -> AsyncIterator[tuple[str, list[int]]]:
    """A server whose answers are a hundred megabytes, and how much of each it got rid of."""
    sent: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        length = 100 * 1024 * 1024
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: {length}\r\n\r\n"
        writer.write(head.encode())
        sent.append(0)
        place = len(sent) - 1
        try:
            while sent[place] < length:
                writer.write(b" " * 65_536)
                await writer.drain()
                sent[place] += 65_536
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}", sent
    finally:
        server.close()


def test_a_system_that_flaps_does_not_make_the_breaker_flap(people: Database, directory: Path) -> None:
    """F-28: a second up, a second down, for eight seconds under load: it is left alone once, not by turns."""

    async def act(played: Stage) -> None:
        async def flap() -> None:
            for n in range(8):
                played.trouble("refuse" if n % 2 == 0 else "")
                await asyncio.sleep(1)

        flapping = asyncio.ensure_future(flap())
        heard = await played.ask(160, apart_s=0.045)
        await flapping
        breaker = played.connector().breaker
        assert breaker.openings == 1
        states = Counter(states_of(one)[NATIONAL] for one in heard if one.replies)
        assert states["NOT_ASKED"] > states["UNAVAILABLE"]

    # The trial outlasts the flapping's own second, as the shipped table's does.
    play(people, directory, act, breaker_trial_s=1.2)


def test_all_outside_systems_down_leave_the_states_own_answers(people: Database, directory: Path) -> None:
    """F-29: the process is killed: every national leg says so at once, the state's answer, nothing waits."""

    async def act(played: Stage) -> None:
        played.trouble("refuse")
        began = time.monotonic()
        heard = await played.ask(20)
        assert time.monotonic() - began < 5
        for one in heard:
            (reply,) = one.replies
            assert reply["final"] and not reply["summary"].startswith("No record: every source")
            states = states_of(one)
            assert {states[NATIONAL], states[ORDERS]} <= {"UNAVAILABLE", "NOT_ASKED"}
            assert states["doj.wanted_person"] == "NO_RECORD"

    play(people, directory, act)


def test_two_systems_ten_times_slow_do_not_slow_the_others(people: Database, directory: Path) -> None:
    """F-30: while composites wait for two slow files, a plate at the state's own is answered at once."""

    async def act(played: Stage) -> None:
        played.trouble("down:delay=1.2~0.2", (NATIONAL, ORDERS))
        slow = asyncio.ensure_future(played.ask(60))
        await asyncio.sleep(0.2)
        waits = []
        for _ in range(10):
            began = time.monotonic()
            plate = {"message_key": "QPS", "fields": {"LIC": "0SYN001"}, "reason": "traffic stop"}
            heard = await ask_to_the_end(played.network, plate, COLLEAGUE)
            played.heard.append(heard)
            assert heard.replies and heard.replies[-1]["final"], heard
            waits.append(time.monotonic() - began)
        assert sorted(waits)[5] < 0.5, waits
        states = {states_of(one)[NATIONAL] for one in await slow if one.replies}
        assert states & {"HIT", "NO_RECORD", "LATE"}

    play(people, directory, act)
