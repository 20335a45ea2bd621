"""How fast a log of a million entries is verified from its public files, and in how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.demo import bench_folder
from benchmarks.row import Row
from openclets.journal.checkpoint import Checkpoint, sign_checkpoint
from openclets.journal.growing_tiles import GrowingTiles
from openclets.journal.leaf import encode_leaf
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.signed_note import Signer

ENTRIES = 1_000_000
ORIGIN = "openclets.invalid/bench/state"
_STEP = 50_000


def rows(seconds: float, *, entries: int = ENTRIES) -> list[Row]:
    """Make a log of `entries` and verify it once by the command; `seconds` does not matter here."""
    with bench_folder() as folder:
        made_s = _make(folder, entries)
        verified_s, memory_mib = _verify(folder)
    return [
        Row(f"tiles of {entries:,} entries made and flushed", made_s, "s"),
        Row(f"`openclets journal verify` of {entries:,} entries", verified_s, "s", "≤ 20 s"),
        Row("its most memory", memory_mib, "MiB", "≤ 1,024 MiB"),
    ]


def _make(path: Path, entries: int) -> float:
    began = time.perf_counter()
    folder, tiles, signer = LogFolder(path), GrowingTiles(), Signer.from_seed(ORIGIN, os.urandom(32))
    for start in range(0, entries, _STEP):
        random = os.urandom(32 * min(_STEP, entries - start))
        tiles.append(encode_leaf(1 + n % 6, 0, random[n : n + 32]) for n in range(0, len(random), 32))
        folder.write_tiles(tiles.changed())
        tiles.written()
    folder.write_text(VKEY, signer.verifier.encode() + "\n")
    folder.write_text(
        CHECKPOINT, sign_checkpoint(Checkpoint(ORIGIN, tiles.size, tiles.root()), signer).encode()
    )
    return time.perf_counter() - began


def _verify(path: Path) -> tuple[float, float]:
    """Seconds and MiB of the command. Raises RuntimeError when the log does not hold."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "openclets.cli.main", "journal", "verify", "--json", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, ended, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended)
    if process.returncode:
        raise RuntimeError(f"the log made here does not verify: exit code {process.returncode}")
    return time.perf_counter() - began, used.ru_maxrss / 1024
