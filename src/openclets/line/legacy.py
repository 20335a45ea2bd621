"""The adapter for old terminals: STX and ETX on one side, on loopback alone, and CLX/1 on the other.

Their protocol knows no log-on and no cipher, so it is spoken within one machine, or within a tunnel that
somebody has set up and says so. One terminal at a time: the line stands for it. While it is away its answers
wait with the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from typing import Final

from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable
from openclets.line.client import Answer, new_refs
from openclets.line.legacy_frames import LegacyReader, encode_long
from openclets.line.line_file import LineFile
from openclets.line.steady import SteadyLine
from openclets.switch.keyed_reply import print_error

READ_BYTES: Final = 4096
WAITING_MAX: Final = 16
"""Messages of the terminal not yet taken by the network; then it is not read any further."""

_log = logging.getLogger("openclets.line")
_security = logging.getLogger("openclets.security")


def check_address(host: str, *, in_tunnel: bool) -> None:
    """Raises BadInput for an address beyond this machine, unless it is said to be in a tunnel."""
    try:
        found = {ipaddress.ip_address(row[4][0]) for row in socket.getaddrinfo(host, None)}
    except (OSError, ValueError) as unknown:
        raise BadInput((Fault("host", f"{host} is no address", "use 127.0.0.1", "LINE_LEGACY"),)) from unknown
    if in_tunnel or (found and all(address.is_loopback for address in found)):
        return
    remedy = "use 127.0.0.1, or --in-tunnel where a VPN or TLS tunnel ends at this address"
    fault = "is not loopback, and STX/ETX is neither encrypted nor authenticated"
    raise BadInput((Fault("host", f"{host} {fault}", remedy, "LINE_LEGACY"),))


class LegacyAdapter:
    """Serves one terminal at a time. `port` is where, once `begin` has returned."""

    def __init__(self, file: LineFile, *, counted: bool = True) -> None:
        self._counted = counted
        self._line = SteadyLine(file, self._deliver, software="openclets legacy adapter")
        self._refs = new_refs()
        self._terminal: asyncio.StreamWriter | None = None
        self._present = asyncio.Event()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port listened at."""
        assert self._server is not None, "begin comes first"
        return int(self._server.sockets[0].getsockname()[1])

    async def begin(self, host: str, port: int, *, in_tunnel: bool = False) -> None:
        """Listen. Raises BadInput beyond loopback, Unavailable(`PORT_IN_USE`)."""
        check_address(host, in_tunnel=in_tunnel)
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=READ_BYTES)
        except OSError as taken:
            raise Unavailable(
                "PORT_IN_USE", f"Something already listens at {host}:{port}: {taken.strerror}."
            ) from taken

    async def run(self) -> None:
        """Keep the line connected until cancelled. Raises Refused when it is not let in."""
        await self._line.run()

    async def end(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        if self._terminal is not None:
            self._terminal.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._terminal is not None:
            _security.warning("a second terminal was turned away: one line stands for one terminal")
            writer.transport.abort()
            return
        self._terminal = writer
        self._present.set()
        try:
            await self._read(reader, writer)
        except OSError:
            pass
        finally:
            self._present.clear()
            self._terminal = None
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = LegacyReader(counted=self._counted)
        sending: set[asyncio.Task[None]] = set()
        while block := await reader.read(READ_BYTES):
            read = frames.feed(block)
            for fault in read.faults:
                _security.warning("a terminal's frame was dropped: %s", fault.value)
                await self._show(
                    writer, print_error(Refused("LINE_FRAME", f"Dropped: {fault.value}.")).encode()
                )
            for text in read.texts:
                sending.add(asyncio.ensure_future(self._send(writer, text)))
                while len(sending) >= WAITING_MAX:
                    _, sending = await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)

    async def _send(self, writer: asyncio.StreamWriter, text: bytes) -> None:
        try:
            await self._line.send(text, self._refs())
        except Refused as refused:
            await self._show(writer, print_error(refused).encode())

    async def _deliver(self, answer: Answer) -> None:
        """Show an answer; it counts as delivered when the terminal's connection has taken it."""
        while True:
            await self._present.wait()
            writer = self._terminal
            if writer is None:
                continue
            with contextlib.suppress(OSError):
                await self._show(writer, answer.text.encode())
                return

    async def _show(self, writer: asyncio.StreamWriter, text: bytes) -> None:
        for frame in encode_long(text, counted=self._counted):
            writer.write(frame)
        await writer.drain()
