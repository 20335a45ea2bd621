"""Logs made for the tests: published step by step as the publisher would, from seeded leaves."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from openclets.journal.checkpoint import Checkpoint, sign_checkpoint
from openclets.journal.growing_tiles import GrowingTiles
from openclets.journal.leaf import encode_leaf
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.signed_note import Signer

ORIGIN = "openclets.invalid/test/state"
SIGNER = Signer.from_seed(ORIGIN, bytes(range(32)))


def seeded_leaves(count: int, seed: int = 1) -> list[bytes]:
    """Leaves of every class with random commitments."""
    source = random.Random(seed)
    return [encode_leaf(source.randint(1, 6), 0, source.randbytes(32)) for _ in range(count)]


def checkpoint_of(tiles: GrowingTiles, signer: Signer = SIGNER) -> str:
    """The signed checkpoint of what the tiles hold."""
    return sign_checkpoint(Checkpoint(signer.name, tiles.size, tiles.root()), signer).encode()


def publish_log(
    path: Path, leaves: list[bytes], *, steps: Iterable[int] = (), signer: Signer = SIGNER
) -> dict[int, str]:
    """Publish `leaves` into a folder, with a checkpoint at each step and at the end; the checkpoints, by
    size."""
    folder, tiles, checkpoints = LogFolder(path), GrowingTiles(), {}
    for size in sorted({*steps, len(leaves)}):
        tiles.append(leaves[tiles.size : size])
        changed = tiles.changed()
        folder.write_tiles(changed)
        tiles.written()
        checkpoints[size] = checkpoint_of(tiles, signer)
        folder.write_text(CHECKPOINT, checkpoints[size])
        folder.drop_partials([tile for tile, _ in changed if tile.is_full])
    folder.write_text(VKEY, signer.verifier.encode() + "\n")
    return checkpoints
