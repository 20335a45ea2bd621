"""The listener: lets lines in, one connection each, and ends those that may not go on.

A line is let in by the certificate it shows, and by nothing else: HELLO must name the line that this very
certificate is enrolled for. A newer connection of a line closes the older one. Source: messages.md 4.5.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections import OrderedDict
from typing import Final

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.errors import Refused, Unavailable, catalogue
from openclets.line.asking import Asking
from openclets.line.enrolled import Line, LinePosition
from openclets.line.frames import Frame, FrameFault, FrameReader, FrameType, encode
from openclets.line.hello import Hello, HelloOk, no_of, read_hello
from openclets.line.limits import Limits
from openclets.line.notices import Notices
from openclets.line.session import READ_BYTES, Session, error_frame
from openclets.line.store import LineStore
from openclets.line.tls import HANDSHAKE_S, fingerprint_of

UNKNOWN_MAX: Final = 256
"""Connections that have not said who they are; more are closed at once."""
RECHECK_S: Final = 1.0

_log = logging.getLogger("openclets.line")
_security = logging.getLogger("openclets.security")


class Listener:
    """Accepts lines at one address. `port` is the one it listens at once `begin` has returned."""

    def __init__(
        self,
        store: LineStore,
        asking: Asking,
        notices: Notices,
        clock: Clock,
        limits: Limits,
        context: ssl.SSLContext,
    ) -> None:
        self._store = store
        self._asking = asking
        self._notices = notices
        self._clock = clock
        self._limits = limits
        self._context = context
        self._server: asyncio.Server | None = None
        self._sessions: dict[str, tuple[Session, bytes]] = {}
        self._doors: OrderedDict[str, asyncio.Lock] = OrderedDict()
        self._unknown = 0
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port listened at."""
        assert self._server is not None, "begin comes first"
        return int(self._server.sockets[0].getsockname()[1])

    def woken(self, line: str) -> None:
        """The outbox of a line has something new."""
        found = self._sessions.get(line)
        if found is not None:
            found[0].wake()

    async def begin(self, host: str, port: int) -> None:
        """Listen. Raises Unavailable(`PORT_IN_USE`)."""
        try:
            self._server = await asyncio.start_server(
                self._serve,
                host,
                port,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_S,
                limit=READ_BYTES,
            )
        except OSError as taken:
            raise Unavailable(
                "PORT_IN_USE", f"Something already listens at {host}:{port}: {taken.strerror}."
            ) from taken

    async def end(self) -> None:
        """Say BYE to every line and stop listening."""
        if self._server is not None:
            self._server.close()
        sessions = [session for session, _ in self._sessions.values()]
        await asyncio.gather(*(session.end(Frame(FrameType.BYE)) for session in sessions))
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def run(self) -> None:
        """Until cancelled: end the sessions of lines that were withdrawn or got another certificate."""
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                await self._recheck()
            except Unavailable as away:
                _log.warning("the lines cannot be checked: %s", away.message)

    async def _recheck(self) -> None:
        if not self._sessions:
            return
        in_force = {line.id: line.fingerprint for line in await self._store.lines() if line.in_force}
        for name, (session, fingerprint) in list(self._sessions.items()):
            if in_force.get(name) != fingerprint:
                _security.warning("line %s is withdrawn or has another certificate; its session ends", name)
                await session.end(error_frame(_refused("LINE_WITHDRAWN")))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is served in a task"
        self._serving.add(task)
        try:
            await self._from_hello(reader, writer)
        except (ConnectionError, TimeoutError, ssl.SSLError, OSError):
            pass
        except Exception:
            _log.exception("a connection failed")
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _from_hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = str((writer.get_extra_info("peername") or ("-",))[0])
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if der is None or self._unknown >= UNKNOWN_MAX:
            return
        fingerprint = fingerprint_of(der)
        frames = FrameReader(self._limits.hello_bytes_max)
        named, session = "", None
        self._unknown += 1
        try:
            async with asyncio.timeout(self._limits.hello_s):
                hello = await _hello(reader, frames)
            named = hello.line
            line = await self._known(hello, fingerprint)
            frames.payload_max = self._limits.payload_max(images=line.images)
            session = await self._let_in(hello, line, reader, writer, frames)
        except TimeoutError:
            return
        except FrameFault as fault:
            await _send(writer, error_frame(Refused("LINE_FRAME", str(fault))))
        except (Refused, Unavailable) as error:
            _security.warning("a line was turned away: %s, from %s", error.code, source)
            if isinstance(error, Refused):
                await self._notices.refused(named, fingerprint, error.code, source)
            await _send(writer, Frame(FrameType.HELLO_NO, payload=msgspec.json.encode(no_of(error))))
        finally:
            self._unknown -= 1
        if session is not None:
            _security.info("line %s is connected, from %s", line.id, source)
            await self._notices.connected(line, hello.software, source)
            with contextlib.suppress(Unavailable):
                await self._store.connected(line.id)
            try:
                await session.run()
            finally:
                if self._sessions.get(line.id, (None,))[0] is session:
                    del self._sessions[line.id]

    async def _known(self, hello: Hello, fingerprint: bytes) -> Line:
        """The line that says HELLO. Raises Refused; a name and a certificate that do not belong together are
        refused in the same words as names and certificates nobody knows.
        """
        line = await self._store.line(hello.line)
        if line is None or line.fingerprint != fingerprint:
            raise Refused("NOT_AUTHENTICATED", "No line of that name is enrolled for this certificate.")
        if not line.in_force:
            raise _refused("LINE_WITHDRAWN")
        return line

    async def _let_in(
        self,
        hello: Hello,
        line: Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        frames: FrameReader,
    ) -> Session:
        async with self._doors.setdefault(line.id, asyncio.Lock()):
            older = self._sessions.get(line.id)
            if older is not None:
                # Nothing of the older one may be under way when the newer one reads where the line stands.
                await older[0].end(error_frame(_refused("LINE_REPLACED")))
            at = await self._store.position(line.id)
            sent_from = await self._caught_up(hello, line, at)
            ok = HelloOk(
                line=line.id,
                last_seq_received=at.received,
                last_seq_sent=at.sent,
                window=self._limits.window,
                payload_max=frames.payload_max,
                ping_idle_s=self._limits.ping_idle_s,
                dead_s=self._limits.dead_s,
                resend_s=self._limits.resend_s,
            )
            writer.write(encode(Frame(FrameType.HELLO_OK, payload=msgspec.json.encode(ok))))
            session = Session(
                line.id,
                hello.skin,
                reader,
                writer,
                frames,
                received=at.received,
                sent_from=sent_from,
                room=await self._asking.room(line.id),
                store=self._store,
                asking=self._asking,
                clock=self._clock,
                limits=self._limits,
            )
            self._sessions[line.id] = (session, line.fingerprint)
            return session

    async def _caught_up(self, hello: Hello, line: Line, at: LinePosition) -> int:
        """Take the line at its word on what it has; the number after which answers are sent.

        Raises Refused where it claims answers that were never made: it would drop the real ones as known.
        """
        claimed = hello.last_seq_received
        if claimed is None:
            return at.first_owed - 1
        if claimed > at.sent:
            raise Refused("LINE_SEQUENCE", f"Answer {claimed} was never made; the last one was {at.sent}.")
        if claimed < at.first_owed - 1:
            _log.warning(
                "line %s has forgotten answers it acknowledged: it claims %d, and %d is the first still owed",
                line.id,
                claimed,
                at.first_owed,
            )
        elif claimed >= at.first_owed:
            await self._store.acknowledge_until(line.id, claimed)
            (await self._asking.room(line.id)).acknowledged(claimed - at.first_owed + 1)
        return max(claimed, at.first_owed - 1)


async def _hello(reader: asyncio.StreamReader, frames: FrameReader) -> Hello:
    """The first frame, which must be a HELLO. Raises FrameFault, BadInput, Refused, TimeoutError."""
    while True:
        block = await reader.read(READ_BYTES)
        if not block:
            raise ConnectionError("the line went before it said who it is")
        found = frames.feed(block)
        if found:
            if found[0].type is not FrameType.HELLO or len(found) > 1 or frames.waiting:
                raise Refused("LINE_FRAME", "One HELLO comes first, and nothing before its answer.")
            return read_hello(found[0].payload)


async def _send(writer: asyncio.StreamWriter, frame: Frame) -> None:
    writer.write(encode(frame))
    async with asyncio.timeout(1):
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def _refused(code: str) -> Refused:
    return Refused(code, catalogue()[code].text)
