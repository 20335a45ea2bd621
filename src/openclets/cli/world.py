"""`openclets world …`: an invented state in the audit exchange form, for tests, detection and load."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from openclets.cli.failing import exit_codes
from openclets.demo.world import SIZES, Size, make_world
from openclets.foundation.errors import BadInput, Fault

if TYPE_CHECKING:
    from openclets.demo.past.generate import Generated, Progress

UNTIL = date(2026, 6, 30)
"""The last day written unless another is asked for: fixed, so that one seed is one world on any day."""
_LEAST = Size(agencies=1, operators=4, persons=500, days=1)
_MOST = Size(agencies=900, operators=200_000, persons=1_000_000, days=3_660)
_SMALL = SIZES["small"]

app = typer.Typer(help="The invented state.", no_args_is_help=True)


@app.callback()
def world() -> None:
    """The invented state."""


@app.command("generate")
def generate_command(
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")],
    seed: Annotated[int, typer.Option("--seed", help="What the world is made from; one seed is one world.")],
    agencies: Annotated[int, typer.Option("--agencies", help="How many agencies.")] = _SMALL.agencies,
    operators: Annotated[int, typer.Option("--operators", help="How many operators.")] = _SMALL.operators,
    persons: Annotated[int, typer.Option("--persons", help="How many people.")] = _SMALL.persons,
    days: Annotated[int, typer.Option("--days", help="How many days of work and look-ups.")] = _SMALL.days,
    until: Annotated[str, typer.Option("--until", help="The last day, CCYY-MM-DD.")] = UNTIL.isoformat(),
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV instead of Parquet.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a world that is already there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write an invented state's past: people, police work and the ordinary look-ups that followed from it.

    The same seed and sizes give the same bytes. What was planted is in OUT/truth; nothing is planted yet.

    Example: openclets world generate --out var/world --seed 7 --days 30
    """
    # Here and not above: Arrow takes a tenth of a second to load, which other commands need not wait for.
    from openclets.demo.past.generate import generate, written_files

    size = Size(agencies, operators, persons, days)
    with exit_codes(json_wanted=as_json):
        last = _read_request(out, size, until, force=force)
        began = time.monotonic()
        out.mkdir(parents=True, exist_ok=True)
        for path in written_files(out):
            path.unlink()
        with _progress(as_json) as progress:
            progress("people", 0, days + 4)
            written = generate(make_world(size, seed, last), out, csv=csv, progress=progress)
        _print(written, out, time.monotonic() - began, as_json)


def _read_request(out: Path, size: Size, until: str, *, force: bool) -> date:
    """The last day asked for. Raises BadInput with everything that is wrong with the request."""
    faults: list[Fault] = []
    for name in ("agencies", "operators", "persons", "days"):
        asked, least, most = (getattr(each, name) for each in (size, _LEAST, _MOST))
        if not least <= asked <= most:
            fault = f"{asked} is outside {least} to {most}"
            faults.append(Fault(f"--{name}", fault, f"ask for {least} to {most}"))
    if size.operators < 2 * size.agencies + 2:
        fault = f"{size.operators} are too few for {size.agencies} agencies"
        faults.append(Fault("--operators", fault, f"ask for at least {2 * size.agencies + 2}"))
    if size.operators * 10 > size.persons:
        fault = f"{size.operators} are too many for {size.persons} people"
        faults.append(Fault("--operators", fault, "ask for at most one in ten people"))
    last = UNTIL
    try:
        last = date.fromisoformat(until)
    except ValueError:
        faults.append(Fault("--until", f"{until!r} is not a day", "write CCYY-MM-DD"))
    if out.exists() and not out.is_dir():
        faults.append(Fault("--out", f"{out} is not a folder", "name a folder"))
    elif out.is_dir() and any(out.iterdir()) and not force:
        faults.append(Fault("--out", f"{out} is not empty", "name another folder, or add --force to replace"))
    if faults:
        raise BadInput(tuple(faults))
    return last


@contextmanager
def _progress(as_json: bool) -> Iterator[Progress]:
    """A bar on a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda _, done, size: None
        return
    with Bar(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("")
        yield lambda text, done, size: bar.update(task, description=text, completed=done, total=size)


def _print(written: Generated, out: Path, seconds: float, as_json: bool) -> None:
    if as_json:
        facts = {
            "out": str(out),
            "rows": written.rows,
            "sha256": written.digest,
            "seconds": round(seconds, 1),
        }
        print(json.dumps(facts))
        return
    for name, rows in written.rows.items():
        print(f"{rows:>12,}  {name}")
    print(f"Written to {out} in {seconds:.1f} s. sha256 {written.digest}")
