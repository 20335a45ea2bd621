"""`openclets line …`: the listener, a client, and the adapter for old terminals."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from openclets.cli import line_desk
from openclets.cli.failing import exit_codes
from openclets.cli.logging_setup import log_to_stderr
from openclets.foundation.errors import BadInput, Fault, Unavailable
from openclets.foundation.settings import Settings, read_settings
from openclets.line.answers import ANSWERED, exit_of
from openclets.line.client import Answer, LineClient, connect, new_refs
from openclets.line.files import chosen_line_file
from openclets.line.legacy import LegacyAdapter
from openclets.line.listener_process import serve_lines

EXAMPLE = """
Examples:

  openclets line

  OPENCLETS_LINE_PORT=8061 openclets line
"""
NO_ANSWER = 6

app = typer.Typer(help="The line protocol CLX/1: listen, enroll lines, send.")


@app.callback(invoke_without_command=True, epilog=EXAMPLE)
def line(context: typer.Context) -> None:
    """Let lines in beside a running network, by the settings; without a verb, this is the listener itself."""
    if context.invoked_subcommand is None:
        with exit_codes():
            settings = read_settings(os.environ)
            log_to_stderr(settings)
            serve_lines(settings)


WithOption = Annotated[
    Path | None, typer.Option("--with", help="What the line connects with, as `line enroll` wrote it.")
]


@app.command("send")
def send(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Messages in keyed text, one an argument.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file of messages with an empty line between; - is standard input.")
    ] = None,
    with_file: WithOption = None,
    wait_s: Annotated[int, typer.Option("--seconds", help="How long to wait for answers.")] = 70,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Connect as a line, send messages, print their answers as they come, acknowledge them.

    Answers that an earlier run did not take are printed too. Exit codes: 0 answered, 2 bad input, 3 refused,
    5 a source is missing, 6 not all answers came in time.

    Example: openclets line send 'RQ.LIC/0ABC123.LIS/CA.RSN/TRAFFIC STOP'

    Example: openclets line send --file messages.txt --with line.json --json
    """
    with exit_codes(json_wanted=json_wanted):
        settings = read_settings(os.environ)
        messages = _messages(texts or [], file)
        code = uvloop.run(_send(settings, with_file, messages, wait_s, json_wanted))
        raise typer.Exit(code)


@app.command("legacy")
def legacy(
    port: Annotated[int, typer.Option(help="The port for the terminal; 0 takes a free one.")] = 8062,
    host: Annotated[str, typer.Option(help="The address for the terminal.")] = "127.0.0.1",
    with_file: WithOption = None,
    in_tunnel: Annotated[
        bool, typer.Option("--in-tunnel", help="The address is the end of a VPN or TLS tunnel.")
    ] = False,
    uncounted: Annotated[
        bool, typer.Option("--uncounted", help="The terminal's frames have no four digits of length.")
    ] = False,
) -> None:
    """Let one old terminal that speaks STX and ETX ask by way of a line.

    Only on loopback, for that protocol is neither encrypted nor authenticated.

    Example: openclets line legacy --port 8062 --with line.json
    """
    with exit_codes():
        settings = read_settings(os.environ)
        log_to_stderr(settings)
        adapter = LegacyAdapter(chosen_line_file(settings, with_file), counted=not uncounted)

        async def serve() -> None:
            await adapter.begin(host, port, in_tunnel=in_tunnel)
            sys.stderr.write(f"a terminal may connect to {host}:{adapter.port}\n")
            try:
                await adapter.run()
            finally:
                await adapter.end()

        uvloop.run(serve())


def _messages(texts: Sequence[str], file: Path | None) -> list[str]:
    """What is to be sent. Raises BadInput where that is nothing."""
    messages = list(texts)
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as unread:
            fault = Fault("--file", f"{file} cannot be read: {unread}", "name a text file in UTF-8")
            raise BadInput((fault,)) from unread
        messages += [part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    if not messages:
        remedy = "give messages as arguments, or a file with --file"
        raise BadInput((Fault("texts", "nothing is to be sent", remedy, "FIELD_MISSING"),))
    return messages


async def _send(
    settings: Settings, with_file: Path | None, messages: Sequence[str], wait_s: int, json_wanted: bool
) -> int:
    shown: list[dict[str, object]] = []
    refs = new_refs()
    open_refs = {refs(): text for text in messages}
    worst = ANSWERED
    async with connect(chosen_line_file(settings, with_file)) as client:
        sending = asyncio.ensure_future(_send_all(client, dict(open_refs)))
        try:
            async with asyncio.timeout(wait_s):
                while open_refs:
                    answer = await client.answer()
                    mine = answer.ref in open_refs
                    if mine and answer.final:
                        del open_refs[answer.ref]
                    if mine:
                        worst = max(worst, exit_of(answer.text)) if answer.final else worst
                    _show(answer, mine, shown, json_wanted)
                    client.acknowledge(answer)
                await sending
        except TimeoutError:
            worst = NO_ANSWER
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    if json_wanted:
        document = {"answers": shown, "not_answered": list(open_refs.values())}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    elif open_refs:
        left = f"{len(open_refs)} of {len(messages)} messages had no last answer within {wait_s} s"
        raise Unavailable(
            "SERVER_UNREACHABLE", f"{left}; what the network has taken it answers on the next call."
        )
    return worst


async def _send_all(client: LineClient, messages: dict[str, str]) -> None:
    """Send everything, no more at a time than the line's window allows."""
    turn = asyncio.Semaphore(client.ok.window)

    async def one(ref: str, text: str) -> None:
        async with turn:
            await client.send(text, ref)

    await asyncio.gather(*(one(ref, text) for ref, text in messages.items()))


def _show(answer: Answer, mine: bool, shown: list[dict[str, object]], json_wanted: bool) -> None:
    if json_wanted:
        told: dict[str, object] = {"ref": answer.ref, "seq": answer.seq, "final": answer.final}
        shown.append({**told, "of_this_call": mine, "exit": exit_of(answer.text), "text": answer.text})
        return
    if not mine:
        sys.stdout.write(f"(to an earlier message, {answer.ref})\n")
    sys.stdout.write(answer.text + "\n")
    sys.stdout.flush()


line_desk.add_to(app)
