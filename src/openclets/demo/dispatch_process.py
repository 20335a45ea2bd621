"""The invented dispatch system as a process of its own: `python -m openclets.demo.dispatch_process FOLDER
URL PARENT`.

Its machine token comes on standard input, so that no list of processes shows it. It dies with its parent.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx

from openclets.demo.dispatch import live
from openclets.demo.examples import DETECTIVE, DISPATCH, PATROL
from openclets.demo.seeding import noted_world
from openclets.demo.world.staff import LOAD_OPERATOR
from openclets.foundation.clock import SystemClock
from openclets.foundation.errors import Unavailable
from openclets.foundation.parent import die_with

ON_SHIFT = (PATROL, DISPATCH, DETECTIVE, LOAD_OPERATOR)
"""Operators of the examples: on shift at any hour, so that a visitor's look-ups have police work behind
them."""


def start_dispatch(folder: Path, url: str, token: str) -> subprocess.Popen[bytes]:
    """Start it beside the caller. It retries until the server answers."""
    command = [sys.executable, "-m", "openclets.demo.dispatch_process", str(folder), url, str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(token.encode() + b"\n")
    process.stdin.close()
    return process


async def _report(folder: Path, url: str, token: str) -> None:
    world = noted_world(folder)
    async with httpx.AsyncClient(
        base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=30
    ) as client:

        async def post(batch: bytes) -> object:
            try:
                answer = await client.post("/api/v1/feeds/duty", content=batch)
            except httpx.HTTPError as lost:
                raise Unavailable("SERVER_UNREACHABLE", str(lost)) from lost
            if answer.status_code != 200:
                raise Unavailable("SERVER_UNREACHABLE", f"{answer.status_code}: {answer.text[:300]}")
            return answer.json()

        await live(world, SystemClock(), post, on_shift=ON_SHIFT)


def main() -> None:
    """Run until killed."""
    parser = argparse.ArgumentParser(
        description="Reports the invented state's police work to a running network."
    )
    parser.add_argument("folder", type=Path, help="the installation's data folder")
    parser.add_argument("url", help="the network's address")
    parser.add_argument("parent", type=int, help="the process this one must not outlive")
    chosen = parser.parse_args()
    die_with(chosen.parent)
    asyncio.run(_report(chosen.folder, chosen.url, sys.stdin.readline().strip()))


if __name__ == "__main__":
    main()
