"""A line to an outside system that can be cut, silenced and garbled: a relay in front of the real process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from adapters.samples import wanted
from openclets.adapters.http_json.wire import write_answer
from openclets.records.answer import Answer, LegState
from openclets.records.conformance import Trouble

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
_PAGE = b"<html><body><h1>502 Bad Gateway</h1><p>NO RECORD</p></body></html>"


class Line:
    """Listens where the connector asks and passes bytes on to `port`, unless in trouble. `received` counts
    asks.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.trouble: Trouble | None = None
        self.received = 0
        self.at = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.at}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.at)
        self.at = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @asynccontextmanager
    async def in_trouble(self, trouble: Trouble) -> AsyncIterator[None]:
        await self.stop()
        self.trouble = trouble
        if trouble is not Trouble.DOWN:
            await self.start()
        try:
            yield
        finally:
            await self.stop()
            self.trouble = None
            await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    await self._one(await _read_request(reader), writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _one(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        self.received += 1
        if self.trouble is None:
            writer.write(await self._passed_on(request))
        elif self.trouble is Trouble.SILENT:
            await asyncio.Event().wait()
        elif self.trouble is Trouble.MALFORMED:
            writer.write(_OK + b"Content-Length: 12\r\n\r\nnot json at\n")
        elif self.trouble is Trouble.ERROR_PAGE:
            head = (
                f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: {len(_PAGE)}\r\n\r\n"
            )
            writer.write(head.encode() + _PAGE)
        elif self.trouble is Trouble.OTHER_QUESTION:
            body = write_answer("somebody-else.1", Answer(LegState.NO_RECORD, text="NO NCIC WANT"))
            writer.write(_OK + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        elif self.trouble is Trouble.DENYING:
            body = write_answer(
                _query_id(request), Answer(LegState.DENIED, text="NOT AUTHORIZED"), _body(request)
            )
            writer.write(_OK + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        else:
            await self._broken_answer(request, writer)
        await writer.drain()

    async def _broken_answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        whole = write_answer(
            _query_id(request), Answer(LegState.HIT, (wanted(), wanted("W990000418")), "HIT")
        )
        head, first, *_ = whole.splitlines(keepends=True)
        if self.trouble is Trouble.CUT_OFF:
            writer.write(_OK + b"Content-Length: 999999\r\n\r\n" + head + first)
            await writer.drain()
            raise ConnectionResetError
        writer.write(_OK + b"Content-Length: 41943040\r\n\r\n" + head + first)
        for _ in range(40):
            writer.write(b" " * 1_048_576)
            await writer.drain()

    async def _passed_on(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        answer = await _read_request(reader)
        writer.close()
        return answer


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message that states its length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


def _body(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def _query_id(request: bytes) -> str:
    return request.partition(b'"query_id":"')[2].partition(b'"')[0].decode()
