"""`openclets demo`: the invented state and its network in the foreground, or its whole story once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from openclets.cli.failing import exit_codes
from openclets.cli.logging_setup import log_to_stderr
from openclets.cli.story import tell_once
from openclets.demo.demo_file import LineShown, log_ins, write_demo_file
from openclets.demo.dispatch_process import start_dispatch
from openclets.demo.examples import DISPATCH
from openclets.demo.run import Prepared, demo_running, prepared
from openclets.demo.welcome import welcome
from openclets.demo.world.staff import DISPATCH_MACHINE
from openclets.foundation.clock import SystemClock
from openclets.foundation.errors import Unavailable
from openclets.foundation.long_life import settle_in
from openclets.foundation.settings import Settings, Size, read_settings
from openclets.line.child import ListenerChild
from openclets.line.demo_line import DEMO_LINE, enroll_demo_line
from openclets.line.entering import entering
from openclets.web.app import Application
from openclets.web.metrics import metrics_begun
from openclets.web.running_counter import RunningCounter
from openclets.web.serve import Serving, free_port
from openclets.web.site import Site

EXAMPLE = """
Examples:

  openclets demo

  openclets demo --data /tmp/state --port 0 --seed 7

  openclets demo --once
"""


def demo(
    data: Annotated[Path | None, typer.Option(help="The folder of this installation.")] = None,
    port: Annotated[int | None, typer.Option(help="The port of the sites; 0 takes a free one.")] = None,
    size: Annotated[Size | None, typer.Option(help="How large a state is made, the first time.")] = None,
    seed: Annotated[int | None, typer.Option(help="What the state grows from, the first time.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Tell the whole story on a throw-away database, then stop.")
    ] = False,
    json_wanted: Annotated[bool, typer.Option("--json", help="Tell the story as one JSON document.")] = False,
) -> None:
    """Run an invented state with its network: PostgreSQL, record systems, switch, log, sites."""
    with exit_codes(json_wanted=json_wanted):
        settings = read_settings(os.environ)
        chosen = {"data_dir": data, "port": port, "size": size, "seed": seed}
        settings = msgspec.structs.replace(settings, **{k: v for k, v in chosen.items() if v is not None})
        if once:
            raise typer.Exit(tell_once(settings, json_wanted=json_wanted))
        _run(settings)


def _run(settings: Settings) -> None:
    begun = time.monotonic()
    log_to_stderr(settings)
    clock = SystemClock()
    port = free_port(settings.host, settings.port)
    settings = msgspec.structs.replace(settings, port=port)
    with prepared(settings, clock, _say) as ready:
        uvloop.run(_serve(settings, ready, clock, begun))
    _say("stopped")


async def _serve(settings: Settings, ready: Prepared, clock: SystemClock, begun: float) -> None:
    base = f"http://{settings.host}:{settings.port}"
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        demo = await stack.enter_async_context(demo_running(settings, ready, clock))
        counter = RunningCounter(demo.running, log_url=f"{base}/log/state")
        application = Application(demo.running, Site(counter, clock, os.urandom))
        serving = Serving(application, settings.host, settings.port)
        # It comes up in a process of its own while the rest does in this one.
        listener = ListenerChild(settings.data_dir, base, settings.line_host, _line_port(settings))
        stack.push_async_callback(listener.end)
        listening = asyncio.get_running_loop().create_task(listener.begin())
        entries = await log_ins(demo.world, demo.issuer, base)
        await serving.begin()
        stack.push_async_callback(serving.end)
        settle_in()
        await metrics_begun(demo.running, application.tally, stack)
        dispatch = start_dispatch(settings.data_dir, base, entries[DISPATCH_MACHINE].token)
        stack.callback(dispatch.kill)
        acts = await stack.enter_async_context(entering(demo.running))
        posting = entries[DISPATCH].posting
        file = await enroll_demo_line(settings, demo.running, acts, posting.operator.id, posting.terminal)
        await listening
        line = LineShown(DEMO_LINE, settings.line_host, listener.port, str(file(listener.port)))
        examples = write_demo_file(settings.data_dir, demo.world, entries, base, clock.now(), line)
        took_s = time.monotonic() - begun
        sys.stdout.write(welcome(base, settings.data_dir, entries, examples, took_s, line))
        sys.stdout.flush()
        await stop.wait()
        _say("stopping")


def _line_port(settings: Settings) -> int:
    """The line listener's port; a free one beside another demo."""
    try:
        return free_port(settings.line_host, settings.line_port)
    except Unavailable:
        return 0


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()
