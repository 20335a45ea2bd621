"""An extract: a range of the log that carries its own proof, to hand to a court, a committee or a newspaper.

A folder in the log's own form, with the entry bundles of the range only and the tiles that lead from them to
the signed root, and `extract.json`, which says the range. `openclets journal verify` checks it like a log: a
missing file is 5, an altered one 4 (security.md 3.1, T11). Bodies stay sealed and at home.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from openclets.foundation.errors import BadInput, Fault
from openclets.journal.checkpoint import Checkpoint, open_checkpoint
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.log_source import LogSource, MissingFile, read_tile
from openclets.journal.signed_note import parse_verifier_key
from openclets.journal.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Tile, levels_of, tiles_of

MANIFEST = "extract.json"


class Extract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Entries [start, end) of the log `origin` at `size` entries."""

    origin: str
    size: int
    start: int
    end: int
    version: int = 1

    def carries(self, tile: Tile, size: int) -> bool:
        """Whether a hash tile belongs: it lies above the range, or on the right edge that gives the root."""
        width = TILE_HEIGHT * (tile.level + 1)
        above = tile.index <= (self.end - 1) >> width and tile.index >= self.start >> width
        return above or tile.index == (size >> (TILE_HEIGHT * tile.level)) // TILE_WIDTH

    def bundles(self, size: int) -> Iterator[Tile]:
        """The entry bundles that hold the range."""
        for tile in tiles_of(size, ENTRIES, self.start // TILE_WIDTH):
            if tile.index * TILE_WIDTH >= self.end:
                return
            yield tile


class _Findings(Protocol):
    def differs(self, file: str, index: int | None, text: str) -> None: ...


def read_extract(source: LogSource, checkpoint: Checkpoint, report: _Findings) -> Extract | None:
    """The manifest of an extract, None for a whole log. One that cannot be so goes into the report."""
    try:
        extract = msgspec.json.decode(source.read(MANIFEST), type=Extract)
    except MissingFile:
        return None
    except msgspec.DecodeError as error:
        report.differs(MANIFEST, None, f"it cannot be read: {error}")
        return None
    if (extract.origin, extract.size) != (checkpoint.origin, checkpoint.size):
        report.differs(MANIFEST, None, "it is of another log or another checkpoint")
    elif not 0 <= extract.start < extract.end <= checkpoint.size:
        report.differs(MANIFEST, None, f"no entries {extract.start} to {extract.end} in {checkpoint.size}")
    return extract


def write_extract(source: LogSource, folder: Path, start: int, end: int) -> Extract:
    """Write entries [start, end) of a log as an extract into an empty folder.

    Raises BadInput for a range the log does not have or a folder in use, MissingFile for a log that lacks a
    file.
    """
    key_text = source.read(VKEY).decode()
    note_text = source.read(CHECKPOINT).decode()
    checkpoint, _ = open_checkpoint(note_text, parse_verifier_key(key_text.removesuffix("\n")))
    size = checkpoint.size
    if not 0 <= start < end <= size:
        raise _fault(
            "range", f"{start}..{end} is not within the {size} entries of the log", "Name A..B with A < B."
        )
    if folder.exists() and any(folder.iterdir()):
        raise _fault("out", f"{folder} is not empty", "Name a new folder.")

    extract = Extract(checkpoint.origin, size, start, end)
    wanted = [*extract.bundles(size)]
    for level in levels_of(size):
        wanted += [tile for tile in tiles_of(size, level) if extract.carries(tile, size)]
    out = LogFolder(folder)
    out.write_text(VKEY, key_text)
    for tile in wanted:
        content = read_tile(source, tile)
        if content is None:
            raise MissingFile(tile.path())
        out.write_tiles([(tile, content)])
    out.write_text(CHECKPOINT, note_text)
    out.write_text(MANIFEST, msgspec.json.format(msgspec.json.encode(extract)).decode() + "\n")
    return extract


def _fault(name: str, fault: str, remedy: str) -> BadInput:
    return BadInput((Fault(name, fault, remedy),))
