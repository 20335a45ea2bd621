"""The log as static files: hash tiles of height 8 and entry bundles, their paths, and subtrees out of them.

Source: c2sp.org/tlog-tiles. A tile is named by level, index and width; 256 wide it is full and never changes.
Reads through a function that gives a tile's bytes; writing files is `publish.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from openclets.foundation.errors import BadInput, Fault
from openclets.journal.leaf import LEAF_LENGTH
from openclets.journal.tree import HASH_LENGTH, perfect_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
LEVEL_MAX = 63
ENTRIES = -1
"""The level that stands for entry bundles."""

_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)
_ENTRY_LENGTH = LEAF_LENGTH.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's coordinates. `level` is `ENTRIES` for an entry bundle, else 0 to 63; `width` 1 to 256."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= LEVEL_MAX and self.index >= 0 and 1 <= self.width <= TILE_WIDTH):
            raise ValueError(f"no such tile: {self}")

    @property
    def is_full(self) -> bool:
        return self.width == TILE_WIDTH

    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, the index in groups of three digits."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    def full(self) -> Tile:
        """The tile that this one becomes once it is full."""
        return Tile(self.level, self.index)


def parse_tile_path(path: str) -> Tile:
    """Inverse of `Tile.path`. Raises BadInput for any other spelling of a path."""
    match = _PATH.fullmatch(path)
    if match:
        level = ENTRIES if match[1] == "entries" else int(match[1])
        index = int(match[2].replace("x", "").replace("/", ""))
        width = int(match[3]) if match[3] else TILE_WIDTH
        if level <= LEVEL_MAX and (match[3] is None or width < TILE_WIDTH):
            tile = Tile(level, index, width)
            # One spelling a tile: no group may be left out or stand in front for nothing.
            if tile.path() == path:
                return tile
    raise BadInput((Fault("path", f"{path!r} names no tile", "Use tile/<L>/<N>[.p/<W>] of tlog-tiles."),))


def tiles_of(size: int, level: int, start: int = 0) -> Iterator[Tile]:
    """The tiles at a level of a tree of `size`, from tile `start` on; the last may be partial."""
    hashes = size >> (TILE_HEIGHT * max(level, 0))
    full, rest = divmod(hashes, TILE_WIDTH)
    for index in range(start, full):
        yield Tile(level, index)
    if rest and start <= full:
        yield Tile(level, full, rest)


def levels_of(size: int) -> range:
    """The levels at which a tree of `size` has hash tiles."""
    return range((size.bit_length() - 1) // TILE_HEIGHT + 1 if size else 0)


def encode_bundle(leaves: Sequence[bytes]) -> bytes:
    """An entry bundle: each leaf behind its length in two bytes."""
    return b"".join([_ENTRY_LENGTH + leaf for leaf in leaves])


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle, of whatever length. Raises BadInput when the last is cut short."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise BadInput(
                (Fault("bundle", f"entry {len(entries)} is cut short", "Fetch the bundle again."),)
            )
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


ReadTile = Callable[[Tile], bytes]
"""Gives a tile's bytes, `width` hashes; it raises whatever says that the tile cannot be had."""


class TiledTree:
    """Subtrees of a tree of `size`, out of its tiles; each tile is read once."""

    def __init__(self, size: int, read: ReadTile) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """See `tree.Subtrees`."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        tile_index, offset = divmod(first, TILE_WIDTH)
        hashes = self.tile(tile_level, tile_index)
        return perfect_root(hashes[offset * HASH_LENGTH : (offset + (1 << height)) * HASH_LENGTH])

    def tile(self, level: int, index: int) -> bytes:
        """The hashes of a tile as wide as the tree makes it."""
        place = (level, index)
        if place not in self._tiles:
            hashes = self.size >> (TILE_HEIGHT * level)
            width = min(TILE_WIDTH, hashes - index * TILE_WIDTH)
            self._tiles[place] = self._read(Tile(level, index, width))
        return self._tiles[place]
