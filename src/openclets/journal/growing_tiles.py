"""The right edge of the published log in memory: takes new leaves, gives the tiles they change.

Pure: bytes in, bytes out. Writing them in the right order is `publish.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from openclets.foundation.errors import BrokenInvariant
from openclets.journal.leaf import LEAF_LENGTH, leaf_hash
from openclets.journal.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    ReadTile,
    Tile,
    decode_bundle,
    encode_bundle,
    levels_of,
)
from openclets.journal.tree import HASH_LENGTH, decomposition, fold, perfect_root


class GrowingTiles:
    """The partial tile of every level and the partial entry bundle of a log of `size` entries."""

    def __init__(self) -> None:
        self.size = 0
        self._leaves: list[bytes] = []
        self._hashes: list[bytearray] = []
        self._changed: dict[tuple[int, int], tuple[Tile, bytes]] = {}

    @staticmethod
    def load(size: int, read: ReadTile) -> GrowingTiles:
        """Take up a published log of `size` entries from its rightmost tiles."""
        tiles = GrowingTiles()
        tiles.size = size
        for level in levels_of(size):
            hashes = size >> (TILE_HEIGHT * level)
            index, width = divmod(hashes, TILE_WIDTH)
            tiles._hashes.append(bytearray(read(Tile(level, index, width)) if width else b""))
        index, width = divmod(size, TILE_WIDTH)
        if width:
            tiles._leaves = decode_bundle(read(Tile(ENTRIES, index, width)))
        return tiles

    def append(self, leaves: Iterable[bytes]) -> None:
        """Add leaves of 64 bytes."""
        for leaf in leaves:
            if len(leaf) != LEAF_LENGTH:
                raise BrokenInvariant(f"a leaf of {len(leaf)} bytes")
            self._leaves.append(leaf)
            self._push(0, leaf_hash(leaf))
            self.size += 1
            if len(self._leaves) == TILE_WIDTH:
                bundle = Tile(ENTRIES, (self.size - 1) // TILE_WIDTH)
                self._changed[ENTRIES, bundle.index] = (bundle, encode_bundle(self._leaves))
                self._leaves = []

    def changed(self) -> list[tuple[Tile, bytes]]:
        """Each tile that differs from the last `written`, with its bytes; entry bundles and lower levels
        first.
        """
        tiles = list(self._changed.values())
        if self._leaves:
            tiles.append(
                (Tile(ENTRIES, self.size // TILE_WIDTH, len(self._leaves)), encode_bundle(self._leaves))
            )
        for level, hashes in enumerate(self._hashes):
            if hashes:
                index = (self.size >> (TILE_HEIGHT * level)) // TILE_WIDTH
                tiles.append((Tile(level, index, len(hashes) // HASH_LENGTH), bytes(hashes)))
        return tiles

    def written(self) -> None:
        """Everything that `changed` named is on disk."""
        self._changed.clear()

    def root(self) -> bytes:
        """The root over all `size` leaves."""
        roots: list[bytes] = []
        for hashes in reversed(self._hashes):
            for height, index in decomposition(0, len(hashes) // HASH_LENGTH):
                start = (index << height) * HASH_LENGTH
                roots.append(perfect_root(bytes(hashes[start : start + (HASH_LENGTH << height)])))
        return fold(roots)

    def _push(self, level: int, hash_: bytes) -> None:
        if level == len(self._hashes):
            self._hashes.append(bytearray())
        hashes = self._hashes[level]
        hashes += hash_
        if len(hashes) == TILE_WIDTH * HASH_LENGTH:
            full = bytes(hashes)
            hashes.clear()
            # Leaves before this one, counted in this tile's own width: which tile it is.
            index = (self.size >> (TILE_HEIGHT * level)) // TILE_WIDTH
            self._changed[level, index] = (Tile(level, index), full)
            self._push(level + 1, perfect_root(full))
