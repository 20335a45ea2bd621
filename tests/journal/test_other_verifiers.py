"""Other people's code accepts our log, and refuses it as soon as one byte is another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from journal.made_log import publish_log, seeded_leaves
from openclets.journal.log_source import FolderSource
from openclets.journal.tiles import ENTRIES, Tile
from openclets.journal.verify import Verdict, verify

SIZE = 10_203
OLD_SIZES = (1, 255, 256, 257, 4096, 9_999)
VECTORS = Path(__file__).parents[1] / "vectors"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A log of ten thousand entries, and older checkpoints of it as files."""
    folder = tmp_path_factory.mktemp("log")
    checkpoints = publish_log(folder / "state", seeded_leaves(SIZE), steps=OLD_SIZES)
    older = []
    for size in OLD_SIZES:
        path = folder / f"checkpoint-{size}"
        path.write_text(checkpoints[size], "utf-8")
        older.append(path)
    return folder / "state", older


@pytest.fixture(scope="module")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier built from Debian's golang.org/x/mod, without a network."""
    assert shutil.which("go"), "needs the Go toolchain: apt-get install golang-go golang-golang-x-mod-dev"
    built = tmp_path_factory.mktemp("go")
    subprocess.run(
        ["go", "build", "-o", str(built / "verify"), str(VECTORS / "verify_go" / "main.go")],
        check=True,
        capture_output=True,
        env={
            **os.environ,
            "GO111MODULE": "off",
            "GOPATH": "/usr/share/gocode",
            "GOCACHE": str(built / "cache"),
            "GOFLAGS": "",
        },
    )
    return built / "verify"


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


@pytest.mark.go
def test_go_accepts_signature_inclusion_and_consistency(
    go_verifier: Path, published: tuple[Path, list[Path]]
):
    """The code behind Go's checksum database verifies ten thousand entries of ours (decisions.md 15)."""
    log, older = published

    accepted = run(go_verifier, log, *older)

    assert accepted.stdout == f"size {SIZE} included 11 consistent {len(OLD_SIZES)}\n", accepted.stderr


@pytest.mark.go
def test_go_refuses_what_we_refuse(go_verifier: Path, published: tuple[Path, list[Path]], tmp_path: Path):
    """An altered entry, an altered tile and a checkpoint of another history are refused by both."""
    log, older = published
    for tile in (Tile(ENTRIES, 0), Tile(0, 1), Tile(1, 0, SIZE // 256)):
        copy = tmp_path / tile.path().replace("/", "-")
        shutil.copytree(log, copy)
        altered = bytearray((copy / tile.path()).read_bytes())
        altered[20] ^= 1
        (copy / tile.path()).write_bytes(altered)

        assert run(go_verifier, copy, *older).returncode == 4, tile
        assert verify(FolderSource(copy)).verdict is Verdict.DIFFERS, tile

    fork = publish_log(tmp_path / "fork", seeded_leaves(4096, seed=2))
    (tmp_path / "forked-checkpoint").write_text(fork[4096], "utf-8")
    assert run(go_verifier, log, tmp_path / "forked-checkpoint").returncode == 4
    assert verify(FolderSource(log), since=fork[4096]).verdict is Verdict.DIFFERS


def test_a_verifier_without_our_code_agrees(published: tuple[Path, list[Path]], tmp_path: Path):
    """A page of Python written from the specifications alone finds the same root, or the same wrong entry."""
    log, _ = published
    script = VECTORS / "verify_log.py"
    assert "openclets." not in script.read_text("utf-8").replace("of openclets.", "")

    accepted = run(sys.executable, script, log)
    assert accepted.stdout.startswith(f"size {SIZE} root "), accepted.stderr

    copy = tmp_path / "altered"
    shutil.copytree(log, copy)
    path = copy / Tile(ENTRIES, 3).path()
    altered = bytearray(path.read_bytes())
    altered[5 * 66 + 10] ^= 1
    path.write_bytes(altered)
    refused = run(sys.executable, script, copy)
    assert refused.returncode != 0
    assert f"entry {3 * 256 + 5}" in refused.stderr
    assert verify(FolderSource(copy)).findings[0].index == 3 * 256 + 5
