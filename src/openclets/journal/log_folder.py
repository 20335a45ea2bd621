"""The folder that the log is served from: reads and writes its files so that a crash leaves no torn one.

`checkpoint`, `vkey`, `tile/…`, readable by all; nothing else is needed to verify a copy. A file is
written beside its place, flushed, and renamed into it. What is written, and when, is `publish.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from openclets.foundation.errors import BrokenInvariant
from openclets.journal.checkpoint import Checkpoint, open_checkpoint
from openclets.journal.proofs import TlogProof, prove
from openclets.journal.signed_note import VerifierKey, parse_verifier_key
from openclets.journal.tiles import ENTRIES, TILE_WIDTH, Tile, TiledTree, decode_bundle, tiles_of
from openclets.journal.tree import HASH_LENGTH

CHECKPOINT = "checkpoint"
VKEY = "vkey"
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755


class LogFolder:
    """One log's files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_tile(self, tile: Tile) -> bytes:
        """A tile's bytes: from its own file, or the first part of the full tile that has taken its place.

        Raises FileNotFoundError when neither is there.
        """
        try:
            return (self.path / tile.path()).read_bytes()
        except FileNotFoundError:
            if tile.is_full:
                raise
        whole = (self.path / tile.full().path()).read_bytes()
        return cut_tile(whole, tile)

    def checkpoint_text(self) -> str | None:
        """The signed checkpoint as it is served, or None before the first."""
        try:
            return (self.path / CHECKPOINT).read_text("utf-8")
        except FileNotFoundError:
            return None

    def verifier_key(self) -> VerifierKey:
        """The log's public key."""
        return parse_verifier_key((self.path / VKEY).read_text("utf-8").removesuffix("\n"))

    def checkpoint(self) -> Checkpoint | None:
        """The published head, its signature checked. Raises BadInput when it does not hold."""
        text = self.checkpoint_text()
        return None if text is None else open_checkpoint(text, self.verifier_key())[0]

    def proof(self, index: int) -> TlogProof | None:
        """The offline proof of an entry under the present checkpoint; None while none covers it yet."""
        text = self.checkpoint_text()
        if text is None:
            return None
        checkpoint, _ = open_checkpoint(text, self.verifier_key())
        if index >= checkpoint.size:
            return None
        number, offset = divmod(index, TILE_WIDTH)
        width = min(TILE_WIDTH, checkpoint.size - number * TILE_WIDTH)
        leaf = decode_bundle(self.read_tile(Tile(ENTRIES, number, width)))[offset]
        return prove(index, leaf, text, TiledTree(checkpoint.size, self.read_tile))

    def find(self, leaf_hash: bytes) -> int | None:
        """The index of a leaf hash in the published log, newest first; None when it is not there."""
        checkpoint = self.checkpoint()
        for tile in reversed(list(tiles_of(checkpoint.size, 0)) if checkpoint else []):
            hashes = self.read_tile(tile)
            at = hashes.find(leaf_hash)
            while at >= 0 and at % HASH_LENGTH:
                at = hashes.find(leaf_hash, at + 1)
            if at >= 0:
                return tile.index * TILE_WIDTH + at // HASH_LENGTH
        return None

    def missing(self, tiles: Iterable[Tile]) -> list[Tile]:
        """Those whose file is not there."""
        return [tile for tile in tiles if not (self.path / tile.path()).exists()]

    def write_tiles(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Write tiles and flush them to disk, their folders included."""
        folders = set()
        for tile, content in tiles:
            path = self.path / tile.path()
            folders.add(self._write(path, content))
        for folder in folders:
            _flush_folder(folder)

    def write_text(self, name: str, text: str) -> None:
        """Put a small file in place in one step, unless it already reads so."""
        path = self.path / name
        if path.exists() and path.read_bytes() == text.encode():
            return
        _flush_folder(self._write(path, text.encode()))

    def drop_partials(self, tiles: Iterable[Tile]) -> None:
        """Delete the partial tiles that full ones have taken the place of (tlog-tiles, "Partial Tiles")."""
        for tile in tiles:
            path = self.path / f"{tile.full().path()}.p"
            if path.is_dir():
                for partial in path.iterdir():
                    partial.unlink()
                path.rmdir()

    def _write(self, path: Path, content: bytes) -> Path:
        folder = path.parent
        if not folder.is_dir():
            self._make(folder)
        beside = folder / f".{path.name}.new"
        with open(beside, "wb", opener=_open_readable) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        return folder

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, down from the log's own, each to be entered by all."""
        if folder != self.path and self.path not in folder.parents:
            raise BrokenInvariant(f"{folder} is not in the log's folder")
        for part in [*reversed(folder.parents), folder]:
            if not part.is_dir():
                part.mkdir()
                if part == self.path or self.path in part.parents:
                    part.chmod(_FOLDER_MODE)
                _flush_folder(part.parent)


def cut_tile(whole: bytes, tile: Tile) -> bytes:
    """The first `tile.width` hashes or entries of a full tile."""
    if tile.level != ENTRIES:
        return whole[: tile.width * HASH_LENGTH]
    at = 0
    for _ in range(tile.width):
        at += 2 + int.from_bytes(whole[at : at + 2], "big")
    return whole[:at]


def _open_readable(path: str, flags: int) -> int:
    descriptor = os.open(path, flags, _FILE_MODE)
    os.fchmod(descriptor, _FILE_MODE)
    return descriptor


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
