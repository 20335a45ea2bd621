"""The listener as a process: as the demo's child (`python -m openclets.line.listener_process`), and as
`openclets line` in the foreground.

It says where it listens as one line of JSON on standard output, and goes on until SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import msgspec
import uvloop

from openclets.foundation.clock import SystemClock
from openclets.foundation.long_life import settle_in
from openclets.foundation.opening import recorded
from openclets.foundation.parent import die_with
from openclets.foundation.settings import Settings, read_settings
from openclets.line.files import listener_files
from openclets.line.sealing import sealer_of
from openclets.line.serving import listening
from openclets.line.tls import listener_context


class Listening(msgspec.Struct, frozen=True):
    """Where the listener is."""

    host: str
    port: int
    pid: int


def serve_lines(settings: Settings) -> None:
    """Listen until told to stop. Raises Unavailable where no network has recorded its database, or the port
    is taken; BadInput for faulty certificates.
    """
    clock = SystemClock()
    context = listener_context(*listener_files(settings, clock.now()))
    database = recorded(settings.data_dir)

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        sealer = sealer_of(settings.data_dir, os.urandom)
        starting = asyncio.ensure_future(stop.wait())
        async with listening(
            database, sealer, settings.url, context, settings.line_host, settings.line_port, clock
        ) as listener:
            settle_in()
            told = Listening(settings.line_host, listener.port, os.getpid())
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
            sys.stdout.flush()
            await starting

    uvloop.run(serve())


def main() -> None:
    """Run as a child of the demo."""
    parser = argparse.ArgumentParser(description="Lets lines in, beside a running network.")
    parser.add_argument("--folder", type=Path, required=True, help="the installation's data folder")
    parser.add_argument("--url", required=True, help="the network's address")
    parser.add_argument("--host", required=True, help="the address to listen at")
    parser.add_argument("--port", type=int, required=True, help="the port to listen at; 0 takes a free one")
    parser.add_argument("--parent", type=int, required=True, help="the process this one must not outlive")
    given = parser.parse_args()
    die_with(given.parent)
    settings = msgspec.structs.replace(
        read_settings(os.environ),
        data_dir=given.folder,
        url=given.url,
        line_host=given.host,
        line_port=given.port,
    )
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=settings.log_level.value.upper(), format=form, stream=sys.stderr)
    serve_lines(settings)


if __name__ == "__main__":
    main()
