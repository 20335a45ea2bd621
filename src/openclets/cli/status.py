"""`openclets status`: whether a network can answer, part by part, and what to do where it cannot."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated, Any

import httpx
import typer

from openclets.cli.failing import exit_codes
from openclets.foundation.errors import Unavailable
from openclets.foundation.settings import read_settings

EXAMPLE = """
Examples:

  openclets status

  OPENCLETS_URL=http://127.0.0.1:8060 openclets status --json

Exit codes: 0 every part is in order, 6 some part is not, or the server does not answer.
"""

NOT_READY = 6
TIMEOUT_S = 5.0

_PARTS = {
    "journal_writable": (
        "the journal can be written",
        "see that PostgreSQL runs and its disk has room; no inquiry is asked or answered meanwhile",
    ),
    "directory_current": (
        "the directory is current",
        "see that PostgreSQL runs; nobody is admitted meanwhile",
    ),
    "log_published": ("the public log keeps up", "see that the log's folder can be written and has room"),
    "keys_reachable": (
        "the keys can be read",
        "see that DIR/keys is there and belongs to the server's account",
    ),
}


def status(
    json_wanted: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Ask the server whether it can answer inquiries, and say what to do where it cannot."""
    with exit_codes(json_wanted=json_wanted):
        parts = _parts(read_settings(os.environ).url)
        sys.stdout.write(json.dumps(parts) + "\n" if json_wanted else _told(parts))
        if not parts["ready"]:
            raise typer.Exit(NOT_READY)


def _parts(url: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = httpx.get(f"{url.rstrip('/')}/readyz", timeout=TIMEOUT_S).json()
    except (httpx.HTTPError, ValueError) as lost:
        raise Unavailable("SERVER_UNREACHABLE", f"{url} does not answer: {lost}") from lost
    if "ready" not in answer:
        raise Unavailable("SERVER_UNREACHABLE", f"{url} answers, but is no openclets server")
    return answer


def _told(parts: dict[str, Any]) -> str:
    lines = []
    for name, (good, remedy) in _PARTS.items():
        lines.append(f"ok    {good}" if parts.get(name) else f"FAIL  not so: {good}; {remedy}")
    lines.append(f"      {parts.get('entries_not_published', 0)} entries wait to be published")
    return "\n".join(lines) + "\n"
