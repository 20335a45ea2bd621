"""One connection of a line that was let in: messages in, answers out, signs of life.

Messages are acknowledged when they are durable and not before; those of one line are taken in the order of
their numbers, without a gap. Answers are sent in order, kept until acknowledged, and sent again after a
while; they belong to messages by reference. At most a window of either is held. Source: messages.md 4.5.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Final

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.errors import Refused, Unavailable, catalogue
from openclets.line.asking import Asking
from openclets.line.frames import Frame, FrameFault, FrameReader, FrameType, encode
from openclets.line.hello import No, no_of, read_no
from openclets.line.limits import Limits
from openclets.line.liveness import Duty, Liveness
from openclets.line.messages import KeptMessage
from openclets.line.room import Room
from openclets.line.store import LineStore
from openclets.line.unacknowledged import Unacknowledged

READ_BYTES: Final = 65_536
_RETRY_S: Final = 0.5

_log = logging.getLogger("openclets.line")


class Session:
    """The session of `line`, whose last message taken is `received`. `run` returns when it is over."""

    def __init__(
        self,
        line: str,
        skin: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        frames: FrameReader,
        *,
        received: int,
        sent_from: int,
        room: Room,
        store: LineStore,
        asking: Asking,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self.line = line
        self._skin = skin
        self._reader = reader
        self._writer = writer
        self._frames = frames
        self._received = received
        self._loaded = sent_from
        self._room = room
        self._store = store
        self._asking = asking
        self._clock = clock
        self._limits = limits
        self._liveness = Liveness(clock.monotonic(), limits.ping_idle_s, limits.dead_s)
        self._unacknowledged = Unacknowledged(limits.window, limits.window_bytes, limits.resend_s)
        self._forgetting: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._over = asyncio.Event()
        self._gone = asyncio.Event()

    def wake(self) -> None:
        """The outbox has something new."""
        self._woken.set()

    async def end(self, why: Frame) -> None:
        """Tell the other end why, close, and wait until nothing of this session goes on."""
        if not self._over.is_set():
            self._write(why)
            self._over.set()
        await self._gone.wait()

    async def run(self) -> None:
        """Serve the line until either end is done. Never raises for what the other end does."""
        duties = [
            asyncio.ensure_future(work)
            for work in (self._read(), self._send(), self._stay_alive(), self._ended())
        ]
        try:
            done, _ = await asyncio.wait(duties, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                self._tell(task)
        finally:
            for task in duties:
                task.cancel()
            await asyncio.gather(*duties, *self._forgetting, return_exceptions=True)
            self._over.set()
            self._writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError, OSError):
                async with asyncio.timeout(1):
                    await self._writer.wait_closed()
            self._writer.transport.abort()
            self._gone.set()

    def _tell(self, task: asyncio.Task[None]) -> None:
        failure = task.exception()
        match failure:
            case None | ConnectionError():
                pass
            case FrameFault():
                self._write(error_frame(Refused("LINE_FRAME", str(failure))))
            case Refused() | Unavailable():
                self._write(error_frame(failure))
            case _:
                _log.error("the session of line %s failed", self.line, exc_info=failure)
                self._write(error_frame(Refused("INTERNAL", catalogue()["INTERNAL"].text)))

    async def _ended(self) -> None:
        await self._over.wait()

    def _write(self, *frames: Frame) -> None:
        self._writer.write(b"".join([encode(frame) for frame in frames]))

    # -- what comes in ------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while block := await self._reader.read(READ_BYTES):
            self._liveness.heard(self._clock.monotonic())
            frames = self._frames.feed(block)
            if not await self._taken_in(frames):
                return
            await self._writer.drain()

    async def _taken_in(self, frames: Sequence[Frame]) -> bool:
        """Deal with what came at once: its messages are kept together. False after BYE or ERR."""
        messages: list[Frame] = []
        for frame in frames:
            match frame.type:
                case FrameType.DATA:
                    messages.append(frame)
                case FrameType.ACK:
                    self._acknowledged(frame.seq)
                case FrameType.NAK:
                    self._put_off(frame)
                case FrameType.PING:
                    self._write(Frame(FrameType.PONG, frame.seq, frame.ref))
                case FrameType.PONG:
                    pass
                case _:
                    await self._messages(messages)
                    return self._parted(frame)
        await self._messages(messages)
        return True

    def _parted(self, frame: Frame) -> bool:
        if frame.type is FrameType.BYE:
            self._write(Frame(FrameType.BYE))
        elif frame.type is FrameType.ERR:
            _log.warning("line %s ended with an error: %s", self.line, read_no(frame.payload).code)
        else:
            raise Refused("LINE_FRAME", f"a {frame.type.name} has no place within a session")
        return False

    async def _messages(self, frames: Sequence[Frame]) -> None:
        """Take DATA: what follows in order and fits is kept together; the rest is answered one by one."""
        group: list[KeptMessage] = []
        size = 0
        refusal: No | None = None
        later: list[Frame] = []
        repeated: list[Frame] = []
        for frame in frames:
            if frame.seq <= self._received + len(group):
                repeated.append(frame)
                continue
            if refusal is None and frame.seq != self._received + len(group) + 1:
                refusal = self._no("LINE_GAP")
            if refusal is None and not self._room.has(len(group) + 1, size + len(frame.payload)):
                refusal = self._no("LINE_BUSY")
            if refusal is not None:
                later.append(frame)
                continue
            group.append(KeptMessage(self.line, frame.seq, frame.ref, self._skin, frame.payload))
            size += len(frame.payload)
        if group:
            kept = await self._keep(group)
            refusal = refusal or kept
        if refusal is not None:
            self._write(*(_nak(frame.seq, frame.ref, refusal) for frame in later))
        for frame in repeated:
            await self._again(frame)

    async def _keep(self, group: Sequence[KeptMessage]) -> No | None:
        """Keep a group and acknowledge it; where that cannot be done now, say so and give the reason."""
        try:
            taken = await self._store.take(group)
        except Unavailable as away:
            no = no_of(away)
            self._write(*(_nak(message.seq, message.ref, no) for message in group))
            return no
        for message, kept in zip(group, taken, strict=True):
            if kept.digest != message.digest:
                raise _reused(message.seq)
            self._received = message.seq
            if kept.new or kept.phase == "accepted":
                self._room.take(len(message.text))
                self._asking.carry(message)
        # The rows are on disk: acknowledged means nothing less.
        self._write(*(Frame(FrameType.ACK, message.seq, message.ref) for message in group))
        return None

    async def _again(self, frame: Frame) -> None:
        """A number that was taken before: the same message is acknowledged again and nothing else is done."""
        if frame.seq > self._received:
            # It came twice at once, and the first of them could not be kept.
            self._write(_nak(frame.seq, frame.ref, self._no("LINE_GAP")))
            return
        try:
            digest = await self._store.digest_of(self.line, frame.seq)
        except Unavailable as away:
            self._write(_nak(frame.seq, frame.ref, no_of(away)))
            return
        sent = KeptMessage(self.line, frame.seq, frame.ref, self._skin, frame.payload)
        if digest is not None and digest != sent.digest:
            raise _reused(frame.seq)
        self._write(Frame(FrameType.ACK, frame.seq, frame.ref))

    def _no(self, code: str) -> No:
        row = catalogue()[code]
        return No(code, row.text, row.remedy, self._limits.busy_retry_s)

    # -- what goes out ------------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Send what is owed, in order, a window at a time; again what nobody acknowledged."""
        while True:
            self._woken.clear()
            now = self._clock.monotonic()
            try:
                more = await self._load(now)
            except Unavailable:
                more, next_due = False, now + _RETRY_S
            else:
                for frame in self._unacknowledged.due(now):
                    self._writer.write(frame)
                next_due = self._unacknowledged.next_due(now)
            await self._writer.drain()
            if not more:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(next_due - self._clock.monotonic(), 0.01)):
                        await self._woken.wait()

    async def _load(self, now: float) -> bool:
        """Send the next answers that the window has room for. Whether there may be more at once."""
        free = self._unacknowledged.free
        if free <= 0:
            return False
        found = await self._store.owed(self.line, self._loaded, free)
        for answer in found:
            frame = encode(Frame(FrameType.DATA, answer.seq, answer.ref, answer.text))
            self._unacknowledged.sent(answer.seq, frame, now)
            self._writer.write(frame)
            self._loaded = answer.seq
        return len(found) == free and self._unacknowledged.free > 0

    def _acknowledged(self, seq: int) -> None:
        """The line has an answer. Its row goes with the next batch; nothing that comes in waits for it."""
        frame = self._unacknowledged.take(seq)
        if frame is None:
            return
        self._room.acknowledged()
        self._woken.set()
        task = asyncio.get_running_loop().create_task(self._forget(seq, frame))
        self._forgetting.add(task)
        task.add_done_callback(self._forgetting.discard)

    async def _forget(self, seq: int, frame: bytes) -> None:
        try:
            await self._store.acknowledge(self.line, seq)
        except Unavailable:
            # It stays owed: sent again in a while, and acknowledged again.
            self._room.owe()
            self._unacknowledged.sent(seq, frame, self._clock.monotonic())

    def _put_off(self, nak: Frame) -> None:
        """The line cannot take an answer now: it is kept, and sent again when the line said."""
        wait_s = read_no(nak.payload).retry_after_s or self._limits.busy_retry_s
        until = self._clock.monotonic() + min(max(wait_s, 0.1), self._limits.dead_s)
        self._unacknowledged.put_off(nak.seq, until)

    async def _stay_alive(self) -> None:
        while True:
            await asyncio.sleep(min(self._limits.ping_idle_s / 4, 1.0))
            match self._liveness.due(self._clock.monotonic()):
                case Duty.PING:
                    self._write(Frame(FrameType.PING))
                case Duty.GIVE_UP:
                    _log.info("line %s has shown no sign of life", self.line)
                    self._writer.transport.abort()
                    return
                case Duty.NOTHING:
                    pass


def error_frame(error: Refused | Unavailable) -> Frame:
    """An ERR frame: this connection cannot go on, and why."""
    return Frame(FrameType.ERR, payload=msgspec.json.encode(no_of(error)))


def _nak(seq: int, ref: str, no: No) -> Frame:
    return Frame(FrameType.NAK, seq, ref, msgspec.json.encode(no))


def _reused(seq: int) -> Refused:
    return Refused("LINE_SEQUENCE", f"Number {seq} was used for another message.")
