"""`demo.json`: addresses, ready log-ins and whole inquiries to try (interfaces.md 2). Rewritten at each
start, mode 0600."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from openclets.demo.examples import Example, make_examples
from openclets.demo.world import World
from openclets.demo.world.staff import Posting
from openclets.directory.issue import Bearer, Issuer
from openclets.foundation.secrets_folder import write_private

NAME = "demo.json"
TOKEN_DAYS = 30
LINK_LIFETIME = timedelta(hours=12)
BY = "demo"
ZONE = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class LogIn:
    """What one operator of the invented state logs in with."""

    posting: Posting
    token: str
    link: str


class LineShown(msgspec.Struct, frozen=True):
    """The demo's line: its name, where its listener is, and the file that a client connects with."""

    line: str
    host: str
    port: int
    file: str


async def log_ins(world: World, issuer: Issuer, base: str) -> dict[str, LogIn]:
    """A fresh token and one-time link for each operator; tokens of earlier starts are ended."""
    bearers = [
        Bearer(
            posting.operator,
            posting.terminal,
            machine=posting.person is None and posting.operator.role == "machine",
            site="terminal",
        )
        for posting in world.postings
    ]
    tokens = await issuer.tokens(bearers, days=TOKEN_DAYS, by=BY, reason="the demo was started")
    links = await issuer.links(bearers, by=BY, lifetime=LINK_LIFETIME)
    return {
        posting.operator.id: LogIn(posting, token, f"{base}/terminal/log-in/{link}")
        for posting, (token, _), (link, _) in zip(world.postings, tokens, links, strict=True)
    }


def write_demo_file(
    folder: Path,
    world: World,
    entries: Mapping[str, LogIn],
    base: str,
    now: datetime,
    line: LineShown | None = None,
) -> dict[str, Example]:
    """Write the file; returns the examples it names. `line` is None where no listener runs."""
    examples = make_examples(world, now.astimezone(ZONE).date())
    text = {
        "urls": urls(base),
        "operators": [_operator(world, log_in) for log_in in entries.values()],
        "log_dir": str((folder / "log" / "state").resolve()),
        "line": msgspec.structs.asdict(line) if line else None,
        "examples": {name: example.as_json() for name, example in examples.items()},
    }
    write_private(folder / NAME, msgspec.json.format(msgspec.json.encode(text)).decode() + "\n")
    return examples


def urls(base: str) -> dict[str, str]:
    """The sites' addresses. Those of desks to come answer once they are built."""
    return {
        "terminal": f"{base}/terminal/",
        "agency": f"{base}/agency/",
        "state": f"{base}/state/",
        "committee": f"{base}/committee/",
        "public": f"{base}/",
        "api": f"{base}/api",
        "log": f"{base}/log/state",
    }


def _operator(world: World, log_in: LogIn) -> dict[str, object]:
    posting = log_in.posting
    shown: dict[str, object] = {
        "id": posting.operator.id,
        "agency_ori": posting.operator.agency_ori,
        "role": posting.operator.role,
        "name": posting.operator.name,
        "terminal": posting.terminal,
        "token": log_in.token,
        "password": posting.password,
        "login": log_in.link,
    }
    if posting.person is not None:
        known = world.identifiers_of(posting.person)
        shown["person"] = {"NAM": known.name, "DOB": known.dob}
        shown["plate"] = known.plates[0] if known.plates else ""
    return shown
