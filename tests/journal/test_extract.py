"""Extracts: a range that carries its own proof; cut is 5, altered is 4 (T11, corpus B127 B128)."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal.made_log import publish_log, seeded_leaves
from openclets.foundation.errors import BadInput
from openclets.journal.extract import MANIFEST, write_extract
from openclets.journal.log_source import FolderSource, MissingFile
from openclets.journal.tiles import Tile
from openclets.journal.verify import Verdict, verify

SIZE = 66_700


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log")
    publish_log(path, seeded_leaves(SIZE))
    return path


@pytest.mark.parametrize("bounds", [(0, 1), (0, SIZE), (255, 257), (65_530, 65_540), (SIZE - 1, SIZE)])
def test_an_extract_verifies_by_itself(log: Path, tmp_path: Path, bounds: tuple[int, int]):
    """The folder alone, with few files, shows that its range is what was signed."""
    extract = write_extract(FolderSource(log), tmp_path / "x", *bounds)

    report = verify(FolderSource(tmp_path / "x"))

    assert report.verdict is Verdict.HOLDS
    assert (report.extract, report.entries) == (extract, bounds[1] - bounds[0])
    if bounds != (0, SIZE):
        assert sum(1 for file in (tmp_path / "x").rglob("*") if file.is_file()) <= 12


def test_every_file_of_an_extract_counts(log: Path, tmp_path: Path):
    """Each file in turn: missing is INCOMPLETE, altered is DIFFERS; put back, all holds."""
    folder = tmp_path / "x"
    write_extract(FolderSource(log), folder, 300, 900)
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST]
    assert len(files) == 2 + 3 + 3 + 1 + 1 + 1 + 1
    for file in files:
        whole = file.read_bytes()
        file.unlink()
        assert verify(FolderSource(folder)).verdict is Verdict.INCOMPLETE, file
        file.write_bytes(bytes([*whole[:-9], whole[-9] ^ 1, *whole[-8:]]))
        assert verify(FolderSource(folder)).verdict is Verdict.DIFFERS, file
        file.write_bytes(whole)
    assert verify(FolderSource(folder)).verdict is Verdict.HOLDS
    (folder / MANIFEST).write_text("{", "utf-8")
    assert verify(FolderSource(folder)).verdict is Verdict.DIFFERS
    (folder / MANIFEST).unlink()
    assert verify(FolderSource(folder)).verdict is Verdict.INCOMPLETE


def test_a_manifest_that_claims_more_than_there_is_does_not_pass(log: Path, tmp_path: Path):
    """The range is what the files show, whatever the manifest says."""
    folder = tmp_path / "x"
    write_extract(FolderSource(log), folder, 300, 900)
    manifest = (folder / MANIFEST).read_text("utf-8")
    for false in (
        manifest.replace('"end": 900', '"end": 2000'),
        manifest.replace('"end": 900', '"end": 99999999'),
        manifest.replace('"start": 300', '"start": 900'),
        manifest.replace('"start": 300', '"start": -1'),
        manifest.replace(f'"size": {SIZE}', '"size": 1000'),
        manifest.replace("test/state", "other/state"),
    ):
        assert false != manifest
        (folder / MANIFEST).write_text(false, "utf-8")
        assert verify(FolderSource(folder)).verdict is not Verdict.HOLDS, false


def test_a_range_outside_the_log_or_a_folder_in_use_is_bad_input(log: Path, tmp_path: Path):
    """Nothing is written over, nothing is promised that is not there."""
    for start, end in ((5, 5), (-1, 5), (0, SIZE + 1), (9, 3)):
        with pytest.raises(BadInput):
            write_extract(FolderSource(log), tmp_path / "x", start, end)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    with pytest.raises(BadInput):
        write_extract(FolderSource(log), tmp_path / "used", 0, 1)


def test_a_log_that_lacks_a_file_gives_no_extract(tmp_path: Path):
    """The missing file is named."""
    publish_log(tmp_path / "log", seeded_leaves(600))
    (tmp_path / "log" / Tile(0, 0).path()).unlink()

    with pytest.raises(MissingFile, match="tile/0/000"):
        write_extract(FolderSource(tmp_path / "log"), tmp_path / "x", 0, 10)
