"""An outside record system as a process of its own: `python -m openclets.adapters.http_json.outside_server`.

It serves `POST /v1/inquiries`, `GET /count` and `GET /log` on the loopback address, prints its address as one
JSON line once it listens, and dies with its parent. `--delay-ms`, `--silent` and `--flapping` make it
misbehave, for the demo and for tests: it is the part of the world we do not run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server

from openclets.adapters.http_json.outside import OutsideRecords, read_records
from openclets.adapters.http_json.wire import CONTENT_TYPE, PATH, Message, write_answer
from openclets.foundation.clock import SystemClock
from openclets.foundation.parent import die_with

HOST = "127.0.0.1"
MESSAGE_BYTES_MAX = 65_536

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Manners:
    """How the process behaves: seconds before each answer; whether it never answers; seconds up, seconds
    down.
    """

    delay_s: float = 0.0
    silent: bool = False
    flapping_s: float = 0.0


class OutsideApp:
    """The ASGI application over one organization's records."""

    def __init__(self, name: str, records: OutsideRecords, manners: Manners) -> None:
        self._name = name
        self._records = records
        self._manners = manners
        self._messages = msgspec.json.Decoder(Message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        route = (scope["method"], scope["path"])
        if route == ("POST", PATH):
            await self._inquiry(receive, send)
        elif route == ("GET", "/count"):
            records = self._records
            counted = {"name": self._name, "transactions": records.asked, "messages": records.messages}
            await _reply(send, 200, "application/json", msgspec.json.encode(counted))
        elif route == ("GET", "/log"):
            lines = b"".join(msgspec.json.encode(entry) + b"\n" for entry in tuple(self._records.log))
            await _reply(send, 200, CONTENT_TYPE, lines)
        else:
            await _reply(send, 404, "text/plain", b"no such place\n")

    async def _inquiry(self, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if self._manners.silent or self._is_down():
            # Taken and never answered: the silence is what is being shown.
            await asyncio.Event().wait()
        try:
            message = self._messages.decode(body)
        except (msgspec.DecodeError, RecursionError) as broken:
            await _reply(send, 400, "text/plain", f"{broken}\n".encode())
            return
        if self._manners.delay_s:
            await asyncio.sleep(self._manners.delay_s)
        said = self._records.answer(message.query_id, message.query())
        await _reply(send, 200, CONTENT_TYPE, write_answer(message.query_id, said, body))

    def _is_down(self) -> bool:
        period = self._manners.flapping_s
        return bool(period) and int(asyncio.get_running_loop().time() / period) % 2 == 1


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= MESSAGE_BYTES_MAX:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    return body


async def _reply(send: Send, code: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(app: OutsideApp, port: int) -> None:
    """Serve until told to stop. Port 0 takes a free one; the address is printed once it listens."""
    with socket.socket() as reserved:
        # Granian binds by number and with SO_REUSEPORT: held this way the port is ours before it does, and
        # connections go to the socket that listens.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind((HOST, port))
        taken: int = reserved.getsockname()[1]
        server = Server(
            app,
            address=HOST,
            port=taken,
            interface=Interfaces.ASGINL,
            log_enabled=False,
            websockets=False,
            backlog=256,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
        serving = loop.create_task(server.serve())
        await _until_listening(taken, serving)
        started = {"url": f"http://{HOST}:{taken}", "port": taken, "pid": os.getpid()}
        sys.stdout.write(msgspec.json.encode(started).decode() + "\n")
        sys.stdout.flush()
        await serving


async def _until_listening(port: int, serving: asyncio.Task[None]) -> None:
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, load the records, serve."""
    parser = argparse.ArgumentParser(
        prog="outside_server", description="An outside record system of the demo."
    )
    add = parser.add_argument
    add("--name", required=True, help="its name, e.g. ncic")
    add("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    add("--records", type=Path, required=True, help="records file, a JSON line for each record")
    add("--gate-key-file", type=Path, required=True, help="file that holds the gate key, in hexadecimal")
    add("--delay-ms", type=int, default=0, help="milliseconds before each answer")
    add("--silent", action="store_true", help="take messages and never answer")
    add("--flapping", type=float, default=0.0, metavar="S", help="answer for S seconds, then not, by turns")
    add("--parent", type=int, default=os.getppid(), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    die_with(asked.parent)
    records = OutsideRecords(bytes.fromhex(asked.gate_key_file.read_text("ascii")), SystemClock())
    records.load(read_records(asked.records))
    manners = Manners(asked.delay_ms / 1000, asked.silent, asked.flapping)
    asyncio.run(serve(OutsideApp(asked.name, records, manners), asked.port))
    # The server's own thread may still be ending; an interpreter that is taken down under it would abort.
    os._exit(0)


if __name__ == "__main__":
    main()
