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
from dataclasses import dataclass
from typing import Final

import msgspec

from openclets import __version__
from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable
from openclets.line.frames import Frame, FrameFault, FrameReader, FrameType, encode, is_ref
from openclets.line.hello import Hello, HelloOk, No, read_no
from openclets.line.limits import limits
from openclets.line.line_file import LineFile
from openclets.line.liveness import Duty, Liveness
from openclets.line.memory import LineMemory, Pending
from openclets.line.tls import line_context

_READ_BYTES: Final = 65_536
_FINAL: Final = " FINAL"
_MORE: Final = " MORE TO COME"


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


class LineClient:
    """A connection that was let in. Use `connect`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ok: HelloOk, memory: LineMemory
    ) -> None:
        self.ok = ok
        self.memory = memory
        memory.next_seq = max([ok.last_seq_received, *memory.pending]) + 1
        self._reader = reader
        self._writer = writer
        self._frames = FrameReader(limits().image_payload_bytes_max)
        self._answers: deque[Answer] = deque()
        self._open: set[int] = set()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Condition()
        self._failure: Refused | Unavailable | None = None
        self._liveness = Liveness(time.monotonic(), ok.ping_idle_s, ok.dead_s)

    async def send(self, text: str | bytes, ref: str) -> None:
        """Send one message, and return when the network has it durably.

        Raises Refused or Unavailable when the connection ended first. The message stays in the memory, and a
        connection with the same memory sends it again under its number.
        """
        payload = text.encode() if isinstance(text, str) else text
        if len(payload) > self.ok.payload_max:
            remedy = f"send at most {self.ok.payload_max} bytes"
            raise BadInput((Fault("text", f"has {len(payload)} bytes", remedy, "MESSAGE_TOO_LONG"),))
        if not is_ref(ref):
            remedy = "use up to 16 printable ASCII characters"
            raise BadInput((Fault("ref", f"{ref[:20]!r} is no reference", remedy, "FIELD_INVALID"),))
        self._check()
        memory = self.memory
        frame = Frame(FrameType.DATA, memory.next_seq, ref, payload)
        memory.next_seq += 1
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        memory.pending[frame.seq] = Pending(frame, time.monotonic() + self.ok.resend_s, kept)
        self._writer.write(encode(frame))
        await asyncio.wait((kept, self._over), return_when=asyncio.FIRST_COMPLETED)
        if not kept.done():
            self._check()

    async def answer(self, ref: str | None = None) -> Answer:
        """The next answer to the message `ref`, or to any. `acknowledge` it once it is stored or shown: until
        then it comes again. Raises as `send`.
        """
        async with self._changed:
            while True:
                for found in self._answers:
                    if ref is None or found.ref == ref:
                        self._answers.remove(found)
                        return found
                self._check()
                await self._changed.wait()

    def acknowledge(self, answer: Answer) -> None:
        """Tell the network that this system has the answer for good."""
        self._open.discard(answer.seq)
        self.memory.acknowledged(answer.seq)
        self._writer.write(encode(Frame(FrameType.ACK, answer.seq, answer.ref)))

    async def ask(self, text: str, ref: str) -> Answer:
        """Send one message, wait for its first answer and acknowledge it."""
        await self.send(text, ref)
        answer = await self.answer(ref)
        self.acknowledge(answer)
        return answer

    async def run(self) -> None:
        """Read until the connection ends. `connect` does this in a task."""
        alive = asyncio.ensure_future(self._stay_alive())
        try:
            for _, pending in sorted(self.memory.pending.items()):
                self._writer.write(encode(pending.frame))
            while block := await self._reader.read(_READ_BYTES):
                self._liveness.heard(time.monotonic())
                for frame in self._frames.feed(block):
                    await self._took(frame)
                await self._writer.drain()
            await self._fail(Unavailable("SERVER_UNREACHABLE", "The network closed the connection."))
        except FrameFault as fault:
            await self._fail(Refused("LINE_FRAME", str(fault)))
        except OSError as lost:
            await self._fail(Unavailable("SERVER_UNREACHABLE", f"The connection was lost: {lost}"))
        except (Refused, Unavailable) as error:
            await self._fail(error)
        finally:
            alive.cancel()

    async def close(self) -> None:
        """Say BYE and close."""
        with contextlib.suppress(OSError, TimeoutError):
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
                pending = self.memory.pending.pop(frame.seq, None)
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
        """Some answers come twice: one that was acknowledged is acknowledged again, and no more."""
        if self.memory.has(frame.seq):
            self._writer.write(encode(Frame(FrameType.ACK, frame.seq, frame.ref)))
            return
        if frame.seq in self._open:
            return
        self._open.add(frame.seq)
        async with self._changed:
            self._answers.append(Answer(frame.seq, frame.ref, frame.payload.decode("utf-8", "replace")))
            self._changed.notify_all()

    def _put_off(self, no: No) -> None:
        """The network cannot take a message now: all not acknowledged go again, in order, in a while."""
        due = time.monotonic() + min(max(no.retry_after_s, 0.05), self.ok.resend_s)
        for pending in self.memory.pending.values():
            pending.due = due

    async def _stay_alive(self) -> None:
        """Send again what nobody acknowledged, and ask whether the other end lives."""
        pendings = self.memory.pending
        while True:
            await asyncio.sleep(min(self.ok.resend_s / 10, 0.25))
            now = time.monotonic()
            if any(pending.due <= now for pending in pendings.values()):
                for _, pending in sorted(pendings.items()):
                    self._writer.write(encode(pending.frame))
                    pending.due = now + self.ok.resend_s
            duty = self._liveness.due(now)
            if duty is Duty.PING:
                self._writer.write(encode(Frame(FrameType.PING)))
            elif duty is Duty.GIVE_UP:
                self._writer.transport.abort()

    async def _fail(self, error: Refused | Unavailable) -> None:
        self._failure = error
        if not self._over.done():
            self._over.set_result(None)
        async with self._changed:
            self._changed.notify_all()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure


@contextlib.asynccontextmanager
async def connect(
    file: LineFile, *, software: str = "", memory: LineMemory | None = None
) -> AsyncIterator[LineClient]:
    """A connection for the block. `memory` is that of earlier connections; without one, every answer that was
    never acknowledged comes again.

    Raises Refused when the line is not let in, Unavailable when nobody listens, BadInput for faulty files.
    """
    context = line_context(*(file.path(name) for name in (file.certificate, file.key, file.authority)))
    memory = memory or LineMemory()
    hello = Hello(file.line, software or f"openclets {__version__}", file.skin, memory.last_seq_received)
    try:
        async with asyncio.timeout(limits().hello_s):
            reader, writer = await asyncio.open_connection(
                file.host, file.port, ssl=context, server_hostname=file.host
            )
            client = await _introduced(reader, writer, hello, memory)
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


async def _introduced(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hello: Hello, memory: LineMemory
) -> LineClient:
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
    return LineClient(reader, writer, msgspec.json.decode(answer.payload, type=HelloOk), memory)


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
