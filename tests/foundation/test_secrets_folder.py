"""Secrets that stay on this machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from openclets.foundation.secrets_folder import secret, write_private


def test_a_secret_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    """The first asking makes it, every later one gives the same; no other account reads it."""
    folder = tmp_path / "keys"
    first = secret(folder, "a", os.urandom)
    assert secret(folder, "a", os.urandom) == first
    assert secret(folder, "b", os.urandom) != first
    assert len(first) == 32
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o600


def test_a_folder_left_open_is_closed(tmp_path: Path) -> None:
    """Rights are set, not hoped for."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)
    secret(folder, "a", os.urandom)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_private_file_replaces_the_one_before_whole(tmp_path: Path) -> None:
    """A reader meets the old text or the new one, and no half-written file stays behind."""
    file = tmp_path / "pg.json"
    write_private(file, "old")
    write_private(file, "new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]
