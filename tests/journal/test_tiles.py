"""Paths, bundles and tiles of c2sp.org/tlog-tiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.made_log import seeded_leaves
from openclets.foundation.errors import BadInput
from openclets.journal.growing_tiles import GrowingTiles
from openclets.journal.leaf import leaf_hash
from openclets.journal.tiles import (
    ENTRIES,
    Tile,
    TiledTree,
    decode_bundle,
    encode_bundle,
    levels_of,
    parse_tile_path,
    tiles_of,
)
from openclets.journal.tree import LeafHashes, consistency_proof, inclusion_proof, root_of

ALL_TILES = st.builds(Tile, st.integers(ENTRIES, 63), st.integers(0, 10**15), st.integers(1, 256))


@given(ALL_TILES)
def test_a_path_names_its_tile_and_back(tile: Tile):
    """Round trip, for every level, index and width."""
    assert parse_tile_path(tile.path()) == tile


def test_a_path_is_spelt_as_the_specification_spells_it():
    """The specification's own examples."""
    assert Tile(0, 1234067).path() == "tile/0/x001/x234/067"
    assert Tile(ENTRIES, 0, 17).path() == "tile/entries/000.p/17"
    assert [tile.path() for tile in tiles_of(70_000, 1)] == ["tile/1/000", "tile/1/001.p/17"]
    assert [tile.path() for tile in tiles_of(70_000, 2)] == ["tile/2/000.p/1"]
    assert len(list(tiles_of(70_000, 0))) == 274
    assert [tile.path() for level in levels_of(256) for tile in tiles_of(256, level)] == [
        "tile/0/000",
        "tile/1/000.p/1",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x001/67",
        "tile/0/x000/067",
        "tile/0/067/067",
        "tile/00/067",
        "tile/64/067",
        "tile/data/067",
        "tile/0/067/",
        "tile/0/٠٠٠",
        "tile/0/000.p/1\n",
        "../tile/0/000",
    ],
)
def test_any_other_spelling_of_a_path_names_nothing(path: str):
    """Corpus B254: a tile has one path, so that nothing is served twice or outside the folder."""
    with pytest.raises(BadInput):
        parse_tile_path(path)


@given(st.lists(st.binary(min_size=64, max_size=64), max_size=256))
def test_a_bundle_gives_its_entries_back(leaves: list[bytes]):
    """Round trip; cut anywhere inside an entry it is refused."""
    bundle = encode_bundle(leaves)

    assert decode_bundle(bundle) == leaves
    if leaves:
        with pytest.raises(BadInput):
            decode_bundle(bundle[:-1])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 66_000])
def test_tiles_hold_the_tree_of_their_leaves(size: int):
    """Root and proofs out of tiles are those of the leaves, at every edge of a tile."""
    leaves = seeded_leaves(size)
    tree = LeafHashes([leaf_hash(leaf) for leaf in leaves])
    tiles, written = GrowingTiles(), {}
    for start in range(0, size, 700):
        tiles.append(leaves[start : start + 700])
        written.update({tile.path(): content for tile, content in tiles.changed()})
        tiles.written()
    tiled = TiledTree(size, lambda tile: written[tile.path()])

    assert tiles.root() == root_of(size, tree) == root_of(size, tiled)
    for index in {0, size // 2, size - 1}:
        assert inclusion_proof(index, size, tiled) == inclusion_proof(index, size, tree)
    for old_size in {1, size // 2, size - 1, size}:
        assert consistency_proof(old_size, size, tiled) == consistency_proof(old_size, size, tree)
    assert decode_bundle(written[Tile(ENTRIES, 0, min(size, 256)).path()]) == leaves[:256]


@given(st.integers(0, 1200), st.integers(0, 600))
def test_a_log_is_taken_up_where_it_was_left(size: int, more: int):
    """Loaded from its right edge, a log grows into the same tiles as one that never stopped."""
    leaves = seeded_leaves(size + more)
    whole, files = GrowingTiles(), {}
    whole.append(leaves[:size])
    files.update(whole.changed())
    whole.written()
    taken_up = GrowingTiles.load(size, lambda tile: files[tile])
    whole.append(leaves[size:])
    taken_up.append(leaves[size:])

    assert taken_up.root() == whole.root()
    assert taken_up.changed() == whole.changed()
