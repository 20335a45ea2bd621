"""Recomputes a log from its public files alone, and says which entry or file is not as it was signed.

Nothing of the network is needed or believed: key, checkpoint, entry bundles and tiles are read from a folder
or an address; every leaf is hashed again, every tile compared, the root recomputed from the entries. It
streams: memory grows with the number of full tiles only. Source: c2sp.org/tlog-tiles, RFC 6962, decisions.md
3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from openclets.foundation.errors import BadInput
from openclets.journal.checkpoint import Checkpoint, open_checkpoint
from openclets.journal.extract import Extract, read_extract
from openclets.journal.leaf import LEAF_LENGTH, leaf_fault
from openclets.journal.log_folder import CHECKPOINT, VKEY
from openclets.journal.log_source import LogSource, MissingFile
from openclets.journal.signed_note import SignedNote, VerifierKey, parse_verifier_key
from openclets.journal.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    TiledTree,
    decode_bundle,
    levels_of,
    tiles_of,
)
from openclets.journal.tree import EMPTY_ROOT, HASH_LENGTH, CompactRange, perfect_root, root_of
from openclets.journal.witness_policy import WitnessPolicy

FINDINGS_MAX = 20
_ENTRY_STRIDE = LEAF_LENGTH + 2
_ENTRY_START = LEAF_LENGTH.to_bytes(2, "big") + b"oc1"
_ENTRY_END = bytes(27)
_CLASSES = frozenset(range(1, 7))


class Verdict(StrEnum):
    """What came of it. The exit codes of interfaces.md: 0, 4, 5."""

    HOLDS = "holds"
    DIFFERS = "differs"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was signed. `index` is the first entry it touches, None where it touches
    none."""

    file: str
    index: int | None
    text: str


@dataclass(slots=True)
class Report:
    """What a verification found, the first thing first."""

    source: str
    checkpoint: Checkpoint | None = None
    key: VerifierKey | None = None
    findings: list[Finding] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    entries: int = 0
    by_class: dict[int, int] = field(default_factory=dict)
    extract: Extract | None = None
    witnesses: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        if self.findings:
            return Verdict.DIFFERS
        return Verdict.INCOMPLETE if self.missing else Verdict.HOLDS

    def differs(self, file: str, index: int | None, text: str) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(file, index, text))

    def lacks(self, path: str) -> None:
        self.missing.append(path)


Progress = Callable[[int, int], None]


def verify(
    source: LogSource,
    *,
    key: VerifierKey | None = None,
    policy: WitnessPolicy | None = None,
    since: str | None = None,
    progress: Progress = lambda done, size: None,
) -> Report:
    """Verify a whole log, or an extract of one.

    `key` is the key to trust, else the one the log shows; `policy` names logs and witnesses; `since` is an
    older signed checkpoint that the log must extend. Raises Unavailable when an address stops answering.
    """
    report = Report(source.name)
    note = _open_head(source, key, report)
    if note is None or report.checkpoint is None or report.key is None:
        return report
    report.extract = read_extract(source, report.checkpoint, report)
    if report.findings:
        return report
    tiles = _read_upper_levels(source, report)
    if report.extract is None:
        _check_entries(source, report, tiles, progress)
    else:
        _check_extract(source, report, report.extract, tiles)
    if policy:
        _check_policy(policy, note, report)
    if since is not None:
        _check_since(source, report, report.key, since)
    return report


def _open_head(source: LogSource, key: VerifierKey | None, report: Report) -> SignedNote | None:
    try:
        if key is None:
            text = source.read(VKEY).decode("utf-8", "replace")
            key = parse_verifier_key(text.removesuffix("\n"))
        report.key = key
        text = source.read(CHECKPOINT).decode("utf-8", "replace")
        report.checkpoint, note = open_checkpoint(text, key)
    except MissingFile as missing:
        report.lacks(missing.path)
        return None
    except BadInput as error:
        report.differs(VKEY if report.key is None else CHECKPOINT, None, str(error))
        return None
    return note


def _check_policy(policy: WitnessPolicy, note: SignedNote, report: Report) -> None:
    fault = policy.log_fault(note)
    if fault:
        report.differs(CHECKPOINT, None, fault)
    report.witnesses = policy.cosigners(note)
    if not policy.reached(report.witnesses):
        named = ", ".join(report.witnesses) or "none"
        report.differs(CHECKPOINT, None, f"the quorum {policy.quorum} is not reached; witnesses: {named}")


def _read_upper_levels(source: LogSource, report: Report) -> dict[int, list[bytes | None]]:
    """The tiles of every level above 0, each level checked against the one above it."""
    assert report.checkpoint
    size = report.checkpoint.size
    levels: dict[int, list[bytes | None]] = {}
    for level in reversed(levels_of(size)[1:]):
        wanted = [
            t for t in tiles_of(size, level) if report.extract is None or report.extract.carries(t, size)
        ]
        kept: list[bytes | None] = [None] * (max((t.index for t in wanted), default=-1) + 1)
        for tile, content in source.tiles(wanted):
            kept[tile.index] = _usable(tile, content, report)
            if kept[tile.index] is not None:
                above = _hash_in(levels.get(level + 1), tile.index)
                if tile.is_full and above is not None and perfect_root(kept[tile.index] or b"") != above:
                    report.differs(tile.path(), None, "it does not fit the tile above it")
        levels[level] = kept
    return levels


def _check_entries(
    source: LogSource, report: Report, levels: dict[int, list[bytes | None]], progress: Progress
) -> None:
    """Hash every entry, compare with the tiles, and recompute the root from the entries alone."""
    assert report.checkpoint
    size, root = report.checkpoint.size, report.checkpoint.root
    edge = CompactRange()
    whole = True
    bundles = source.tiles(tiles_of(size, ENTRIES))
    hash_tiles = source.tiles(tiles_of(size, 0))
    for (bundle_tile, bundle), (tile, content) in zip(bundles, hash_tiles, strict=True):
        hashes = _leaf_hashes(bundle_tile, bundle, report)
        known = _usable(tile, content, report)
        if hashes is None:
            whole = False
        else:
            _compare(source, bundle_tile, hashes, tile, known, _hash_in(levels.get(1), tile.index), report)
            if whole and tile.is_full:
                edge.append_tile(perfect_root(hashes))
            elif whole:
                for at in range(0, len(hashes), HASH_LENGTH):
                    edge.append(hashes[at : at + HASH_LENGTH])
        report.entries += tile.width
        progress(report.entries, size)
    if whole and (edge.root() if size else EMPTY_ROOT) != root:
        text = f"the entries give another root than the one signed for {size} entries"
        report.differs(CHECKPOINT, None, text)


def _leaf_hashes(tile: Tile, bundle: bytes | None, report: Report) -> bytes | None:
    """The leaf hashes of a bundle, one after another; None when the bundle is missing or cannot be read."""
    if bundle is None:
        report.lacks(tile.path())
        return None
    first = tile.index * TILE_WIDTH
    hashes: list[bytes] = []
    sha256 = hashlib.sha256
    by_class = report.by_class
    for at in range(0, len(bundle), _ENTRY_STRIDE):
        entry = bundle[at : at + _ENTRY_STRIDE]
        leaf_class = entry[5] if len(entry) > 5 else 0
        if entry[:5] != _ENTRY_START or leaf_class not in _CLASSES or entry[6] or entry[39:] != _ENTRY_END:
            index = first + len(hashes)
            report.differs(
                tile.path(), index, f"entry {index} is not a leaf of this log: {_leaf_text(entry)}"
            )
            return None
        by_class[leaf_class] = by_class.get(leaf_class, 0) + 1
        hashes.append(sha256(b"\x00" + entry[2:]).digest())
    if len(hashes) != tile.width:
        index = first + min(len(hashes), tile.width)
        report.differs(tile.path(), index, f"it has {len(hashes)} entries where {tile.width} were signed")
        return None
    return b"".join(hashes)


def _leaf_text(entry: bytes) -> str:
    try:
        return leaf_fault(decode_bundle(entry)[0])
    except BadInput as error:
        return str(error)


def _compare(
    source: LogSource,
    bundle: Tile,
    hashes: bytes,
    tile: Tile,
    known: bytes | None,
    above: bytes | None,
    report: Report,
) -> None:
    """Hold the entries' hashes, the tile of hashes and the hash in the tile above against one another."""
    entries_fit = above is None or not tile.is_full or perfect_root(hashes) == above
    if known is None or known == hashes:
        if not entries_fit:
            # Entries and tile agree with each other and not with the hash above: the signed root tells which.
            above_tile = Tile(1, tile.index // TILE_WIDTH, _width(report, 1, tile.index // TILE_WIDTH))
            guilty = bundle if _edge_holds(source, report) else above_tile
            text = f"the entries of {bundle.path()} do not give their hash in {above_tile.path()}"
            report.differs(guilty.path(), bundle.index * TILE_WIDTH, text)
        return
    offset = next(i for i in range(tile.width) if _hash_at(hashes, i) != _hash_at(known, i))
    index = tile.index * TILE_WIDTH + offset
    if above is not None and tile.is_full and entries_fit:
        report.differs(tile.path(), index, f"hash {offset} is not the hash of entry {index}")
    else:
        report.differs(bundle.path(), index, f"entry {index} is not the one whose hash is in {tile.path()}")


def _check_extract(
    source: LogSource, report: Report, extract: Extract, levels: dict[int, list[bytes | None]]
) -> None:
    """The entries of a range, and the tiles that lead from them to the signed root."""
    assert report.checkpoint
    size = report.checkpoint.size
    wanted = [tile for tile in tiles_of(size, 0) if extract.carries(tile, size)]
    level0: dict[int, bytes | None] = {}
    for tile, content in source.tiles(wanted):
        level0[tile.index] = known = _usable(tile, content, report)
        above = _hash_in(levels.get(1), tile.index)
        if known is not None and tile.is_full and above is not None and perfect_root(known) != above:
            report.differs(tile.path(), tile.index * TILE_WIDTH, "it does not fit the tile above it")
    for bundle_tile, bundle in source.tiles(extract.bundles(size)):
        hashes = _leaf_hashes(bundle_tile, bundle, report)
        if hashes is not None:
            tile = Tile(0, bundle_tile.index, bundle_tile.width)
            above = _hash_in(levels.get(1), tile.index)
            _compare(source, bundle_tile, hashes, tile, level0.get(tile.index), above, report)
    report.entries = extract.end - extract.start
    if report.verdict is Verdict.HOLDS and not _edge_holds(source, report):
        report.differs(CHECKPOINT, None, "the extract's tiles do not give the signed root")


def _edge_holds(source: LogSource, report: Report) -> bool:
    """Whether the rightmost tiles of every level, by themselves, give the signed root."""
    assert report.checkpoint
    size = report.checkpoint.size
    try:
        return root_of(size, TiledTree(size, lambda tile: _needed(source, tile))) == report.checkpoint.root
    except MissingFile:
        return False


def _width(report: Report, level: int, index: int) -> int:
    assert report.checkpoint
    return min(TILE_WIDTH, (report.checkpoint.size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)


def _check_since(source: LogSource, report: Report, key: VerifierKey, since: str) -> None:
    """The log must begin with what an older checkpoint signed: neither shortened nor another (T4, T5)."""
    assert report.checkpoint
    try:
        old, _ = open_checkpoint(since, key)
    except BadInput as error:
        report.differs("--since", None, str(error))
        return
    size = report.checkpoint.size
    if old.size > size:
        text = f"the log was shortened: {old.size} entries were signed, now {size}"
        report.differs(CHECKPOINT, size, text)
    elif old.size == size and old.root != report.checkpoint.root:
        report.differs(CHECKPOINT, None, f"the key signed two different logs of {size} entries: a fork")
    elif report.verdict is Verdict.HOLDS:
        try:
            tree = TiledTree(size, lambda tile: _needed(source, tile))
            if root_of(old.size, tree) != old.root:
                text = f"the log does not begin with the {old.size} entries signed before: it was rewritten"
                report.differs(CHECKPOINT, None, text)
        except MissingFile as missing:
            report.lacks(missing.path)


def _needed(source: LogSource, tile: Tile) -> bytes:
    (_, content), *_ = source.tiles([tile])
    if content is None:
        raise MissingFile(tile.path())
    return content


def _usable(tile: Tile, content: bytes | None, report: Report) -> bytes | None:
    """A hash tile of the right length, else None and the reason in the report."""
    if content is None:
        report.lacks(tile.path())
        return None
    if len(content) != tile.width * HASH_LENGTH:
        text = f"it has {len(content)} bytes instead of {tile.width * HASH_LENGTH}"
        index = (
            tile.index * TILE_WIDTH + min(len(content) // HASH_LENGTH, tile.width)
            if tile.level == 0
            else None
        )
        report.differs(tile.path(), index, text)
        return None
    return content


def _hash_in(tiles: list[bytes | None] | None, index: int) -> bytes | None:
    """Hash `index` of a level, out of its tiles; None where that tile is not there or not so wide."""
    number, offset = divmod(index, TILE_WIDTH)
    tile = tiles[number] if tiles and number < len(tiles) else None
    return _hash_at(tile, offset) or None if tile else None


def _hash_at(hashes: bytes, index: int) -> bytes:
    return hashes[index * HASH_LENGTH : (index + 1) * HASH_LENGTH]
