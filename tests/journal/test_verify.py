"""The verifier accepts a log as published, and names what was touched in one that was not left alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from journal.made_log import ORIGIN, SIGNER, publish_log, seeded_leaves
from openclets.foundation.errors import BadInput, Unavailable
from openclets.journal.growing_tiles import GrowingTiles
from openclets.journal.leaf import leaf_hash
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.log_source import FolderSource, HttpSource, open_source
from openclets.journal.signed_note import Signer
from openclets.journal.tiles import ENTRIES, Tile, decode_bundle, encode_bundle
from openclets.journal.verify import Report, Verdict, verify

SIZE = 500
LEAVES = seeded_leaves(SIZE)
STRANGER = Signer.from_seed(ORIGIN, bytes(32))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, str]]:
    """A log of 500 entries in a folder, and its checkpoints by size."""
    path = tmp_path_factory.mktemp("log") / "state"
    return path, publish_log(path, LEAVES, steps=[1, 200, 256, 400])


@pytest.fixture
def log(published: tuple[Path, dict[int, str]], tmp_path: Path) -> Path:
    """A copy to do wrong to."""
    return Path(shutil.copytree(published[0], tmp_path / "copy"))


def check(path: Path, **options: object) -> Report:
    return verify(FolderSource(path), **options)  # type: ignore[arg-type]


def names(report: Report, tile: Tile) -> bool:
    """Whether a finding is about the file, or tells it beside another."""
    return any(tile.path() in (finding.file, *finding.text.split()) for finding in report.findings)


def rewrite_bundle(path: Path, number: int, change: Callable[[list[bytes]], list[bytes]]) -> None:
    tile = Tile(ENTRIES, number, min(256, SIZE - 256 * number))
    file = path / tile.path()
    file.write_bytes(encode_bundle(change(decode_bundle(file.read_bytes()))))


def test_a_log_as_published_holds(published: tuple[Path, dict[int, str]]):
    """Signature, every entry, every tile, root; and it extends each of its own older checkpoints."""
    path, checkpoints = published

    report = check(path)

    assert report.verdict is Verdict.HOLDS
    assert (report.entries, report.checkpoint and report.checkpoint.size) == (SIZE, SIZE)
    assert sum(report.by_class.values()) == SIZE
    for checkpoint in checkpoints.values():
        assert check(path, since=checkpoint).verdict is Verdict.HOLDS


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 65_536, 66_000])
def test_logs_of_every_shape_hold(tmp_path: Path, size: int):
    """Full tiles, partial tiles, none at all."""
    publish_log(tmp_path, seeded_leaves(size))

    assert check(tmp_path).verdict is Verdict.HOLDS


def test_every_edited_entry_is_named(log: Path):
    """T2: for each of the 500, one bit of its commitment."""
    for index in range(SIZE):
        number, offset = divmod(index, 256)

        def edit(leaves: list[bytes], offset: int = offset) -> list[bytes]:
            leaf = bytearray(leaves[offset])
            leaf[5 + offset % 32] ^= 1 << (offset % 8)
            return [*leaves[:offset], bytes(leaf), *leaves[offset + 1 :]]

        rewrite_bundle(log, number, edit)
        report = check(log)
        rewrite_bundle(log, number, edit)

        assert report.verdict is Verdict.DIFFERS
        assert report.findings[0].index == index
    assert check(log).verdict is Verdict.HOLDS


def test_every_deleted_entry_is_named(log: Path):
    """T1: for each of the 500, the entry taken out and the rest moved up."""
    for index in range(SIZE):
        number, offset = divmod(index, 256)
        file = log / Tile(ENTRIES, number, min(256, SIZE - 256 * number)).path()
        whole = file.read_bytes()
        rewrite_bundle(log, number, lambda leaves, o=offset: leaves[:o] + leaves[o + 1 :])  # type: ignore[misc]
        report = check(log)
        file.write_bytes(whole)

        assert report.verdict is Verdict.DIFFERS, index
        found = report.findings[0].index
        assert found is not None
        assert found // 256 == number


@pytest.mark.parametrize("index", [0, 7, 255, 256, 498])
def test_swapped_inserted_and_back_dated_entries_are_named(log: Path, index: int):
    """T6, B248: two entries in each other's place; one put in between; one put in with the others cut to
    fit."""
    number, offset = divmod(index, 256)
    width = min(256, SIZE - 256 * number)
    swap_with = offset + 1 if offset + 1 < width else offset - 1
    file = log / Tile(ENTRIES, number, width).path()
    whole = file.read_bytes()
    false = seeded_leaves(1, seed=99)

    def swap(leaves: list[bytes]) -> list[bytes]:
        leaves[offset], leaves[swap_with] = leaves[swap_with], leaves[offset]
        return leaves

    changes: list[tuple[Callable[[list[bytes]], list[bytes]], int]] = [
        (swap, 256 * number + min(offset, swap_with)),
        (lambda leaves: [*leaves[:offset], *false, *leaves[offset:-1]], index),
        (lambda leaves: [*leaves[:offset], *false, *leaves[offset:]], 256 * number + width),
    ]
    for change, named in changes:
        rewrite_bundle(log, number, change)
        report = check(log)
        file.write_bytes(whole)
        assert report.verdict is Verdict.DIFFERS
        assert report.findings[0].index == named


@pytest.mark.parametrize(
    "tile", [Tile(0, 0), Tile(0, 1, 244), Tile(1, 0, 1), Tile(ENTRIES, 0), Tile(ENTRIES, 1, 244)]
)
def test_every_altered_cut_or_missing_file_is_named(log: Path, tile: Tile):
    """An altered byte, a cut, a longer file: 4, with the file's name; a missing one: 5, with its name."""
    file = log / tile.path()
    whole = file.read_bytes()
    altered = bytes([*whole[:70], whole[70] ^ 1, *whole[71:]]) if len(whole) > 70 else bytes(32)
    for content in (altered, whole[:-1], whole[:-32], whole + bytes(32), b""):
        file.write_bytes(content)
        report = check(log)
        assert report.verdict is Verdict.DIFFERS
        assert names(report, tile), (content[:5], report.findings)

    file.unlink()
    report = check(log)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.missing == [tile.path()]
    file.write_bytes(whole)
    assert check(log).verdict is Verdict.HOLDS


def test_an_altered_tile_is_told_from_an_altered_entry(log: Path):
    """The hash above decides which of the two is not as it was signed."""
    file = log / Tile(0, 0).path()
    whole = bytearray(file.read_bytes())
    whole[9 * 32] ^= 1
    file.write_bytes(whole)

    finding = check(log).findings[0]

    assert (finding.file, finding.index) == (Tile(0, 0).path(), 9)


def test_a_rewritten_history_differs_from_what_was_signed(log: Path, published: tuple[Path, dict[int, str]]):
    """T3, B246: one entry changed and every tile after it computed anew, so that all files agree."""
    forged = [*LEAVES[:123], seeded_leaves(1, seed=5)[0], *LEAVES[124:]]
    tiles = GrowingTiles()
    tiles.append(forged)
    LogFolder(log).write_tiles(tiles.changed())

    report = check(log)
    assert report.verdict is Verdict.DIFFERS
    assert report.findings[0].file == CHECKPOINT

    # Signed anew with the stolen key it holds by itself, and against any older checkpoint it does not (T9).
    publish_log(log, forged)
    assert check(log).verdict is Verdict.HOLDS
    for size, checkpoint in published[1].items():
        expected = Verdict.HOLDS if size <= 123 else Verdict.DIFFERS
        assert check(log, since=checkpoint).verdict is expected, size


def test_a_rollback_and_a_fork_are_told_by_an_older_checkpoint(
    tmp_path: Path, published: tuple[Path, dict[int, str]]
):
    """T4 and T5: fewer entries than were signed; two signed logs of one size."""
    shorter, fork = tmp_path / "shorter", tmp_path / "fork"
    publish_log(shorter, LEAVES[:400])
    publish_log(fork, seeded_leaves(SIZE, seed=2))
    latest = published[1][SIZE]

    rolled_back = check(shorter, since=latest)
    forked = check(fork, since=latest)

    assert check(shorter).verdict is Verdict.HOLDS
    assert (rolled_back.verdict, rolled_back.findings[0].index) == (Verdict.DIFFERS, 400)
    assert "shortened" in rolled_back.findings[0].text
    assert forked.verdict is Verdict.DIFFERS
    assert "fork" in forked.findings[0].text


def test_another_key_or_origin_is_refused(log: Path):
    """A checkpoint of the right form by the wrong key, and a wrong key in the folder."""
    genuine = (log / CHECKPOINT).read_text("utf-8")
    tiles = GrowingTiles()
    tiles.append(LEAVES)
    publish_log(log, LEAVES, signer=STRANGER)
    assert check(log).verdict is Verdict.HOLDS
    assert check(log, key=SIGNER.verifier).verdict is Verdict.DIFFERS

    (log / CHECKPOINT).write_text(genuine, "utf-8")
    assert check(log).findings[0].file == CHECKPOINT
    (log / VKEY).write_text("nonsense\n", "utf-8")
    assert check(log).findings[0].file == VKEY
    (log / VKEY).unlink()
    assert check(log).missing == [VKEY]
    (log / CHECKPOINT).unlink()
    assert check(log, key=SIGNER.verifier).missing == [CHECKPOINT]


@pytest.mark.parametrize("at", [2, 5, 6, 60])
def test_an_entry_that_is_no_leaf_of_ours_is_refused(tmp_path: Path, at: int):
    """Nothing is hidden in magic, class, flags or padding, even where the log's own key signed it."""
    leaf = bytearray(LEAVES[3])
    leaf[at - 2] ^= 0x60
    leaves = [*LEAVES[:3], bytes(leaf), *LEAVES[4:]]
    publish_log(tmp_path, leaves)

    report = check(tmp_path)

    assert report.verdict is Verdict.DIFFERS
    assert report.findings[0].index == 3


def test_a_log_that_grows_while_it_is_read_still_holds(log: Path):
    """A partial tile that was replaced is taken from the full one (tlog-tiles, "Partial Tiles")."""
    older = (log / CHECKPOINT).read_text("utf-8")
    publish_log(log, [*LEAVES, *seeded_leaves(300, seed=3)], steps=[SIZE])
    assert not (log / Tile(ENTRIES, 1, 244).path()).exists()
    (log / CHECKPOINT).write_text(older, "utf-8")

    assert check(log).verdict is Verdict.HOLDS


def test_a_log_is_verified_over_http(published: tuple[Path, dict[int, str]], log: Path):
    """The same files, the same verdicts, wherever they are served from."""

    def serve(folder: Path) -> HttpSource:
        def answer(request: httpx.Request) -> httpx.Response:
            file = folder / request.url.path.removeprefix("/log/state/")
            return httpx.Response(200, content=file.read_bytes()) if file.is_file() else httpx.Response(404)

        return HttpSource("http://log.invalid/log/state/", transport=httpx.MockTransport(answer))

    assert verify(serve(published[0])).verdict is Verdict.HOLDS
    (log / Tile(0, 0).path()).unlink()
    assert verify(serve(log)).missing == [Tile(0, 0).path()]

    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    with pytest.raises(Unavailable):
        verify(HttpSource("http://log.invalid", transport=httpx.MockTransport(broken)))


def test_a_place_that_is_no_log_is_bad_input(tmp_path: Path):
    """A file, a missing folder: the door says what it takes."""
    with pytest.raises(BadInput):
        open_source(str(tmp_path / "missing"))
    assert verify(open_source(str(tmp_path))).missing == [VKEY]


def test_the_leaf_hash_is_the_receipts(published: tuple[Path, dict[int, str]]):
    """interfaces.md 3: `entry_sha256` is found in the tiles of the log."""
    assert LogFolder(published[0]).find(leaf_hash(LEAVES[321])) == 321


def test_a_log_is_found_below_the_folder_that_is_named(tmp_path: Path) -> None:
    """The installation's folder, and the site's address, lead to the log in them; nothing else is guessed."""
    log = tmp_path / "log" / "state"
    log.mkdir(parents=True)
    (log / "checkpoint").write_text("anything")

    assert open_source(str(tmp_path)).name == str(log)
    assert open_source(str(tmp_path / "log")).name == str(log)
    assert open_source(str(log)).name == str(log)
    (log / "checkpoint").unlink()
    assert open_source(str(tmp_path)).name == str(tmp_path)
