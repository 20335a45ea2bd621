"""One process at a time for a data folder: `DIR/pg.lock`, held by the kernel while its holder lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from openclets.foundation.errors import Unavailable


def hold(directory: Path) -> int:
    """Take the lock of `directory`, made where absent; the handle to `let_go` of.

    Raises Unavailable(DATA_FOLDER_IN_USE), which names the process that holds it.
    """
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle = os.open(directory / "pg.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        os.close(handle)
        raise Unavailable(
            "DATA_FOLDER_IN_USE",
            f"another openclets (process {holder or 'unknown'}) runs on {directory}",
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def let_go(handle: int) -> None:
    """Give the lock back. The file stays: deleting it would let two processes hold one name."""
    os.close(handle)
