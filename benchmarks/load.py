"""A load generator lean enough to share two cores with what it measures.

Raw sockets and one selector: requests are prepared bytes, replies are read by their content length.
Closed loop keeps N connections busy; open loop sends at fixed times whether or not answers came, so
that delay is not hidden.
"""

from __future__ import annotations

import heapq
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: answers a second, their latencies in milliseconds, and what was not
    answered well.
    """

    requests: int
    seconds: float
    rate: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    failures: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send, and what: whole HTTP requests, used in turn."""

    host: str
    port: int
    requests: Sequence[bytes]


class _Connection:
    __slots__ = ("buffer", "due", "need", "sent_at", "socket")

    def __init__(self, target: Target) -> None:
        self.socket = socket.create_connection((target.host, target.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.buffer = b""
        self.need = 0
        self.sent_at = 0.0

    def read(self) -> bool | None:
        """None while the answer is incomplete, else whether it is a 200."""
        self.buffer += self.socket.recv(262_144)
        if not self.need:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.need = end + 4 + length
        if len(self.buffer) < self.need:
            return None
        good = self.buffer.startswith(b"HTTP/1.1 200")
        self.buffer, self.need = self.buffer[self.need :], 0
        return good


def closed_loop(target: Target, *, connections: int, seconds: float, warm_up_s: float = 2.0) -> Load:
    """Keep `connections` busy for `seconds`, after `warm_up_s` that are not counted."""
    selector = selectors.DefaultSelector()
    number = 0
    for _ in range(connections):
        one = _Connection(target)
        selector.register(one.socket, selectors.EVENT_READ, one)
        one.sent_at = time.perf_counter()
        one.socket.send(target.requests[number % len(target.requests)])
        number += 1
    begin = time.perf_counter() + warm_up_s
    end = begin + seconds
    latencies: list[float] = []
    failures = 0
    now = time.perf_counter()
    while now < end:
        for key, _ in selector.select(1.0):
            one = key.data
            good = one.read()
            if good is None:
                continue
            now = time.perf_counter()
            if now >= begin:
                latencies.append(now - one.sent_at)
                failures += not good
            one.sent_at = now
            one.socket.send(target.requests[number % len(target.requests)])
            number += 1
        now = time.perf_counter()
    _close(selector)
    return _summary(latencies, seconds, failures)


def open_loop(
    target: Target, *, rate: float, seconds: float, warm_up_s: float = 2.0, connections: int = 256
) -> Load:
    """Send `rate` requests a second at fixed times. Latency counts from when a request was due,
    queueing included.
    """
    selector = selectors.DefaultSelector()
    idle: deque[_Connection] = deque()
    for _ in range(connections):
        one = _Connection(target)
        selector.register(one.socket, selectors.EVENT_READ, one)
        idle.append(one)
    start = time.perf_counter()
    begin, end = start + warm_up_s, start + warm_up_s + seconds
    due: list[float] = []
    number, sent = 0, 0
    latencies: list[float] = []
    failures = 0
    outstanding = 0
    while (now := time.perf_counter()) < end or (outstanding and now < end + 5):
        while now < end and start + number / rate <= now:
            heapq.heappush(due, start + number / rate)
            number += 1
        while due and idle:
            one = idle.popleft()
            one.sent_at = heapq.heappop(due)
            one.socket.send(target.requests[sent % len(target.requests)])
            sent += 1
            outstanding += 1
        next_due = start + number / rate - time.perf_counter() if now < end else 0.05
        for key, _ in selector.select(max(0.0, min(next_due, 0.05))):
            one = key.data
            good = one.read()
            if good is None:
                continue
            outstanding -= 1
            if one.sent_at >= begin:
                latencies.append(time.perf_counter() - one.sent_at)
                failures += not good
            idle.append(one)
    _close(selector)
    return _summary(latencies, seconds, failures + outstanding + len(due))


def _close(selector: selectors.BaseSelector) -> None:
    for key in list(selector.get_map().values()):
        selector.unregister(key.fileobj)
        key.data.socket.close()
    selector.close()


def _summary(latencies: list[float], seconds: float, failures: int) -> Load:
    ordered = sorted(latencies) or [0.0]
    return Load(
        requests=len(latencies),
        seconds=seconds,
        rate=len(latencies) / seconds,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
        max_ms=ordered[-1] * 1000,
        failures=failures,
    )
