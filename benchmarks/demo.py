"""A demo to measure: `openclets demo` in a process of its own, on a folder that goes when it is done with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import msgspec

from openclets.foundation.database import Role
from openclets.foundation.opening import recorded
from openclets.foundation.postgres.discard import remove_server_files

PATIENCE_S = 300.0
PLATES_MAX = 512
LOAD_EXAMPLE = "load"
"""The example of demo.json whose operator no quota holds back: a plate, asked of three local systems."""


class Demo(msgspec.Struct, frozen=True):
    """A demo that answers; `started_s` is how long that took."""

    host: str
    port: int
    folder: Path
    example: dict[str, object]
    token: str
    started_s: float

    def inquiries(self) -> list[bytes]:
        """Whole HTTP requests: the load example, once for each of some hundred plates on file."""
        with recorded(self.folder).connect(Role.RECORDS) as connection:
            rows = connection.execute(
                "SELECT DISTINCT substr(key, 5) FROM synthetic.search_key"
                " WHERE system = 'dmv.vehicle' AND key LIKE 'LIC:%%' ORDER BY 1 LIMIT %s",
                (PLATES_MAX,),
            ).fetchall()
        return [self._inquiry(str(plate)) for (plate,) in rows]

    def _inquiry(self, plate: str) -> bytes:
        fields = self.example["fields"]
        assert isinstance(fields, dict)
        body = json.dumps({**self.example, "fields": {**fields, "LIC": plate}}).encode()
        return http_request("/api/v1/inquiries", body, self.token)


def http_request(path: str, body: bytes, token: str) -> bytes:
    """A whole POST request, connection kept."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def bench_folder() -> Iterator[Path]:
    """An empty folder that the database's account can enter; whatever came to lie in it is removed."""
    with tempfile.TemporaryDirectory(prefix="openclets-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            remove_server_files(folder)


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """A demo on `folder`, stopped by Ctrl-C at the end. Raises RuntimeError when it does not come up."""
    said = folder / "demo.json"
    said.unlink(missing_ok=True)
    began = time.perf_counter()
    command = [sys.executable, "-m", "openclets.cli.main", "demo", "--data", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(said):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                raise RuntimeError("the demo did not come up")
            time.sleep(0.05)
        started_s = time.perf_counter() - began
        told = json.loads(said.read_text("utf-8"))
        example = dict(told["examples"][LOAD_EXAMPLE])
        operator = example.pop("operator")
        token = next(one["token"] for one in told["operators"] if one["id"] == operator)
        url = urlsplit(told["urls"]["public"])
        yield Demo(str(url.hostname), int(url.port or 80), folder, example, token, started_s)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)


def _answers(said: Path) -> bool:
    try:
        url = json.loads(said.read_text("utf-8"))["urls"]["public"]
        with urlopen(f"{url}readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False
