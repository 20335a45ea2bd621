"""The client's side of CLX/1: connect, send, take answers. Small enough to be read before it is trusted.

    async with connect(LineFile.read("line.json")) as line:
        answer = await line.ask("RQ.LIC/0ABC123.LIS/CA.OCA/26-104417")

A message is sent again until the network has it durably; an answer is acknowledged once the caller has taken
it. Answers belong to messages by reference, never by order: a reply that is not final is followed by others
under the same reference. The protocol is in docs/reference/line-protocol.md, a worked example in
docs/guides/connect-a-dispatch-system.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from openclets import __version__
from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable
from openclets.line.frames import Frame, FrameFault, FrameReader, FrameType, encode
from openclets.line.hello import Hello, HelloOk, No, read_no
from openclets.line.limits import limits
from openclets.line.liveness import Duty, Liveness
from openclets.line.tls import line_context

_READ_BYTES: Final = 65_536
_FINAL: Final = " FINAL"
_MORE: Final = " MORE TO COME"


class LineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a system needs to connect, as one JSON file. Paths are taken from the file's own folder."""

    line: str
    host: str
    port: int
    certificate: str
    key: str
    authority: str
    skin: str = "keyed"
    folder: str = ""

    @staticmethod
    def read(path: str | Path) -> LineFile:
        """The file at `path`. Raises BadInput."""
        try:
            found = msgspec.json.decode(Path(path).read_bytes(), type=LineFile)
        except (OSError, msgspec.MsgspecError) as wrong:
            remedy = "name the file that `openclets line enroll` wrote, with --with or OPENCLETS_LINE_FILE"
            fault = Fault(str(path), f"cannot be read: {wrong}", remedy, "SETTING_INVALID")
            raise BadInput((fault,), "SETTING_INVALID") from wrong
        return msgspec.structs.replace(found, folder=found.folder or str(Path(path).parent))

    def path(self, name: str) -> Path:
        """A file it names."""
        return Path(self.folder) / name


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: to which message (`ref`), under which number, and its text."""

    seq: int
    ref: str
    text: str

    @property
    def final(self) -> bool:
        """Whether no later part will come, as the last line of keyed text says; an `ER` is always final."""
        last = self.text.rstrip().rpartition("\n")[2]
        return not last.endswith(_MORE)


@dataclass(slots=True)
class _Pending:
    frame: Frame
    due: float
    kept: asyncio.Future[None] = field(repr=False)


class LineClient:
    """A connection that was let in. Use `connect`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ok: HelloOk) -> None:
        self.ok = ok
        self.last_seq_received = 0
        self._reader = reader
        self._writer = writer
        self._frames = FrameReader(limits().image_payload_bytes_max)
        self._next_seq = ok.last_seq_received + 1
        self._pending: dict[int, _Pending] = {}
        self._answers: deque[Answer] = deque()
        self._changed = asyncio.Condition()
        self._failure: Refused | Unavailable | None = None
        self._liveness = Liveness(time.monotonic(), ok.ping_idle_s, ok.dead_s)

    async def send(self, text: str | bytes, ref: str) -> None:
        """Send one message, and return when the network has it durably.

        Raises Refused or Unavailable when the connection ended first; whether the network has the message is
        then told by the next HELLO-OK.
        """
        payload = text.encode() if isinstance(text, str) else text
        if len(payload) > self.ok.payload_max:
            fault = Fault(
                "text", f"has {len(payload)} bytes", f"send at most {self.ok.payload_max}", "LENGTH"
            )
            raise BadInput((fault,))
        self._check()
        frame = Frame(FrameType.DATA, self._next_seq, ref, payload)
        self._next_seq += 1
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending[frame.seq] = _Pending(frame, time.monotonic() + self.ok.resend_s, kept)
        self._writer.write(encode(frame))
        await self._writer.drain()
        await kept

    async def answer(self, ref: str | None = None) -> Answer:
        """The next answer to the message `ref`, or to any. It is acknowledged as it is taken here: have it
        stored, or shown, when that matters. Raises as `send`.
        """
        async with self._changed:
            while True:
                for found in self._answers:
                    if ref is None or found.ref == ref:
                        self._answers.remove(found)
                        self._writer.write(encode(Frame(FrameType.ACK, found.seq, found.ref)))
                        return found
                self._check()
                await self._changed.wait()

    async def ask(self, text: str, ref: str) -> Answer:
        """Send one message and wait for its first answer."""
        await self.send(text, ref)
        return await self.answer(ref)

    async def run(self) -> None:
        """Read until the connection ends. `connect` does this in a task."""
        alive = asyncio.ensure_future(self._stay_alive())
        try:
            while block := await self._reader.read(_READ_BYTES):
                self._liveness.heard(time.monotonic())
                for frame in self._frames.feed(block):
                    await self._took(frame)
            await self._fail(Unavailable("SERVER_UNREACHABLE", "The network closed the connection."))
        except FrameFault as fault:
            await self._fail(Refused("LINE_FRAME", str(fault)))
        except (ConnectionError, OSError) as lost:
            await self._fail(Unavailable("SERVER_UNREACHABLE", f"The connection was lost: {lost}"))
        except (Refused, Unavailable) as error:
            await self._fail(error)
        finally:
            alive.cancel()

    async def close(self) -> None:
        """Say BYE and close."""
        with contextlib.suppress(ConnectionError, OSError, TimeoutError):
            if self._failure is None:
                self._writer.write(encode(Frame(FrameType.BYE)))
            async with asyncio.timeout(2):
                await self._writer.drain()
                self._writer.close()
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _took(self, frame: Frame) -> None:
        match frame.type:
            case FrameType.DATA:
                await self._answered(frame)
            case FrameType.ACK:
                pending = self._pending.pop(frame.seq, None)
                if pending is not None and not pending.kept.done():
                    pending.kept.set_result(None)
            case FrameType.NAK:
                self._put_off(read_no(frame.payload))
            case FrameType.PING:
                self._writer.write(encode(Frame(FrameType.PONG, frame.seq, frame.ref)))
            case FrameType.ERR:
                raise error_of(read_no(frame.payload))
            case _:
                pass

    async def _answered(self, frame: Frame) -> None:
        if frame.seq <= self.last_seq_received:
            # It was taken before, or waits to be: only the first is acknowledged again.
            if all(answer.seq != frame.seq for answer in self._answers):
                self._writer.write(encode(Frame(FrameType.ACK, frame.seq, frame.ref)))
            return
        self.last_seq_received = frame.seq
        async with self._changed:
            self._answers.append(Answer(frame.seq, frame.ref, frame.payload.decode("utf-8", "replace")))
            self._changed.notify_all()

    def _put_off(self, no: No) -> None:
        """The network cannot take a message now: all not acknowledged go again, in order, in a while."""
        due = time.monotonic() + min(max(no.retry_after_s, 0.05), self.ok.resend_s)
        for pending in self._pending.values():
            pending.due = due

    async def _stay_alive(self) -> None:
        """Send again what nobody acknowledged, and ask whether the other end lives."""
        while True:
            await asyncio.sleep(min(self.ok.resend_s / 10, 0.25))
            now = time.monotonic()
            if any(pending.due <= now for pending in self._pending.values()):
                for _, pending in sorted(self._pending.items()):
                    self._writer.write(encode(pending.frame))
                    pending.due = now + self.ok.resend_s
            duty = self._liveness.due(now)
            if duty is Duty.PING:
                self._writer.write(encode(Frame(FrameType.PING)))
            elif duty is Duty.GIVE_UP:
                self._writer.transport.abort()
            await self._writer.drain()

    async def _fail(self, error: Refused | Unavailable) -> None:
        self._failure = error
        for pending in self._pending.values():
            if not pending.kept.done():
                pending.kept.set_exception(error)
                pending.kept.exception()
        async with self._changed:
            self._changed.notify_all()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure


@contextlib.asynccontextmanager
async def connect(
    file: LineFile, *, software: str = "", last_seq_received: int | None = None
) -> AsyncIterator[LineClient]:
    """A connection for the block. `last_seq_received` is the last answer this system has durably; without it
    every answer that was never acknowledged comes again.

    Raises Refused when the line is not let in, Unavailable when nobody listens, BadInput for faulty files.
    """
    context = line_context(*(file.path(name) for name in (file.certificate, file.key, file.authority)))
    hello = Hello(file.line, software or f"openclets {__version__}", file.skin, last_seq_received)
    try:
        async with asyncio.timeout(limits().hello_s):
            reader, writer = await asyncio.open_connection(
                file.host, file.port, ssl=context, server_hostname=file.host
            )
            client = await _introduced(reader, writer, hello)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as lost:
        raise Unavailable(
            "SERVER_UNREACHABLE", f"{file.host}:{file.port} does not let the line in: {_said(lost)}"
        ) from lost
    reading = asyncio.ensure_future(client.run())
    try:
        yield client
    finally:
        await client.close()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _introduced(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hello: Hello) -> LineClient:
    try:
        writer.write(encode(Frame(FrameType.HELLO, payload=msgspec.json.encode(hello))))
        await writer.drain()
        head = await reader.readexactly(32)
        length = int.from_bytes(head[28:32], "big")
        answer = FrameReader(limits().hello_bytes_max).feed(head + await reader.readexactly(length + 4))[0]
    except FrameFault as fault:
        writer.transport.abort()
        raise Refused("LINE_FRAME", str(fault)) from fault
    except BaseException:
        writer.transport.abort()
        raise
    if answer.type is not FrameType.HELLO_OK:
        writer.transport.abort()
        raise error_of(read_no(answer.payload))
    client = LineClient(reader, writer, msgspec.json.decode(answer.payload, type=HelloOk))
    client.last_seq_received = hello.last_seq_received or 0
    return client


def error_of(no: No) -> Refused | Unavailable:
    """What the network said no with, as our own error."""
    if no.retry_after_s:
        return Unavailable(no.code, no.message, retry_after_s=max(int(no.retry_after_s), 1))
    return Refused(no.code, no.message)


def new_refs(randomness: Callable[[int], bytes] = os.urandom) -> Callable[[], str]:
    """Makes references that no earlier run of the same system has used: ten random characters and a count."""
    start = randomness(5).hex().upper()
    number = 0

    def ref() -> str:
        nonlocal number
        number += 1
        return f"{start}{number:06d}"

    return ref


def _said(lost: BaseException) -> str:
    return str(getattr(lost, "reason", None) or lost or type(lost).__name__).lower().replace("_", " ")
