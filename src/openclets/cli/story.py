"""`openclets demo --once`: the whole story, headless, on a throw-away database; every step checked
and told.

One look-up of every kind, each through the real server; one refused, with its rule; a reply read
again; a proof checked; the whole log verified from its files. A step that does not hold ends the
story with exit code 1.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvloop

from openclets.demo.demo_file import LogIn, log_ins, write_demo_file
from openclets.demo.examples import Example
from openclets.demo.run import Prepared, demo_running, prepared
from openclets.foundation.clock import SystemClock
from openclets.foundation.postgres.discard import remove_server_files
from openclets.foundation.settings import Settings
from openclets.journal.log_folder import VKEY
from openclets.journal.log_source import open_source
from openclets.journal.proofs import check_proof, parse_proof
from openclets.journal.signed_note import parse_verifier_key
from openclets.journal.verify import Verdict, verify
from openclets.web.app import Application
from openclets.web.running_counter import RunningCounter
from openclets.web.serve import Serving, free_port
from openclets.web.site import Site

REFUSED_EXAMPLE = "own_record"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: what was done, whether it held, and the entry it left."""

    name: str
    held: bool
    told: str
    index: int | None = None


def tell_once(settings: Settings, *, json_wanted: bool) -> int:
    """Tell the story; the exit code."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="openclets-once-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        settings = msgspec.structs.replace(settings, data_dir=folder, port=free_port(settings.host, 0))
        say = _quiet if json_wanted else _say
        try:
            with prepared(settings, clock, say) as ready:
                steps = uvloop.run(_tell(settings, ready, clock, _quiet_step if json_wanted else _print_step))
        finally:
            remove_server_files(folder)
    held = all(step.held for step in steps)
    if json_wanted:
        sys.stdout.write(json.dumps({"held": held, "steps": [asdict(step) for step in steps]}) + "\n")
    else:
        sys.stdout.write(f"{'Every step held.' if held else 'A step did not hold.'}\n")
    return 0 if held else 1


async def _tell(
    settings: Settings, ready: Prepared, clock: SystemClock, tell: Callable[[Step], None]
) -> list[Step]:
    base = f"http://{settings.host}:{settings.port}"
    steps: list[Step] = []
    async with contextlib.AsyncExitStack() as stack:
        demo = await stack.enter_async_context(demo_running(settings, ready, clock))
        counter = RunningCounter(demo.running, log_url=f"{base}/log/state")
        serving = Serving(
            Application(demo.running, Site(counter, clock, os.urandom)), settings.host, settings.port
        )
        entries = await log_ins(demo.world, demo.issuer, base)
        await serving.begin()
        stack.push_async_callback(serving.end)
        examples = write_demo_file(settings.data_dir, demo.world, entries, base, clock.now())
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base, timeout=30))
        async for step in _steps(client, entries, examples, settings.data_dir / "log" / "state"):
            tell(step)
            steps.append(step)
    return steps


async def _steps(
    client: httpx.AsyncClient, entries: dict[str, LogIn], examples: dict[str, Example], log: Path
) -> AsyncIterator[Step]:
    plate: dict[str, Any] = {}
    index_last = 0
    for name, example in examples.items():
        answer = await _ask(client, entries, example)
        index_last = max(
            index_last, answer.get("receipt", answer.get("error", {}).get("receipt", {})).get("index", 0)
        )
        if name == "plate":
            plate = answer
        yield _refused(name, answer) if name == REFUSED_EXAMPLE else _answered(name, answer)
    headers = _headers(entries, examples["plate"])
    yield await _read_again(client, plate, headers)
    yield await _proven(client, plate, headers, log)
    yield await _verified(log, steps_before=index_last)


async def _ask(client: httpx.AsyncClient, entries: dict[str, LogIn], example: Example) -> dict[str, Any]:
    body = {k: v for k, v in example.as_json().items() if k != "operator"}
    answer = await client.post("/api/v1/inquiries", json=body, headers=_headers(entries, example))
    shown: dict[str, Any] = answer.json()
    return shown


def _headers(entries: dict[str, LogIn], example: Example) -> dict[str, str]:
    return {"authorization": f"Bearer {entries[example.operator].token}"}


def _answered(name: str, answer: dict[str, Any]) -> Step:
    found = [leg["system"] for leg in answer.get("legs", []) if leg["records"]]
    told = answer.get("summary") or answer.get("error", {}).get("message", "no answer")
    return Step(name, bool(found) and answer["final"], told, answer.get("receipt", {}).get("index"))


def _refused(name: str, answer: dict[str, Any]) -> Step:
    error = answer.get("error", {})
    rules = ", ".join(rule["id"] for rule in error.get("rules", []))
    index = error.get("receipt", {}).get("index")
    return Step(name, bool(rules) and index is not None, f"refused by {rules}: {error.get('message')}", index)


async def _read_again(client: httpx.AsyncClient, plate: dict[str, Any], headers: dict[str, str]) -> Step:
    again = (await client.get(f"/api/v1/transactions/{plate['transaction']}", headers=headers)).json()
    held = again.get("legs") == plate["legs"]
    return Step("read_again", held, "the reply was shown again, as it was; the reading is an entry")


async def _proven(
    client: httpx.AsyncClient, plate: dict[str, Any], headers: dict[str, str], log: Path
) -> Step:
    for _ in range(10):
        answer = await client.get(f"/api/v1/transactions/{plate['transaction']}/proof", headers=headers)
        if answer.status_code != 202:
            break
        await asyncio.sleep(0.5)
    key = parse_verifier_key((log / VKEY).read_text().removesuffix("\n"))
    proven = check_proof(parse_proof(answer.text), key)
    held = proven.index == plate["receipt"]["index"]
    return Step(
        "proof", held, f"entry {proven.index} is in the log of {proven.checkpoint.size}", proven.index
    )


async def _verified(log: Path, steps_before: int) -> Step:
    """Verify the log once it covers every entry the story has told of: within a second of the last."""
    for _ in range(10):
        report = await asyncio.to_thread(verify, open_source(str(log)))
        if report.entries > steps_before:
            break
        await asyncio.sleep(0.3)
    held = report.verdict is Verdict.HOLDS and report.entries > steps_before
    return Step("verify", held, f"{report.entries} entries verified from files alone")


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


def _quiet(text: str) -> None:
    pass


def _print_step(step: Step) -> None:
    entry = f"entry {step.index}" if step.index is not None else ""
    sys.stdout.write(f"{'ok  ' if step.held else 'FAIL'} {step.name:<34} {entry:<11} {step.told}\n")
    sys.stdout.flush()


def _quiet_step(step: Step) -> None:
    pass
