"""`openclets`: every command, by noun."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from openclets import __version__
from openclets.cli import demo, inquire, journal, line, policy, serve, status, world

app = typer.Typer(
    help="A police records network and its conscience.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", epilog=demo.EXAMPLE)(demo.demo)
app.command("serve", epilog=serve.EXAMPLE)(serve.serve)
app.command("status", epilog=status.EXAMPLE)(status.status)
app.command("inquire", epilog=inquire.EXAMPLE)(inquire.inquire)
app.add_typer(journal.app, name="journal")
app.add_typer(line.app, name="line")
app.add_typer(policy.app, name="policy")
app.add_typer(world.app, name="world")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"openclets {__version__}")
        raise typer.Exit


@app.callback()
def openclets(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A police records network and its conscience."""


def main() -> None:
    """Run a command. A reader that closed our output early is no failure."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
