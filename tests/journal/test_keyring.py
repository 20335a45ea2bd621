"""Key files: made once, kept apart, read strictly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openclets.foundation.errors import BadInput
from openclets.journal.keyring import create, load_gate_key, load_keyring, load_signer

ORIGIN = "openclets.invalid/test/state"


def test_keys_are_made_once_and_stay(tmp_path: Path):
    """A second start finds the same keys; a folder of 0700, files of 0600, one secret a file."""
    folder = tmp_path / "keys"
    create(folder, ORIGIN, os.urandom)
    first = (
        load_signer(folder),
        load_gate_key(folder),
        load_keyring(folder).wrapping.key_for("oversight", 0),
    )
    create(folder, ORIGIN, os.urandom)

    again = (
        load_signer(folder),
        load_gate_key(folder),
        load_keyring(folder).wrapping.key_for("oversight", 0),
    )
    assert again == first
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {f.name: f.stat().st_mode & 0o777 for f in folder.iterdir()} == {
        "gate.key": 0o600,
        "signing.key": 0o600,
        "wrapping.key": 0o600,
    }


@pytest.mark.parametrize("content", [b"", b"zz", b"00" * 31, b"00" * 33, b"\xff"])
def test_a_key_file_that_cannot_be_read_is_named_and_not_repeated(tmp_path: Path, content: bytes):
    """A damaged key is a fault with a remedy, and its text is in no message."""
    create(tmp_path, ORIGIN, os.urandom)
    (tmp_path / "gate.key").write_bytes(content)
    (tmp_path / "signing.key").write_bytes(b"PRIVATE+KEY+secret-part" + content)

    with pytest.raises(BadInput, match=r"gate\.key"):
        load_gate_key(tmp_path)
    with pytest.raises(BadInput) as refused:
        load_signer(tmp_path)
    assert "secret-part" not in str(refused.value)


@pytest.mark.parametrize("name", ["wrapping.key", "gate.key"])
def test_a_lost_key_stops_the_start_and_a_start_cut_off_goes_on(tmp_path: Path, name: str):
    """A key that was there and is gone must be restored; one that was not made yet is made."""
    create(tmp_path, ORIGIN, os.urandom)
    (tmp_path / name).unlink()
    with pytest.raises(BadInput, match=name):
        create(tmp_path, ORIGIN, os.urandom)
    assert not (tmp_path / name).exists()

    (tmp_path / "signing.key").unlink()
    create(tmp_path, ORIGIN, os.urandom)
    assert (tmp_path / name).exists()


def test_a_missing_key_is_not_silently_made_anew(tmp_path: Path):
    """A new wrapping key would open nothing that is sealed."""
    with pytest.raises(BadInput):
        load_keyring(tmp_path)
