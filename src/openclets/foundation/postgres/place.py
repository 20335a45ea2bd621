"""Where a server's files lie and which account runs it.

PostgreSQL refuses to run as root, so root runs it as `nobody`; what that account cannot reach is placed where
it can (decisions.md 17). Makes folders; starts nothing.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from openclets.foundation.errors import Unavailable

MACHINE_WIDE = Path("/var/lib/openclets")
"""Where root puts what `nobody` could not reach elsewhere."""

SOCKET_PATH_MAX = 107
"""sun_path of unix(7) holds 108 bytes with the closing NUL."""

SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Account:
    """The account the server runs under."""

    uid: int
    gid: int
    name: str

    @property
    def is_ours(self) -> bool:
        """Whether it is the account of this process."""
        return self.uid == os.geteuid()


@dataclass(frozen=True, slots=True)
class Place:
    """One server's folders. `home` holds the others, but for a socket folder whose path would be too long."""

    home: Path
    socket: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """The folder PostgreSQL keeps its databases in."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"


def server_account() -> Account:
    """This process's own account; `nobody` for root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _name_of(os.geteuid()))
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534, "65534")
    return Account(nobody.pw_uid, nobody.pw_gid, nobody.pw_name)


def is_reachable(path: Path, account: Account) -> bool:
    """Whether `account` may enter every folder on the way to `path`, and read `path` itself."""
    path = path.resolve()
    return all(_may(folder, account, 0o1) for folder in path.parents) and _may(path, account, 0o4)


def choose_place(directory: Path, account: Account) -> Place:
    """The folders for a server that belongs to `directory`, without making any.

    A server already placed stays where it is, even where the rights on the way to it have changed since.
    """
    directory = directory.resolve()
    inside = directory / "postgres"
    outside = MACHINE_WIDE / digest_of(directory)
    if account.is_ours or (inside / "data").exists():
        home = inside
    elif (outside / "data").exists() or not is_reachable(directory, account):
        home = outside
    else:
        home = inside
    return Place(home, _socket_folder(home, account), account)


def make_folders(place: Place) -> None:
    """Make the folders of `place`, for its account alone. Raises Unavailable where one is another's."""
    for folder in (place.home, place.socket):
        folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, place.account.uid, place.account.gid)
        except FileExistsError:
            pass
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != place.account.uid:
            raise Unavailable(
                "DATABASE_UNAVAILABLE",
                f"{folder} must be a folder of account {place.account.name}; it belongs to another. "
                "Start openclets under the account that started it first, or choose another data folder.",
            )
        folder.chmod(0o700)


def remove(place: Place) -> None:
    """Delete every file of `place`. The server must be stopped."""
    for folder in (place.home, place.socket):
        shutil.rmtree(folder, ignore_errors=True)


def digest_of(directory: Path) -> str:
    """A short name for a folder: 16 hexadecimal digits of SHA-256 of its path."""
    return hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]


def _socket_folder(home: Path, account: Account) -> Path:
    folder = home / "socket"
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_MAX:
        return folder
    return Path("/tmp") / f"openclets-{account.uid}-{digest_of(home)}"


def _may(path: Path, account: Account, right: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        right <<= 6
    elif found.st_gid == account.gid:
        right <<= 3
    return bool(found.st_mode & right)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        # A container may run us under a number without a name; initdb then says what it needs.
        return str(uid)
