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


def processes_on(data: Path) -> tuple[int, ...]:
    """The ids of PostgreSQL processes that work in the folder `data`, the oldest first."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if (entry / "cwd").readlink() == data and (entry / "comm").read_text().startswith("postgres"):
                found.append(int(entry.name))
        except OSError:
            continue
    return tuple(sorted(found))


def take_down(data: Path) -> int:
    """End every server process on `data` and clear a lock file that would stop the next; how many there were.

    Raises TimeoutError where one survives SIGKILL (a disk that hangs).
    """
    data = data.resolve()
    first = processes_on(data)
    for order, grace_s in GRACE_S:
        deadline = time.monotonic() + grace_s
        _signal(_postmaster(data), order)
        while processes_on(data):
            if time.monotonic() > deadline:
                break
            if _postmaster(data) is None or order is signal.SIGKILL:
                # The postmaster is gone: what still holds its shared memory would keep the next one out.
                for process in processes_on(data):
                    _signal(process, order)
            time.sleep(0.02)
        else:
            _forget_stranger(data)
            return len(first)
    raise TimeoutError(f"PostgreSQL processes {processes_on(data)} on {data} cannot be ended")


def _postmaster(data: Path) -> int | None:
    noted = _noted_process(data)
    return noted if noted in processes_on(data) else None


def _noted_process(data: Path) -> int | None:
    try:
        return abs(int((data / "postmaster.pid").read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError):
        return None


def _forget_stranger(data: Path) -> None:
    """Drop a lock file whose process number is now another program's: PostgreSQL would refuse to start."""
    noted = _noted_process(data)
    if noted is not None and Path(f"/proc/{noted}").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)


def _signal(process: int | None, order: signal.Signals) -> None:
    if process is None:
        return
    try:
        os.kill(process, order)
    except ProcessLookupError:
        pass
