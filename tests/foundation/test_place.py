"""Where a server's files lie, and who may reach them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openclets.foundation.errors import Unavailable
from openclets.foundation.postgres import place
from openclets.foundation.postgres.binaries import find_binaries, reachable_binaries
from openclets.foundation.postgres.place import Account, choose_place, is_reachable, make_folders

STRANGER = Account(uid=64_999, gid=64_999, name="stranger")
OURSELVES = Account(os.geteuid(), os.getegid(), "ourselves")


def test_a_folder_below_a_closed_one_is_out_of_reach(directory: Path) -> None:
    """Every folder on the way must let the account in."""
    inner = directory / "closed" / "inner"
    inner.mkdir(parents=True)
    assert is_reachable(inner, STRANGER)
    inner.parent.chmod(0o700)
    assert not is_reachable(inner, STRANGER)
    assert is_reachable(inner, OURSELVES)


def test_data_lie_inside_where_the_account_can_go_and_machine_wide_where_not(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 17: a home only root can enter must not stop the demo."""
    monkeypatch.setattr(place, "MACHINE_WIDE", directory / "machine-wide")
    assert choose_place(directory, STRANGER).home == directory / "postgres"
    directory.chmod(0o700)
    outside = choose_place(directory, STRANGER).home
    assert outside.parent == directory / "machine-wide"
    assert choose_place(directory, OURSELVES).home == directory / "postgres"
    directory.chmod(0o755)
    (outside / "data").mkdir(parents=True)
    assert choose_place(directory, STRANGER).home == outside, "a server stays where it was placed"


def test_the_socket_keeps_within_the_length_a_path_may_have(directory: Path) -> None:
    """sun_path holds 108 bytes; a deep folder takes a short one below /tmp."""
    deep = directory / ("d" * 100)
    deep.mkdir()
    assert choose_place(directory, OURSELVES).socket == directory / "postgres" / "socket"
    short = choose_place(deep, OURSELVES).socket
    assert len(os.fsencode(short / place.SOCKET_NAME)) <= place.SOCKET_PATH_MAX
    assert short != choose_place(directory / ("e" * 100), OURSELVES).socket


def test_a_folder_of_another_account_is_refused(directory: Path) -> None:
    """Files of somebody else's in our place are never taken for ours."""
    chosen = choose_place(directory, OURSELVES)
    chosen.home.symlink_to("/tmp")
    with pytest.raises(Unavailable, match="must be a folder of account ourselves"):
        make_folders(chosen)


def test_programs_out_of_reach_are_copied_once(directory: Path) -> None:
    """The copy runs, is found again, and is read by everybody."""
    hidden = directory / "hidden"
    (hidden / "pginstall" / "bin").mkdir(parents=True)
    (hidden / "pginstall" / "share").mkdir()
    (hidden / "pginstall" / "share" / "x").write_text("x")
    for name in ("postgres", "initdb"):
        (hidden / "pginstall" / "bin" / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 18.6'\n")
        (hidden / "pginstall" / "bin" / name).chmod(0o700)
    hidden.chmod(0o700)
    theirs = find_binaries(hidden / "pginstall" / "bin")
    assert reachable_binaries(theirs, OURSELVES, directory / "machine-wide") == theirs
    copy = reachable_binaries(theirs, STRANGER, directory / "machine-wide")
    assert copy.folder.is_relative_to(directory / "machine-wide")
    assert is_reachable(copy.folder / "postgres", STRANGER)
    assert is_reachable(copy.folder.parent / "share" / "x", STRANGER)
    made = copy.folder.stat().st_mtime_ns
    assert reachable_binaries(theirs, STRANGER, directory / "machine-wide") == copy
    assert copy.folder.stat().st_mtime_ns == made
