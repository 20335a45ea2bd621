"""Inquiries a second through the real way in, beside the same server answering an empty request.

Every inquiry passes HTTP, token, standing, rules, two durable commits and three record systems. The generator
runs on the same cores, in this process. Empty requests are measured before and after, for machines are not
equally fast at all times.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.demo import Demo, bench_folder, demo, http_request
from benchmarks.load import Load, Target, closed_loop, open_loop
from benchmarks.row import Row

CONNECTIONS = 64
SHARE = 0.7
"""Of the reached rate: what the open loop sends."""

RATE_MARK = 3_000
P99_MARK_MS = 40


def rows(seconds: float) -> list[Row]:
    """Run for about six times `seconds`, after starting a demo of its own."""
    with bench_folder() as folder, demo(folder) as measured, _empty_server() as empty:
        time.sleep(min(5.0, seconds))  # The demo's duty feed catches up with the day when it starts.
        requests = measured.inquiries()
        before = closed_loop(empty, connections=CONNECTIONS, seconds=seconds)
        alone = closed_loop(_target(measured, requests), connections=1, seconds=seconds)
        closed = closed_loop(_target(measured, requests), connections=CONNECTIONS, seconds=seconds)
        opened = open_loop(_target(measured, requests), rate=closed.rate * SHARE, seconds=seconds)
        after = closed_loop(empty, connections=CONNECTIONS, seconds=seconds)
    return [*_closed_rows(closed, alone, (before.rate + after.rate) / 2), *_open_rows(opened)]


def _closed_rows(closed: Load, alone: Load, empty: float) -> list[Row]:
    way = f"inquiries, {CONNECTIONS} connections"
    return [
        Row(way, closed.rate, "/s", f"≥ {RATE_MARK:,}/s", f"{closed.rate / empty:.2f} of empty requests"),
        Row(f"{way}, p50", closed.p50_ms, "ms"),
        Row(f"{way}, p99", closed.p99_ms, "ms"),
        Row(f"{way}, not answered 200", closed.failures, "", "0"),
        Row("inquiries, one connection, p50", alone.p50_ms, "ms"),
        Row(f"empty requests, {CONNECTIONS} connections", empty, "/s"),
    ]


def _open_rows(opened: Load) -> list[Row]:
    way = f"inquiries, open loop at {SHARE:.0%} of that"
    return [
        Row(way, opened.rate, "/s"),
        Row(f"{way}, p50", opened.p50_ms, "ms"),
        Row(f"{way}, p99", opened.p99_ms, "ms", f"≤ {P99_MARK_MS} ms"),
        Row(f"{way}, not answered 200", opened.failures, "", "0"),
    ]


def _target(measured: Demo, requests: list[bytes]) -> Target:
    return Target(measured.host, measured.port, requests)


@contextmanager
def _empty_server() -> Iterator[Target]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.empty_server", str(port)])
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as trial:
                if not trial.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        body = b'{"message_key":"QPL","fields":{"LIC":"0ABC123","LIS":"CA"},"reason":"load test"}'
        yield Target("127.0.0.1", port, [http_request("/api/v1/inquiries", body, "x" * 43)])
    finally:
        process.terminate()
        process.wait(10)
