"""A running demo as a visitor has it: started by its command, spoken to over HTTP, stopped by Ctrl-C.

`running_demo` of conftest is the one that every test may share: nobody suspends its people or kills its
parts. A test that does starts one of its own. Start-up is about 6 s.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from openclets.foundation.database import Role
from openclets.foundation.opening import recorded
from openclets.journal.leaf import encode_leaf, leaf_hash

START_S = 180.0
STOP_S = 30.0
EXEMPT = "LOAD0001"
"""A dispatcher at a fixed terminal whom no quota holds back: who asks where it does not matter who asks."""


@dataclass(frozen=True)
class SeenEntry:
    """The clear fields of an entry, as an auditor with SELECT alone sees them."""

    index: int
    kind: str
    leaf_class: int
    transaction: str
    operator_id: str
    message_key: str
    result_class: str
    leaf_hex: str


@dataclass
class RunningDemo:
    """What `demo.json` says (interfaces.md 2), its process, and ways to speak to it."""

    folder: Path
    process: subprocess.Popen[bytes]
    urls: dict[str, str]
    operators: dict[str, dict[str, Any]]
    examples: dict[str, dict[str, Any]]
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @property
    def base(self) -> str:
        """The address of the public site without its last slash."""
        return self.urls["public"].rstrip("/")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for raw sockets."""
        url = httpx.URL(self.base)
        assert url.port is not None
        return url.host, url.port

    @property
    def log(self) -> Path:
        """The public log's folder."""
        return self.folder / "log" / "state"

    def printed(self) -> str:
        """Everything the command has printed, its log lines included."""
        return (self.folder.parent / "printed").read_text("utf-8", "replace")

    def bearer(self, operator: str) -> dict[str, str]:
        """The header that names an operator at their terminal."""
        return {"Authorization": f"Bearer {self.operators[operator]['token']}"}

    def example(self, name: str, **changes: object) -> tuple[str, dict[str, Any]]:
        """An example of demo.json as its operator and the body to post; `changes` replace members."""
        body = {**self.examples[name], **changes}
        return body.pop("operator"), body

    def ask(self, body: Mapping[str, object], operator: str = EXEMPT) -> httpx.Response:
        """Post one inquiry."""
        return self.http.post(f"{self.base}/api/v1/inquiries", json=body, headers=self.bearer(operator))

    def ask_keyed(self, text: str, operator: str = EXEMPT) -> httpx.Response:
        """Post one inquiry in keyed text."""
        headers = {**self.bearer(operator), "Content-Type": "text/plain"}
        return self.http.post(f"{self.base}/api/v1/messages", content=text.encode(), headers=headers)

    def get(self, path: str, operator: str = "") -> httpx.Response:
        """Read an address, as an operator where one is named."""
        return self.http.get(self.base + path, headers=self.bearer(operator) if operator else {})

    def entries(self, since: int = 0) -> list[SeenEntry]:
        """Every entry from index `since`, read as openclets_reader."""
        with recorded(self.folder).connect(Role.READER) as connection:
            rows = connection.execute(
                "SELECT index, kind, leaf_class, coalesce(transaction::text, ''), operator_id, message_key,"
                " result_class, flags, commitment FROM journal.entry WHERE index >= %s ORDER BY index",
                (since,),
            ).fetchall()
        return [SeenEntry(*row[:7], _leaf_hex(row[2], row[7], bytes(row[8]))) for row in rows]

    def size(self) -> int:
        """How many entries there are: the index that the next one will have."""
        with recorded(self.folder).connect(Role.READER) as connection:
            row = connection.execute("SELECT coalesce(max(index) + 1, 0) FROM journal.entry").fetchone()
        assert row is not None
        return int(row[0])

    def of_operator(self, operator: str, since: int) -> list[SeenEntry]:
        """The entries from `since` that name an operator; the duty feed's come in between."""
        return [entry for entry in self.entries(since) if entry.operator_id == operator]


def _leaf_hex(leaf_class: int, flags: int, commitment: bytes) -> str:
    return leaf_hash(encode_leaf(leaf_class, flags, commitment)).hex()


def start_demo(folder: Path, *arguments: str) -> RunningDemo:
    """Start the demo on `folder`/data and wait until it answers.

    `folder` must be one that the database's account can enter. Raises RuntimeError with what was printed when
    it does not come up.
    """
    data = folder / "data"
    (data / "demo.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "openclets.cli.main", "demo", "--data", str(data), "--port", "0"]
    with (folder / "printed").open("ab") as printed:
        process = subprocess.Popen([*command, *arguments], stdout=printed, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            text = json.loads((data / "demo.json").read_text("utf-8"))
            httpx.get(text["urls"]["public"] + "readyz", timeout=5).raise_for_status()
        except (OSError, ValueError, httpx.HTTPError):
            time.sleep(0.1)
            continue
        operators = {one["id"]: one for one in text["operators"]}
        return RunningDemo(data, process, text["urls"], operators, text["examples"])
    process.kill()
    process.wait()
    raise RuntimeError("the demo did not start:\n" + (folder / "printed").read_text("utf-8", "replace"))


def stop_demo(demo: RunningDemo) -> int:
    """Press Ctrl-C and wait; the exit code. A demo that does not stop in STOP_S seconds is killed: -9."""
    demo.http.close()
    if demo.process.poll() is None:
        demo.process.send_signal(signal.SIGINT)
        try:
            demo.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            demo.process.kill()
            demo.process.wait()
    return demo.process.returncode


@contextmanager
def running_demo(folder: Path) -> Iterator[RunningDemo]:
    """A demo for the block; at its end it must stop cleanly, and nothing in it may have failed unforeseen."""
    demo = start_demo(folder)
    try:
        yield demo
        assert demo.process.poll() is None, "the demo stopped by itself:\n" + demo.printed()[-4000:]
    finally:
        code = stop_demo(demo)
    assert code == 0, f"the demo ended with {code}:\n" + demo.printed()[-4000:]
    assert "Traceback" not in demo.printed(), demo.printed()[-4000:]
