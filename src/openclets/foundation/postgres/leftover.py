"""Server processes that an earlier run left behind on a data folder, and taking them down.

Every PostgreSQL process works in its data folder, so /proc names them without trusting `postmaster.pid`,
whose number may by now belong to a stranger. Call only while holding the folder's lock: then none of them is
rightful.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

GRACE_S = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
"""Asked to stop fast, then to stop at once, then stopped: each with the seconds it is given."""


def processes_on(folder: Path) -> tuple[int, ...]:
    """The ids of PostgreSQL processes that work in the folder `folder`, the oldest first."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if (entry / "cwd").readlink() == folder and (entry / "comm").read_text().startswith("postgres"):
                found.append(int(entry.name))
        except OSError:
            continue
    return tuple(sorted(found))


def take_down(folder: Path) -> int:
    """End every server process on `folder` and clear a lock file that would stop the next; how many it ended.

    Raises TimeoutError where one survives SIGKILL (a disk that hangs).
    """
    folder = folder.resolve()
    first = processes_on(folder)
    for order, grace_s in GRACE_S:
        deadline = time.monotonic() + grace_s
        _signal(_postmaster(folder), order)
        while processes_on(folder):
            if time.monotonic() > deadline:
                break
            if _postmaster(folder) is None or order is signal.SIGKILL:
                # The postmaster is gone: what still holds its shared memory would keep the next one out.
                for process in processes_on(folder):
                    _signal(process, order)
            time.sleep(0.02)
        else:
            _forget_stranger(folder)
            return len(first)
    raise TimeoutError(f"PostgreSQL processes {processes_on(folder)} on {folder} cannot be ended")


def _postmaster(folder: Path) -> int | None:
    noted = _noted_process(folder)
    return noted if noted in processes_on(folder) else None


def _noted_process(folder: Path) -> int | None:
    try:
        return abs(int((folder / "postmaster.pid").read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError):
        return None


def _forget_stranger(folder: Path) -> None:
    """Drop a lock file whose process number is now another program's: PostgreSQL would refuse to start."""
    noted = _noted_process(folder)
    if noted is not None and Path(f"/proc/{noted}").exists():
        (folder / "postmaster.pid").unlink(missing_ok=True)


def _signal(process: int | None, order: signal.Signals) -> None:
    if process is None:
        return
    try:
        os.kill(process, order)
    except ProcessLookupError:
        pass
