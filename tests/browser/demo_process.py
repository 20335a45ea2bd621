"""A running demo for the browser: started for the tests, or one that runs already.

With OPENCLETS_RUNNING_DEMO set to the data folder of a demo that runs, that one is used and left running.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 180
STOP_S = 30


@dataclass(frozen=True)
class RunningDemo:
    """What `demo.json` says (interfaces.md 2)."""

    urls: dict[str, str]
    operators: dict[str, dict[str, Any]]
    examples: dict[str, dict[str, Any]]

    @property
    def base(self) -> str:
        """The address of the public site without its last slash."""
        return self.urls["public"].rstrip("/")


@contextmanager
def running_demo() -> Iterator[RunningDemo]:
    """A demo that answers. Raises RuntimeError with what it printed when it does not start."""
    present = os.environ.get("OPENCLETS_RUNNING_DEMO")
    if present:
        yield read_demo(Path(present))
        return
    with tempfile.TemporaryDirectory(prefix="openclets-browser-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (folder / "printed").open("w+b") as printed:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "openclets.cli.main",
                    "demo",
                    "--data",
                    str(folder / "data"),
                    "--port",
                    "0",
                ],
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
            try:
                _wait_until_it_answers(process, folder)
                yield read_demo(folder / "data")
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def read_demo(folder: Path) -> RunningDemo:
    """The demo whose data folder this is."""
    text = json.loads((folder / "demo.json").read_text("utf-8"))
    return RunningDemo(text["urls"], {one["id"]: one for one in text["operators"]}, text["examples"])


def _wait_until_it_answers(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            base = read_demo(folder / "data").base
            with urllib.request.urlopen(f"{base}/readyz", timeout=5):
                return
        except (OSError, ValueError):
            time.sleep(0.2)
    raise RuntimeError("the demo did not start:\n" + (folder / "printed").read_text("utf-8", "replace"))
