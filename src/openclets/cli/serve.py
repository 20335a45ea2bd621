"""`openclets serve`: one serving process of an installation: switch, sequencer, sites and programs' side."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

import typer
import uvloop

from openclets.cli.failing import exit_codes
from openclets.cli.logging_setup import log_to_stderr
from openclets.foundation.clock import SystemClock
from openclets.foundation.long_life import settle_in
from openclets.foundation.opening import Opened, opened
from openclets.foundation.settings import Settings, read_settings
from openclets.line.entering import entering
from openclets.migrations.apply import migrate
from openclets.web.app import Application
from openclets.web.metrics import metrics_begun
from openclets.web.running_counter import RunningCounter
from openclets.web.serve import Serving, free_port
from openclets.web.site import Site
from openclets.wiring import running

EXAMPLE = """
Examples:

  openclets serve

  OPENCLETS_DATABASE_DSN='postgresql://…' OPENCLETS_DATA_DIR=/srv/openclets openclets serve
"""


def serve() -> None:
    """Serve an installation in the foreground, by its settings; it fills in nothing."""
    with exit_codes():
        settings = read_settings(os.environ)
        log_to_stderr(settings)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free_port(settings.host, settings.port)
        with opened(settings) as database:
            migrate(database.database)
            uvloop.run(_serve(settings, database))
        raise typer.Exit(0)


async def _serve(settings: Settings, database: Opened) -> None:
    clock = SystemClock()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        parts = await stack.enter_async_context(running(settings, database.database, clock=clock))
        counter = RunningCounter(parts, log_url=f"{settings.url.rstrip('/')}/log/state")
        site = Site(
            counter,
            clock,
            os.urandom,
            invented=settings.training,
            secure_cookies=settings.url.startswith("https://"),
        )
        application = Application(parts, site)
        serving = Serving(application, settings.host, settings.port)
        await serving.begin()
        stack.push_async_callback(serving.end)
        await stack.enter_async_context(entering(parts))
        settle_in()
        await metrics_begun(parts, application.tally, stack)
        sys.stderr.write(f"openclets serves at http://{settings.host}:{settings.port}/\n")
        await stop.wait()
