"""Holds what PostgreSQL keeps against the published book, entry by entry, and says which entry was touched.

The public log shows that nobody changed the book; this shows that the network's own rows still say what was
committed to: a row deleted, added, moved or edited by somebody with the owner's rights is named (security.md
3.1, T1, T2, T6). An entry whose keys were lawfully destroyed is counted as erased, not as missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from openclets.foundation.canonical import encode
from openclets.foundation.errors import BrokenInvariant
from openclets.journal.append import Journal
from openclets.journal.entries import JournalEntries, StoredEntry
from openclets.journal.entry import EntryDraft
from openclets.journal.keyring import OVERSIGHT, WrappingKeys
from openclets.journal.kinds import JOURNAL_READ
from openclets.journal.log_folder import LogFolder
from openclets.journal.reading import commits
from openclets.journal.seal import Wrap, unseal, unwrap
from openclets.journal.tiles import ENTRIES, TILE_WIDTH, Tile, decode_bundle, tiles_of

FINDINGS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Touched:
    """An entry that is not as it was published, and how."""

    index: int
    text: str


@dataclass(slots=True)
class StoreReport:
    """What came of a check. `erased` counts entries whose keys were destroyed."""

    checked: int = 0
    erased: int = 0
    touched: list[Touched] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.touched

    def differs(self, index: int, text: str) -> None:
        if len(self.touched) < FINDINGS_MAX:
            self.touched.append(Touched(index, text))


async def check_store(
    entries: JournalEntries, folder: LogFolder, keys: WrappingKeys, journal: Journal, purpose: str
) -> StoreReport:
    """Check every published entry; one entry of the journal accounts for the pass.

    The folder's own signature and tiles are taken as they are: `verify.py` checks those first.
    """
    checkpoint = folder.checkpoint()
    size = checkpoint.size if checkpoint else 0
    body = {"definition_sha256": "", "end": size, "first": 0, "purpose": purpose}
    await journal.append(EntryDraft(JOURNAL_READ, encode(body)))
    report = StoreReport()
    async for start, leaves in _published(folder, size):
        await _check_bundle(entries, keys, start, leaves, report)
    return report


async def _published(folder: LogFolder, size: int) -> AsyncIterator[tuple[int, list[bytes]]]:
    for tile in tiles_of(size, ENTRIES):
        yield tile.index * TILE_WIDTH, decode_bundle(folder.read_tile(Tile(ENTRIES, tile.index, tile.width)))


async def _check_bundle(
    entries: JournalEntries, keys: WrappingKeys, start: int, leaves: list[bytes], report: StoreReport
) -> None:
    indexes = range(start, start + len(leaves))
    kept = {entry.index: entry for entry in await entries.between(start, start + len(leaves))}
    sealed = await entries.sealed(indexes)
    wraps = await entries.wraps(indexes)
    for index, leaf in zip(indexes, leaves, strict=True):
        report.checked += 1
        entry = kept.get(index)
        if entry is None:
            report.differs(index, "it was published and is not kept")
        elif entry.leaf() != leaf:
            report.differs(index, "another entry stands in its place: the published leaf is not its own")
        elif index not in sealed:
            report.differs(index, "its sealed body is not kept")
        elif index not in wraps:
            report.erased += 1
        else:
            fault = _opening_fault(entry, sealed[index], wraps[index], keys)
            if fault:
                report.differs(index, fault)


def _opening_fault(entry: StoredEntry, sealed: bytes, wraps: list[Wrap], keys: WrappingKeys) -> str:
    wrap = next((wrap for wrap in wraps if wrap.holder == OVERSIGHT), None)
    if wrap is None:
        return "its key is no longer wrapped for oversight, though others still have it"
    try:
        opened = unseal(sealed, entry.index, unwrap(wrap, keys))
    except BrokenInvariant as error:
        return str(error)
    return "" if commits(entry, opened) else "its clear fields or its body are not what was committed to"
