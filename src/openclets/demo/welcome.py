"""What the demo says once it is up: where its sites are, who can log in, and one thing to try in each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from openclets.demo.demo_file import NAME, LineShown, LogIn
from openclets.demo.examples import DETECTIVE, PATROL, Example

_TRIES = (
    ("plate", "a plate"),
    ("driver", "a driver licence"),
    ("snowmobile", "a snowmobile"),
    ("parking_citations", "parking citations"),
    ("restraining_order_filed_by", "a restraining order, by who filed it"),
    ("criminal_history", "a criminal history (as the detective, at a fixed terminal)"),
    ("national_wanted_person", "a person wanted in another state"),
    ("stolen_plate", "a stolen plate: a HIT"),
    ("own_record", "your own plate: refused, with the rule"),
)


def welcome(
    base: str,
    folder: Path,
    log_ins: Mapping[str, LogIn],
    examples: Mapping[str, Example],
    started_in_s: float,
    line: LineShown,
) -> str:
    """The text, for a terminal."""
    officer, detective = log_ins[PATROL], log_ins[DETECTIVE]
    width = max(len(keyed(examples[name])) for name, _ in _TRIES)
    tries = "\n".join(f"{'':13}{keyed(examples[name]):<{width}}   {words}" for name, words in _TRIES)
    program = _program()
    incident = examples["plate"].incident
    return f"""
openclets is up after {started_in_s:.1f} s. Everybody in it is invented.

  Terminal   {base}/terminal/
    log in   {_who(officer)}
             {officer.link}
             {_who(detective)}
             {detective.link}
    (each link works once; else user id and password from {folder / NAME})
    try      type one of these in the box for keyed text, incident {incident}:
{tries}

  Public     {base}/            what the log holds, and how to check it
    try      {base}/verify      paste the number of a log entry from an answer
  Programs   {base}/api/openapi.json
    try      OPENCLETS_URL={base} OPENCLETS_TOKEN={officer.token} \\
             {program} inquire '{keyed(examples["plate"])}' --incident {incident}
  Line       {line.host}:{line.port}   CLX/1 over TLS 1.3, with a client certificate (line {line.line})
    try      {program} line send --with {line.file} \\
             '{keyed(examples["plate"])}.OCA/{incident}'
  The log    {folder / "log" / "state"}
    try      {program} journal verify {folder / "log" / "state"}

Ctrl-C stops it; the next start goes on with the same state.
"""


def _program() -> str:
    """How the command is called from here: by its name where it is found, else by its path."""
    beside = Path(sys.executable).with_name("openclets")
    if shutil.which("openclets") or not beside.exists():
        return "openclets"
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)


def keyed(example: Example) -> str:
    """An example as one line of keyed text, without its incident."""
    fields = ".".join(f"{code}/{value}" for code, value in example.fields.items())
    purpose = f".PUR/{example.purpose_code}.ATN/{example.attention}" if example.purpose_code else ""
    return f"{example.message_key}.{fields}{purpose}"


def _who(log_in: LogIn) -> str:
    operator = log_in.posting.operator
    return f"{operator.name}, {operator.role} ({operator.id})"
