"""Messages a second through lines, durable on both ways, beside the same messages as keyed text over HTTP.

Each message is kept by the listener before it is acknowledged, asked over HTTP (two durable commits in the
network), its answer kept before it is sent and acknowledged after. The clients run in this process, on the
same cores as all the rest.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import uvloop

from benchmarks.demo import Demo, bench_folder, demo
from benchmarks.load import Load, Target, closed_loop
from benchmarks.row import Row
from openclets.foundation.clock import SystemClock
from openclets.foundation.opening import recorded
from openclets.line.certificates import training_certificate
from openclets.line.client import LineClient, connect, new_refs
from openclets.line.enrolled import read_enrolment
from openclets.line.enrolling import enroll
from openclets.line.line_file import LineFile

AT_A_TIME = 32
"""Messages open at a time, over all lines: as many as one line may have in flight."""
LINES = 16
LOAD_OPERATOR = "LOAD0001"
WARM_UP_S = 2.0


@dataclass
class _Counted:
    """What was measured after the warm-up: seconds from sending to acknowledgement, and to the answer."""

    begin: float
    end: float
    kept_s: list[float] = field(default_factory=list)
    answered_s: list[float] = field(default_factory=list)
    refused: int = 0


def rows(seconds: float) -> list[Row]:
    """Run for about four times `seconds`, after starting a demo of its own."""
    with bench_folder() as folder, demo(folder) as measured:
        time.sleep(min(5.0, seconds))  # The demo's duty feed catches up with the day when it starts.
        texts = [_keyed(request) for request in measured.inquiries()]
        files = uvloop.run(_enrolled(measured))
        http_one = closed_loop(_target(measured, texts), connections=1, seconds=seconds)
        http = closed_loop(_target(measured, texts), connections=AT_A_TIME, seconds=seconds)
        alone = uvloop.run(_through(files[:1], 1, texts, seconds))
        one = uvloop.run(_through(files[:1], AT_A_TIME, texts, seconds))
        many = uvloop.run(_through(files, AT_A_TIME // LINES, texts, seconds))
    return [
        *_http_rows(f"keyed text over HTTP, {AT_A_TIME} connections", http),
        *_line_rows(f"one line, {AT_A_TIME} messages at a time", one, seconds, http.rate),
        *_line_rows(f"{LINES} lines, {AT_A_TIME // LINES} messages at a time each", many, seconds, http.rate),
        Row("keyed text over HTTP, one at a time, p50", http_one.p50_ms, "ms"),
        Row("one line, one at a time, acknowledged p50", _ms(alone.kept_s, 0.5), "ms"),
        Row("one line, one at a time, answered p50", _ms(alone.answered_s, 0.5), "ms"),
    ]


def _http_rows(way: str, load: Load) -> list[Row]:
    return [
        Row(way, load.rate, "/s"),
        Row(f"{way}, p50", load.p50_ms, "ms"),
        Row(f"{way}, p99", load.p99_ms, "ms"),
        Row(f"{way}, not answered 200", load.failures, "", "0"),
    ]


def _line_rows(way: str, counted: _Counted, seconds: float, over_http: float) -> list[Row]:
    rate = len(counted.answered_s) / seconds
    return [
        Row(f"{way}, answered", rate, "/s", beside=f"{rate / over_http:.2f} of HTTP"),
        Row(f"{way}, acknowledged p50", _ms(counted.kept_s, 0.5), "ms"),
        Row(f"{way}, answered p50", _ms(counted.answered_s, 0.5), "ms"),
        Row(f"{way}, answered p99", _ms(counted.answered_s, 0.99), "ms"),
        Row(f"{way}, answered with an error", counted.refused, "", "0"),
    ]


def _ms(times: Sequence[float], share: float) -> float:
    ordered = sorted(times) or [0.0]
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def _keyed(request: bytes) -> str:
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    fields = ".".join(f"{code}/{value}" for code, value in body["fields"].items())
    return f"{body['message_key']}.{fields}.RSN/LOAD TEST"


def _target(measured: Demo, texts: Sequence[str]) -> Target:
    def request(text: str) -> bytes:
        head = (
            "POST /api/v1/messages HTTP/1.1\r\nhost: bench\r\n"
            f"authorization: Bearer {measured.token}\r\ncontent-type: text/plain\r\n"
            f"content-length: {len(text)}\r\n\r\n"
        )
        return (head + text).encode()

    return Target(measured.host, measured.port, [request(text) for text in texts])


async def _enrolled(measured: Demo) -> list[LineFile]:
    """Lines of the operator that no quota holds back."""
    told = json.loads((measured.folder / "demo.json").read_text("utf-8"))
    terminal = next(one["terminal"] for one in told["operators"] if one["id"] == LOAD_OPERATOR)
    folder, clock = measured.folder / "line", SystemClock()
    files = []
    for number in range(LINES):
        name = f"BENCH{number:02d}"
        made = training_certificate(folder, name, clock.now())
        wanted = read_enrolment(name, made.fingerprint, LOAD_OPERATOR, terminal, machine=False, images=False)
        await enroll(recorded(measured.folder), clock, wanted, by="bench", reason="a benchmark")
        names = (made.certificate.name, made.key.name, "authority.pem")
        files.append(LineFile(name, told["line"]["host"], told["line"]["port"], *names, folder=str(folder)))
    return files


async def _through(
    files: Sequence[LineFile], at_a_time: int, texts: Sequence[str], seconds: float
) -> _Counted:
    now = time.perf_counter()
    counted = _Counted(now + WARM_UP_S, now + WARM_UP_S + seconds)
    await asyncio.gather(*(_one_line(file, at_a_time, texts, counted) for file in files))
    return counted


async def _one_line(file: LineFile, at_a_time: int, texts: Sequence[str], counted: _Counted) -> None:
    """Keep `at_a_time` messages open on a line until the time is over."""
    refs = new_refs()
    waiting: dict[str, asyncio.Future[str]] = {}

    async def take(client: LineClient) -> None:
        while True:
            answer = await client.answer()
            client.acknowledge(answer)
            if answer.final and (found := waiting.pop(answer.ref, None)) is not None:
                found.set_result(answer.text)

    async def ask(client: LineClient, start: int) -> None:
        number = start
        while (sent := time.perf_counter()) < counted.end:
            ref = refs()
            waiting[ref] = asyncio.get_running_loop().create_future()
            answered = waiting[ref]
            await client.send(texts[number % len(texts)], ref)
            kept = time.perf_counter()
            text = await answered
            number += at_a_time
            if counted.begin <= sent and time.perf_counter() <= counted.end:
                counted.kept_s.append(kept - sent)
                counted.answered_s.append(time.perf_counter() - sent)
                counted.refused += text.startswith("ER ")

    async with connect(file, software="benchmark") as client:
        taking = asyncio.ensure_future(take(client))
        await asyncio.gather(*(ask(client, start) for start in range(at_a_time)))
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
