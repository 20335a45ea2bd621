"""Starting and stopping an outside record system as a child process of ours, for the demo and for tests."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from openclets.foundation.errors import Unavailable

START_S = 20.0


class _Started(msgspec.Struct, frozen=True):
    url: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class OutsideProcess:
    """A running outside system and where it answers."""

    name: str
    url: str
    process: subprocess.Popen[bytes]

    def stop(self, wait_s: float = 3.0) -> None:
        """End it: politely, then at once."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(wait_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_outside(
    name: str,
    records: Path,
    gate_key_file: Path,
    *,
    port: int = 0,
    delay_ms: int = 0,
    silent: bool = False,
    flapping_s: float = 0.0,
) -> OutsideProcess:
    """Start an outside system over a records file and wait until it listens.

    Raises Unavailable when it has not within START_S seconds. The process dies with ours.
    """
    command = [sys.executable, "-m", "openclets.adapters.http_json.outside_server"]
    command += ["--name", name, "--port", str(port), "--records", str(records)]
    command += ["--gate-key-file", str(gate_key_file), "--delay-ms", str(delay_ms)]
    command += ["--flapping", str(flapping_s), "--parent", str(os.getpid())]
    if silent:
        command.append("--silent")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    line = _first_line(process, time.monotonic() + START_S)
    try:
        started = msgspec.json.decode(line, type=_Started)
    except msgspec.DecodeError as broken:
        process.kill()
        process.wait()
        process.stdout.close()
        raise Unavailable("SERVER_UNREACHABLE", f"outside system {name} did not start") from broken
    return OutsideProcess(name, started.url, process)


def _first_line(process: subprocess.Popen[bytes], until: float) -> bytes:
    assert process.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(until - time.monotonic(), 0))
        block = os.read(process.stdout.fileno(), 4096) if ready else b""
        if not block:
            break
        line += block
    return line
