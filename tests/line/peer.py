"""A line by hand: TLS and bytes, for what a client of ours would never send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from openclets.line.frames import Frame, FrameReader, FrameType, encode
from openclets.line.hello import Hello, HelloOk, No
from openclets.line.line_file import LineFile
from openclets.line.tls import line_context

WAIT_S = 20.0


@dataclass
class Peer:
    """One connection. `next` gives frames in the order in which they come."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    frames: FrameReader = field(default_factory=lambda: FrameReader(8 * 1024 * 1024))
    come: list[Frame] = field(default_factory=list)
    closed: bool = False

    async def raw(self, text: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(text)
        await self.writer.drain()

    async def send(self, *frames: Frame) -> None:
        """Send frames in one write."""
        await self.raw(b"".join(encode(frame) for frame in frames))

    async def next(self, kind: FrameType | None = None, *, wait_s: float = WAIT_S) -> Frame:
        """The next frame, or the next of a kind. Raises TimeoutError, ConnectionError."""
        async with asyncio.timeout(wait_s):
            while True:
                for n, frame in enumerate(self.come):
                    if kind is None or frame.type is kind:
                        return self.come.pop(n)
                block = await self.reader.read(65_536)
                if not block:
                    self.closed = True
                    raise ConnectionError("closed")
                self.come += self.frames.feed(block)

    async def until_closed(self, *, wait_s: float = WAIT_S) -> list[Frame]:
        """Everything that comes until the other end closes."""
        heard = []
        try:
            while True:
                heard.append(await self.next(wait_s=wait_s))
        except (ConnectionError, OSError):
            return heard

    async def hello(self, line: str, **more: object) -> HelloOk | No:
        """Introduce itself; what came of it."""
        hello = msgspec.to_builtins(Hello(line, "peer")) | more
        await self.send(Frame(FrameType.HELLO, payload=msgspec.json.encode(hello)))
        answer = await self.next()
        if answer.type is FrameType.HELLO_OK:
            return msgspec.json.decode(answer.payload, type=HelloOk)
        assert answer.type in (FrameType.HELLO_NO, FrameType.ERR), answer
        return msgspec.json.decode(answer.payload, type=No)


@asynccontextmanager
async def peer(file: LineFile) -> AsyncIterator[Peer]:
    """A connection with the file's certificate."""
    context = line_context(*(file.path(name) for name in (file.certificate, file.key, file.authority)))
    reader, writer = await asyncio.open_connection(
        file.host, file.port, ssl=context, server_hostname=file.host
    )
    try:
        yield Peer(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def let_in(file: LineFile, **more: object) -> AsyncIterator[Peer]:
    """A connection that was let in."""
    async with peer(file) as one:
        ok = await one.hello(file.line, **more)
        assert isinstance(ok, HelloOk), ok
        yield one


def message(seq: int, text: str, ref: str = "") -> Frame:
    """A DATA frame."""
    return Frame(FrameType.DATA, seq, ref or f"R{seq}", text.encode())


def why(frame: Frame) -> str:
    """The code of a NAK, ERR or HELLO-NO."""
    return msgspec.json.decode(frame.payload, type=No).code
