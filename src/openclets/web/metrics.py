"""`GET /metrics` on a port of its own: what the process counts, as Prometheus reads it (interfaces.md 3).

Numbers of the process alone: no operator, no agency, no search term is a label. Off unless `metrics_port` is
set. Form: Prometheus text exposition 0.0.4.
"""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from openclets import __version__
from openclets.foundation.errors import Unavailable
from openclets.wiring import Running

BUCKETS_S = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 1.0, 5.0, 15.0)
"""Upper bounds of the histogram of answers; 40 ms and 5 s are figures the project holds itself to."""

REQUEST_BYTES_MAX = 8_192
REQUEST_S = 5.0
_PAGE_BYTES = 4096


class Tally:
    """What has been answered at the inquiries' door since the process began."""

    def __init__(self) -> None:
        self.by_code: Counter[int] = Counter()
        self.buckets = [0] * (len(BUCKETS_S) + 1)
        self.seconds = 0.0

    def answered(self, http: int, took_s: float) -> None:
        """Count one answer."""
        self.by_code[http] += 1
        self.buckets[bisect_left(BUCKETS_S, took_s)] += 1
        self.seconds += took_s


class MetricsPort:
    """Serves the numbers of `running`; `begin` returns once it listens."""

    def __init__(self, running: Running, tally: Tally, host: str, port: int) -> None:
        self._running = running
        self._tally = tally
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None

    async def begin(self) -> None:
        """Listen. Raises Unavailable(`PORT_IN_USE`)."""
        try:
            self._server = await asyncio.start_server(
                self._answer, self._host, self._port, limit=REQUEST_BYTES_MAX
            )
        except OSError as taken:
            raise Unavailable(
                "PORT_IN_USE", f"Something already listens at {self._host}:{self._port}: {taken.strerror}."
            ) from taken

    async def end(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError
        ):
            async with asyncio.timeout(REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith((b"GET /metrics ", b"GET /metrics?")):
                    line, text = "200 OK", exposition(self._running, self._tally)
                else:
                    line, text = "404 Not Found", "See /metrics.\n"
                body = text.encode()
                writer.write(
                    f"HTTP/1.1 {line}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()


async def metrics_begun(running: Running, tally: Tally, stack: contextlib.AsyncExitStack) -> None:
    """Serve the numbers until `stack` is left, where the settings name a port."""
    settings = running.settings
    if settings.metrics_port:
        port = MetricsPort(running, tally, settings.host, settings.metrics_port)
        await port.begin()
        stack.push_async_callback(port.end)


def exposition(running: Running, tally: Tally) -> str:
    """Every number, as text."""
    return "\n".join([*_answers(tally), *_state(running), *_admission(running), *_process()]) + "\n"


def _answers(tally: Tally) -> Iterator[str]:
    yield from _head("openclets_inquiries_total", "counter", "Inquiries answered, by HTTP code.")
    for http, count in sorted(tally.by_code.items()):
        yield f'openclets_inquiries_total{{code="{http}"}} {count}'
    name = "openclets_inquiry_seconds"
    yield from _head(name, "histogram", "From the whole request to its answer.")
    so_far = 0
    for bound, count in zip((*BUCKETS_S, float("inf")), tally.buckets, strict=True):
        so_far += count
        shown = "+Inf" if bound == float("inf") else f"{bound:g}"
        yield f'{name}_bucket{{le="{shown}"}} {so_far}'
    yield f"{name}_sum {tally.seconds:.6f}"
    yield f"{name}_count {so_far}"


def _state(running: Running) -> Iterator[str]:
    network, publisher = running.network, running.publisher
    yield from _gauge("openclets_journal_entries", "Entries known to be durable.", running.sequencer.size)
    yield from _gauge(
        "openclets_journal_writable", "Whether the last write went through.", running.sequencer.is_writable
    )
    yield from _gauge("openclets_log_entries", "Entries the published log covers.", publisher.published_size)
    yield from _gauge(
        "openclets_directory_current", "Whether the directory was confirmed lately.", _is_current(running)
    )
    yield from _gauge(
        "openclets_late_legs", "Transactions whose late legs are followed.", len(network.background)
    )
    yield from _gauge(
        "openclets_left_open", "Transactions whose end is not known yet.", len(network.left_open)
    )


def _admission(running: Running) -> Iterator[str]:
    admission = running.network.admission
    yield from _gauge("openclets_at_work", "Inquiries at work.", admission.at_work[0])
    yield from _gauge("openclets_held", "Inquiries in memory, late legs included.", admission.held)
    yield from _head("openclets_waiting", "gauge", "Inquiries that wait for a place, by class.")
    for line in admission.lines:
        yield f'openclets_waiting{{class="{line.priority.name}"}} {line.count}'
    for name, meaning, counts in (
        ("openclets_admitted_total", "Inquiries given a place, by class.", admission.admitted),
        ("openclets_turned_away_total", "Inquiries told SWITCH_BUSY, by class.", admission.refused),
    ):
        yield from _head(name, "counter", meaning)
        for one in admission.priorities.classes:
            yield f'{name}{{class="{one.name}"}} {counts[one.rank]}'


def _is_current(running: Running) -> bool:
    try:
        running.directory.current()
    except Unavailable:
        return False
    return True


def _process() -> Iterator[str]:
    yield from _head("openclets_build_info", "gauge", "The version that runs.")
    yield f'openclets_build_info{{version="{__version__}"}} 1'
    resident = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_BYTES
    yield from _gauge("process_resident_memory_bytes", "Resident memory.", resident)
    descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
    yield from _gauge("process_open_fds", "Open file descriptors.", descriptors)


def _gauge(name: str, meaning: str, value: int) -> Iterable[str]:
    return (*_head(name, "gauge", meaning), f"{name} {int(value)}")


def _head(name: str, kind: str, meaning: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"
