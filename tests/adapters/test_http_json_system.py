"""The HTTP connector before real sockets and real processes: limits, breaker, redirects, slow answers."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from adapters.line import Line
from adapters.samples import FILED, GATE_KEY, query
from faultproxy.proxy import FaultProxy
from openclets.adapters.connectors import ConnectorLimits, connector_table, limits_for
from openclets.adapters.http_json.outside import LoggedMessage, read_records, write_records
from openclets.adapters.http_json.outside_process import OutsideProcess, start_outside
from openclets.adapters.http_json.system import HttpJsonSystem
from openclets.adapters.http_json.wire import PATH, message
from openclets.foundation.clock import SystemClock
from openclets.foundation.errors import BadInput
from openclets.records.answer import Answer, LegState
from openclets.records.conformance import Trouble
from openclets.records.query import MessageClass

LIMITS = limits_for("ncic.wanted_person")
FOUND = {"NAM": "DOE,SAM", "DOB": "19790101"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A records file and a gate key."""
    folder: Path = tmp_path_factory.mktemp("outside")
    write_records(folder / "ncic.jsonl", [filed for filed in FILED if filed[0].startswith("ncic.")])
    (folder / "gate.key").write_text(GATE_KEY.hex() + "\n")
    return folder


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., OutsideProcess]]:
    """Starts outside systems; stops them all at the end."""
    started: list[OutsideProcess] = []

    def make(**manners: object) -> OutsideProcess:
        started.append(start_outside("ncic", folder / "ncic.jsonl", folder / "gate.key", **manners))  # type: ignore[arg-type]
        return started[-1]

    yield make
    for process in started:
        process.stop()


def asking(
    url: str, ask: Callable[[HttpJsonSystem], Awaitable[list[Answer]]], limits: ConnectorLimits = LIMITS
) -> list[Answer]:
    async def run() -> list[Answer]:
        system = HttpJsonSystem("ncic.wanted_person", url, GATE_KEY, limits, SystemClock())
        try:
            return await ask(system)
        finally:
            await system.close()

    return asyncio.run(run())


def get(url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as response:
        body: bytes = response.read()
    return body


def test_the_outside_system_keeps_its_own_count_and_log(start: Callable[..., OutsideProcess]) -> None:
    """What reached it can be reconciled with our journal: by transaction and entry, without search terms."""
    outside = start()
    asked = [query("ncic.wanted_person", FOUND) for _ in range(3)]

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        return [await system.ask(one) for one in asked]

    asking(outside.url, ask)

    assert msgspec.json.decode(get(f"{outside.url}/count")) == {
        "name": "ncic",
        "transactions": 3,
        "messages": 3,
    }
    lines = get(f"{outside.url}/log").splitlines()
    logged = [msgspec.json.decode(line, type=LoggedMessage) for line in lines]
    assert [entry.transaction for entry in logged] == [one.transaction for one in asked]
    assert [entry.entry_index for entry in logged] == [one.receipt.index for one in asked]
    assert b"DOE" not in b"".join(lines)


def test_the_outside_system_denies_a_message_whose_receipt_it_cannot_verify(
    start: Callable[..., OutsideProcess],
) -> None:
    """It checks for itself: a message that went round our connector is denied, logged and not counted."""
    outside = start()
    asked = query("ncic.wanted_person", FOUND)
    forged = msgspec.structs.replace(asked, receipt=msgspec.structs.replace(asked.receipt, seal="0" * 64))
    request = urllib.request.Request(outside.url + PATH, msgspec.json.encode(message(forged, "x.1", 1.0)))

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    body = opener.open(request, timeout=5).read()

    assert b'"state":"DENIED"' in body and b"DOE" not in body
    assert msgspec.json.decode(get(f"{outside.url}/count"))["transactions"] == 0
    assert b'"state":"DENIED"' in get(f"{outside.url}/log")


def test_a_system_that_is_not_held_there_is_denied(start: Callable[..., OutsideProcess]) -> None:
    """A wrong route is the record system's no, never a negative."""
    outside = start()

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        return [await system.ask(query("ncic.vehicle", {"LIC": "0SYN001"}))]

    (answer,) = asking(outside.url, ask)

    assert answer.state is LegState.DENIED
    assert "ncic.vehicle is not held here" in answer.detail


def test_a_slow_answer_is_still_read_after_a_short_one_gave_up(start: Callable[..., OutsideProcess]) -> None:
    """The deadline is the query's: 0.2 s is too short for a system that takes 0.6 s; 3 s is not (B046)."""
    outside = start(delay_ms=600)

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        return [
            await system.ask(query("ncic.wanted_person", FOUND, deadline_s=deadline))
            for deadline in (0.2, 3.0)
        ]

    short, long = asking(outside.url, ask)

    assert (short.state, long.state) == (LegState.TIMED_OUT, LegState.HIT)
    assert "0.2 s" in short.detail
    assert "NOT A NEGATIVE RESPONSE" in short.text


def test_after_five_faults_the_system_is_left_alone_then_tried_again(
    start: Callable[..., OutsideProcess],
) -> None:
    """The breaker opens after policy and says so: not asked, because of an outage (B046)."""
    outside = start()
    limits = dataclasses.replace(LIMITS, breaker_rest_s=0.3, breaker_trial_s=0.0)

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        answers = []
        line = Line(int(outside.url.rpartition(":")[2]))
        await line.start()
        system._url = line.url + PATH
        async with line.in_trouble(Trouble.SILENT):
            for _ in range(5):
                answers.append(await system.ask(query("ncic.wanted_person", FOUND, deadline_s=0.05)))
            before = line.received
            answers.append(await system.ask(query("ncic.wanted_person", FOUND)))
            assert line.received == before
        await asyncio.sleep(0.35)
        answers.append(await system.ask(query("ncic.wanted_person", FOUND)))
        await line.stop()
        return answers

    *faults, left_alone, again = asking("http://127.0.0.1:9", ask, limits)

    assert {answer.state for answer in faults} == {LegState.TIMED_OUT}
    assert left_alone.state is LegState.NOT_ASKED and left_alone.detail.startswith("outage:")
    assert again.state is LegState.HIT


def test_no_more_than_the_limit_are_in_flight_and_who_waits_in_vain_was_never_asked(
    start: Callable[..., OutsideProcess],
) -> None:
    """Two lines: the third waits, and when its time is over it was UNAVAILABLE, not a fault of asking."""
    outside = start(delay_ms=400)
    limits = dataclasses.replace(LIMITS, in_flight_max=2)

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        waits = (3.0, 3.0, 0.1)
        return await asyncio.gather(
            *(system.ask(query("ncic.wanted_person", FOUND, deadline_s=wait)) for wait in waits)
        )

    first, second, third = asking(outside.url, ask, limits)

    assert first.state is second.state is LegState.HIT
    assert third.state is LegState.UNAVAILABLE and "no line was free" in third.detail
    assert msgspec.json.decode(get(f"{outside.url}/count"))["messages"] == 2


def test_who_finds_every_line_and_every_place_taken_is_told_at_once(
    start: Callable[..., OutsideProcess],
) -> None:
    """One line, one place: the third is UNAVAILABLE before its deadline, and no fault of the system."""
    outside = start(delay_ms=400)
    limits = dataclasses.replace(LIMITS, in_flight_max=1, waiting_max=1, breaker_faults=1)

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        answers = await asyncio.gather(*(system.ask(query("ncic.wanted_person", FOUND)) for _ in range(3)))
        assert system.breaker.opened_at is None
        return list(answers)

    first, second, third = asking(outside.url, ask, limits)

    assert first.state is second.state is LegState.HIT
    assert third.state is LegState.UNAVAILABLE and "wait for a free line" in third.detail


@pytest.mark.parametrize(("message_class", "sendings"), [(MessageClass.INQUIRY, 2), (MessageClass.ENTRY, 1)])
def test_an_inquiry_is_sent_once_more_and_an_entry_never(
    message_class: MessageClass, sendings: int, start: Callable[..., OutsideProcess]
) -> None:
    """The connection is reset after the message was taken: whether it took effect is not known."""
    outside = start()
    seen: list[int] = []

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        async with FaultProxy("127.0.0.1:0", outside.url.partition("//")[2]) as line:
            line.set("down:reset")
            system._url = f"http://{line.address}{PATH}"
            answer = await system.ask(query("ncic.wanted_person", FOUND, message_class=message_class))
            seen.append(line.counts.connections)
            return [answer]

    (answer,) = asking("http://127.0.0.1:9", ask)

    assert answer.state is LegState.UNAVAILABLE
    assert seen == [sendings]
    assert msgspec.json.decode(get(f"{outside.url}/count"))["messages"] == sendings


def test_outside_its_hours_a_system_is_not_asked(start: Callable[..., OutsideProcess]) -> None:
    """NOT_ASKED with the reason and when it is asked again; nothing is sent."""
    outside = start()
    hours = dataclasses.replace(connector_table().calendars["office"], open={}, always=False)

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        return [await system.ask(query("ncic.wanted_person", FOUND))]

    (answer,) = asking(outside.url, ask, dataclasses.replace(LIMITS, hours=hours))

    assert answer.state is LegState.NOT_ASKED
    assert answer.detail.startswith("closed: outside its hours (office, America/Los_Angeles)")
    assert "NOT A NEGATIVE RESPONSE" in answer.text
    assert msgspec.json.decode(get(f"{outside.url}/count"))["messages"] == 0


def test_a_redirect_is_not_followed() -> None:
    """A record system is where the table says; 302 is not an answer."""
    followed = 0

    async def ask(system: HttpJsonSystem) -> list[Answer]:
        async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal followed
            head = await reader.readuntil(b"\r\n\r\n")
            followed += b"/elsewhere" in head
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
        system._url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{PATH}"
        answer = await system.ask(query("ncic.wanted_person", FOUND))
        server.close()
        return [answer]

    (answer,) = asking("http://127.0.0.1:9", ask)

    assert answer.state is LegState.UNREADABLE and "302" in answer.detail
    assert followed == 0


def test_a_silent_process_is_given_up_and_a_flapping_one_comes_back(
    start: Callable[..., OutsideProcess],
) -> None:
    """The demo's ways to misbehave do what they say."""
    silent, flapping = start(silent=True), start(flapping_s=1.0)

    async def once(system: HttpJsonSystem) -> list[Answer]:
        return [await system.ask(query("ncic.wanted_person", FOUND, deadline_s=0.2))]

    async def often(system: HttpJsonSystem) -> list[Answer]:
        answers = []
        for _ in range(14):
            answers.append(await system.ask(query("ncic.wanted_person", FOUND, deadline_s=0.15)))
            await asyncio.sleep(0.1)
        return answers

    assert asking(silent.url, once)[0].state is LegState.TIMED_OUT
    patient = dataclasses.replace(LIMITS, breaker_faults=100)
    states = {answer.state for answer in asking(flapping.url, often, patient)}
    assert states == {LegState.HIT, LegState.TIMED_OUT}


def test_an_outside_process_dies_with_its_parent(folder: Path) -> None:
    """No orphan is left when the demo is killed."""
    code = (
        "import os; from pathlib import Path;"
        "from openclets.adapters.http_json.outside_process import start_outside;"
        f"folder = Path({str(folder)!r});"
        "outside = start_outside('ncic', folder / 'ncic.jsonl', folder / 'gate.key');"
        "print(outside.url, flush=True); os.kill(os.getpid(), 9)"
    )
    url = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE).stdout.decode().strip()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            get(f"{url}/count")
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail(f"{url} still answers")


def test_a_records_file_that_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    """Bad input names where it is bad."""
    path = tmp_path / "broken.jsonl"
    path.write_text('{"system": "ncic.vehicle", "record": {"kind": "stolen_vehicle"}}\n')

    with pytest.raises(BadInput) as refused:
        list(read_records(path))

    assert refused.value.faults[0].field == "broken.jsonl line 1"


def test_records_written_are_the_records_read(tmp_path: Path) -> None:
    """A records file round-trips."""
    assert write_records(tmp_path / "all.jsonl", FILED) == len(FILED)
    assert list(read_records(tmp_path / "all.jsonl")) == list(FILED)
