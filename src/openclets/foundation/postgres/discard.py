"""Delete the database that belongs to a folder, wherever it was placed: `make reset`, throw-away runs, tests.

`python -m openclets.foundation.postgres.discard DIR`. Leaves every other file of `DIR` alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from openclets.foundation.errors import Unavailable
from openclets.foundation.postgres import folder_lock, leftover, place


def remove_server_files(directory: Path) -> None:
    """Delete the database of `directory`. Raises Unavailable(DATA_FOLDER_IN_USE) while one runs there."""
    if not directory.exists():
        return
    lock = folder_lock.hold(directory)
    try:
        found = place.choose_place(directory, place.server_account())
        if found.cluster.exists():
            leftover.take_down(found.cluster)
        place.remove(found)
    finally:
        folder_lock.let_go(lock)


def main(arguments: list[str]) -> int:
    """The command; its exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m openclets.foundation.postgres.discard DIR\n")
        return 2
    try:
        remove_server_files(Path(arguments[0]))
    except Unavailable as unavailable:
        sys.stderr.write(f"{unavailable.message}\n")
        return 6
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
