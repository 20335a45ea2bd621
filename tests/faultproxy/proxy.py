"""A line between any two parts that speak TCP or a Unix socket, and that goes wrong as it is told.

`FaultProxy` listens, connects on, and copies; `manners` may be changed while connections live and holds from
the next block on. Chance is seeded by connection and direction: the same traffic meets the same faults.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from faultproxy.faults import DOWN, NONE, UP, Fault, Manners, parse

BLOCK = 65_536
GATHER_S = 0.01
"""How long blocks are gathered into a message where a fault acts on messages."""
HELD_S = 0.2
"""How long a block waits for another to overtake it."""
NOT_LINGERING = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Side:
    """One end of a line: whoever connected, or the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    unaware: bool = False
    """The other end has gone, and this one is not told."""

    def reset(self) -> None:
        """End it with a reset instead of a farewell (TCP; a Unix socket knows only the end)."""
        raw = self.writer.get_extra_info("socket")
        if raw is not None and raw.family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOT_LINGERING)
        self.writer.transport.abort()


@dataclass
class Counts:
    """What a proxy has done, for tests that must know that the fault took place."""

    connections: int = 0
    refused: int = 0
    passed: dict[str, int] = field(default_factory=lambda: {UP: 0, DOWN: 0})
    faults: int = 0


class FaultProxy:
    """Listens at `listen`, connects on to `to`. An address is `host:port` or the path of a Unix socket.

    Use it as an asynchronous context. `address` is where it listens: port 0 takes a free one.
    """

    def __init__(self, listen: str, to: str, manners: Manners | None = None, *, seed: int = 1) -> None:
        self._listen, self._to = listen, to
        self._seed = seed
        self._server: asyncio.Server | None = None
        self._lines: dict[int, tuple[Side, Side]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.manners = manners or Manners()
        self.counts = Counts()
        self.address = listen

    def set(self, words: str) -> None:
        """New manners, as a command line writes them; `""` is a line that is well."""
        self.manners = parse(words)

    def cut(self) -> None:
        """Reset every line and let nobody in, until the manners are changed."""
        self.manners = Manners(refuse=True)
        self.reset_all()

    def reset_all(self) -> None:
        """Reset every line there is."""
        for near, far in tuple(self._lines.values()):
            near.reset()
            far.reset()

    async def __aenter__(self) -> FaultProxy:
        if "/" in self._listen:
            self._server = await asyncio.start_unix_server(self._accept, self._listen)
        else:
            host, _, port = self._listen.rpartition(":")
            self._server = await asyncio.start_server(self._accept, host, int(port))
            self.address = f"{host}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_all()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        near = Side(reader, writer)
        try:
            await self._carry(near)
        except (OSError, asyncio.CancelledError):
            near.reset()
        finally:
            self._tasks.discard(task)

    async def _carry(self, near: Side) -> None:
        if self.manners.refuse:
            self.counts.refused += 1
            near.reset()
            return
        number = self.counts.connections
        self.counts.connections += 1
        far = Side(*await self._connect())
        self._lines[number] = (near, far)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_Pump(self, number, UP, near, far).run())
                both.create_task(_Pump(self, number, DOWN, far, near).run())
        finally:
            del self._lines[number]
            near.writer.close()
            far.writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if "/" in self._to:
            return await asyncio.open_unix_connection(self._to)
        host, _, port = self._to.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    def chance(self, number: int, direction: str) -> random.Random:
        """The chance of one direction of one connection."""
        return random.Random(f"{self._seed} {number} {direction}")

    def somebody_else(self, number: int, direction: str) -> Side | None:
        """The receiver of the latest other line; None where there is no other."""
        others = [n for n in self._lines if n != number]
        if not others:
            return None
        near, far = self._lines[max(others)]
        return far if direction == UP else near


class _Pump:
    """One direction of one line."""

    def __init__(self, proxy: FaultProxy, number: int, direction: str, source: Side, sink: Side) -> None:
        self._proxy = proxy
        self._number, self._direction = number, direction
        self._source, self._sink = source, sink
        self._chance = proxy.chance(number, direction)
        self._let_through = 0
        self._held: bytes = b""

    @property
    def _is_deaf(self) -> bool:
        return self._source.unaware or self._sink.unaware

    @property
    def _fault(self) -> Fault:
        return self._proxy.manners.of(self._direction)

    async def run(self) -> None:
        """Copy until the source ends; then the sink is told, unless the fault is that it is not."""
        with suppress(OSError):
            while block := await self._block():
                await self._pass(block)
            # What is swallowed includes the end: it is told once the line is well again, or never.
            while self._fault.drop or self._is_deaf:
                await asyncio.sleep(HELD_S)
            self._sink.writer.write(self._held)
            self._sink.writer.write_eof()

    async def _block(self) -> bytes:
        try:
            patience = HELD_S if self._held else None
            block = await asyncio.wait_for(self._source.reader.read(BLOCK), patience)
        except TimeoutError:
            # Nothing came that could have overtaken it.
            block, self._held = self._held, b""
            await self._send(block)
            return await self._block()
        if self._fault.works_on_messages:
            with suppress(TimeoutError):
                while more := await asyncio.wait_for(self._source.reader.read(BLOCK), GATHER_S):
                    block += more
        return block

    async def _pass(self, block: bytes) -> None:
        fault = self._fault
        if fault is not NONE:
            self._proxy.counts.faults += 1
        if fault.drop or self._is_deaf:
            return
        if fault.reset:
            self._source.reset()
            self._sink.reset()
            return
        if fault.half_open:
            self._source.unaware = True
            self._sink.reset()
            return
        if fault.delay:
            await asyncio.sleep(max(0.0, fault.delay + fault.jitter * (2 * self._chance.random() - 1)))
        if fault.corrupt and self._chance.random() < fault.corrupt:
            at = self._chance.randrange(len(block))
            block = block[:at] + bytes([block[at] ^ (1 << self._chance.randrange(8))]) + block[at + 1 :]
        if fault.cross and self._chance.random() < fault.cross:
            other = self._proxy.somebody_else(self._number, self._direction)
            if other is not None:
                other.writer.write(block)
                return
        if fault.reorder and not self._held and self._chance.random() < fault.reorder:
            self._held = block
            return
        await self._send(block)
        if fault.duplicate and self._chance.random() < fault.duplicate:
            await self._send(block)
        if self._held:
            held, self._held = self._held, b""
            await self._send(held)

    async def _send(self, block: bytes) -> None:
        fault = self._fault
        if fault.cut:
            block = block[: max(0, fault.cut - self._let_through)]
        if fault.drip:
            for n in range(len(block)):
                self._sink.writer.write(block[n : n + 1])
                self._count(1)
                await asyncio.sleep(1 / fault.drip)
        elif block:
            self._sink.writer.write(block)
            self._count(len(block))
            await self._sink.writer.drain()
        if fault.cut and self._let_through >= fault.cut:
            self._sink.writer.close()
            self._source.reset()

    def _count(self, size: int) -> None:
        self._let_through += size
        self._proxy.counts.passed[self._direction] += size
