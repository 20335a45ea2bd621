"""A data folder made once, and the settings its server runs with.

Durability is never traded: `fsync` and `synchronous_commit` are on, pages carry checksums (security.md 4.8).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from openclets.foundation.errors import Unavailable
from openclets.foundation.postgres.binaries import Binaries
from openclets.foundation.postgres.place import Account, Place

SUPERUSER = "postgres"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # The sequencer already commits in groups: a server that waits for company only adds delay.
    "commit_delay": "0",
    "autovacuum": "on",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_min_messages": "warning",
    # A statement may hold a search term; none may reach a log file.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


def environment() -> dict[str, str]:
    """The variables a server program runs with: none of the caller's `PG…`, no locale."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def initialise(place: Place, binaries: Binaries, password: str) -> None:
    """Make the data folder of `place`: whole, or not at all. Raises Unavailable with what initdb said."""
    half = place.home / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    password_file = place.home / "password.new"
    password_file.unlink(missing_ok=True)
    with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
        os.fchown(file.fileno(), place.account.uid, place.account.gid)
    try:
        _run(
            place.account,
            [
                str(binaries.folder / "initdb"),
                f"--pgdata={half}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
            ],
            cwd=place.home,
        )
    finally:
        password_file.unlink(missing_ok=True)
    half.rename(place.cluster)


def check_version(place: Place, binaries: Binaries) -> None:
    """Raises Unavailable where the data folder was made by another major version of PostgreSQL."""
    made_by = (place.cluster / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major):
        raise Unavailable(
            "DATABASE_UNAVAILABLE",
            f"{place.cluster} was made by PostgreSQL {made_by}; {binaries.folder} holds {binaries.version}. "
            f"Set OPENCLETS_POSTGRES_BIN to a server of version {made_by}, or move the folder by pg_upgrade.",
        )


def command(place: Place, binaries: Binaries) -> list[str]:
    """The command line that starts the server of `place` in the foreground."""
    settings = {**SETTINGS, "unix_socket_directories": str(place.socket)}
    if _accepts(place, binaries, "wal_compression", "lz4"):
        settings["wal_compression"] = "lz4"
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries.folder / "postgres"), "-D", str(place.cluster), *options]


def _accepts(place: Place, binaries: Binaries, name: str, value: str) -> bool:
    asked = ["-C", name, "-c", f"{name}={value}"]
    try:
        _run(
            place.account,
            [str(binaries.folder / "postgres"), "-D", str(place.cluster), *asked],
            cwd=place.home,
        )
    except Unavailable:
        return False
    return True


def _run(account: Account, arguments: list[str], *, cwd: Path) -> None:
    done = subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env=environment(),
        user=None if account.is_ours else account.uid,
        group=None if account.is_ours else account.gid,
        extra_groups=None if account.is_ours else [],
    )
    if done.returncode != 0:
        said = done.stderr.strip()[-500:]
        raise Unavailable("DATABASE_UNAVAILABLE", f"{Path(arguments[0]).name} failed: {said}")
