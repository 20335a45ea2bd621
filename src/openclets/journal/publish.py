"""Publishes the book: tiles first, then the kept head, then the checkpoint that names them.

At most a second after an entry is durable its log is signed (security.md 3.3). The order keeps three
promises through any crash: a checkpoint never names a tile that is not on disk; no head is shown that was
not kept first; and no two heads are ever kept that do not extend one another, because a restart goes on
from the kept one after checking tiles and entries against it.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import chain

from openclets.foundation.clock import Clock
from openclets.foundation.errors import BadInput, BrokenInvariant, Unavailable
from openclets.journal.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from openclets.journal.growing_tiles import GrowingTiles
from openclets.journal.heads import HeadStore, SignedHead
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.signed_note import Signer
from openclets.journal.tiles import ENTRIES, Tile, TiledTree, levels_of, tiles_of
from openclets.journal.tree import root_of

PACE_S = 0.3
"""At least this long between two checkpoints, so that load makes larger steps and not more of them."""

_LEAVES_READ = 65536
_log = logging.getLogger(__name__)


class Publisher:
    """Signs and publishes one log. `committed` is told of entries, `run` is its task, `publish` one step
    of it.
    """

    def __init__(
        self, heads: HeadStore, signer: Signer, folder: LogFolder, clock: Clock, *, pace_s: float = PACE_S
    ) -> None:
        self._heads = heads
        self._signer = signer
        self._folder = folder
        self._clock = clock
        self._pace_s = pace_s
        self._tiles = GrowingTiles()
        self._pending: list[bytes] = []
        self._known = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._head: SignedHead | None = None
        self._in_doubt: SignedHead | None = None
        self._publishing = asyncio.Lock()

    @property
    def origin(self) -> str:
        return self._signer.name

    @property
    def published_size(self) -> int:
        """How many entries the published checkpoint covers."""
        return self._head.size if self._head else 0

    @property
    def known_size(self) -> int:
        """How many durable entries the publisher has been told of."""
        return self._known

    def committed(self, index: int, leaf: bytes) -> None:
        """A new entry is durable. Called in order; entries it was not told of are read from the store."""
        if index >= self._known:
            if index == self._tiles.size + len(self._pending):
                self._pending.append(leaf)
            self._known = index + 1
            self._arrived.set()

    async def open(self) -> None:
        """Go on from the last kept head and publish what came after it.

        Raises BrokenInvariant when entries, tiles or the published checkpoint contradict that head: then
        something was changed or rolled back, and nothing may be signed until people have looked.
        """
        self._head = await self._heads.last()
        entries = await self._heads.size()
        if entries < self.published_size:
            raise BrokenInvariant(
                f"{entries} entries are kept, but a head of {self.published_size} was signed"
            )
        self._folder.write_text(VKEY, self._signer.verifier.encode() + "\n")
        shown = self._shown()
        # What it was told before this is read from the store, in order.
        self._pending.clear()
        self._tiles = await self._take_up(shown)
        self._known = max(self._known, entries)
        if self._head:
            self._folder.write_text(CHECKPOINT, self._head.note)
        await self.publish()

    async def run(self) -> None:
        """Publish as entries come, for ever; ends after `close`. A full disk or a lost database is tried
        again.
        """
        while not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            try:
                await self.publish()
            except (OSError, Unavailable) as error:
                _log.error("the log cannot be published and will be tried again: %s", error)
                self._arrived.set()
            await asyncio.sleep(self._pace_s)

    async def publish(self) -> None:
        """Bring the published log up to every entry known."""
        async with self._publishing:
            await self._resolve_doubt()
            await self._collect()
            if self._tiles.size > self.published_size:
                await self._publish_tiles()

    async def _publish_tiles(self) -> None:
        size, changed = self._tiles.size, self._tiles.changed()
        # In a thread, because a flush to disk may take as long as the disk likes.
        await asyncio.to_thread(self._folder.write_tiles, changed)
        self._tiles.written()

        checkpoint = Checkpoint(self.origin, size, self._tiles.root())
        note = sign_checkpoint(checkpoint, self._signer).encode()
        head = SignedHead(size, checkpoint.root, note)
        self._in_doubt = head
        # Commit point: from here this head is the one that every later head extends.
        await self._heads.add(head, self._head.size if self._head else None, self._clock.now())
        self._in_doubt = None
        self._head = head
        await asyncio.to_thread(self._show, note, [tile for tile, _ in changed if tile.is_full])

    async def _resolve_doubt(self) -> None:
        """A head whose keeping failed may have been kept all the same: ask, before another is signed."""
        if self._in_doubt is None:
            return
        kept = await self._heads.last()
        if kept not in (self._head, self._in_doubt):
            raise BrokenInvariant("another publisher has signed a head of this log")
        self._head, self._in_doubt = kept, None
        if kept:
            await asyncio.to_thread(self._show, kept.note, [])

    async def close(self) -> None:
        """Publish what is known and stop."""
        self._closing = True
        self._arrived.set()
        try:
            await self.publish()
        finally:
            await self._heads.close()

    async def _collect(self) -> None:
        """Add every known entry to the tiles: from memory where it was told in order, else from the store."""
        pending, self._pending = self._pending, []
        self._tiles.append(pending)
        while self._tiles.size < self._known:
            end = min(self._known, self._tiles.size + _LEAVES_READ)
            self._tiles.append(await self._heads.leaves(self._tiles.size, end))

    def _show(self, note: str, full: list[Tile]) -> None:
        self._folder.write_text(CHECKPOINT, note)
        self._folder.drop_partials(full)

    def _shown(self) -> Checkpoint | None:
        """What the folder shows under our signature; it must not be ahead of what the database kept (T4)."""
        text = self._folder.checkpoint_text()
        if text is None:
            return None
        try:
            shown, _ = open_checkpoint(text, self._signer.verifier)
        except BadInput as error:
            raise BrokenInvariant(f"the published checkpoint is not ours: {error}") from error
        if shown.size > self.published_size:
            raise BrokenInvariant(
                f"a checkpoint of {shown.size} entries is published, but the database kept"
                f" {self.published_size}: it was rolled back"
            )
        return shown

    async def _take_up(self, shown: Checkpoint | None) -> GrowingTiles:
        """The tiles of the kept head: from the files, or rebuilt from the entries where the files fall
        short.
        """
        if self._head is None:
            return GrowingTiles()
        size = self._head.size
        try:
            tiles = GrowingTiles.load(size, self._folder.read_tile)
            whole = tiles.root() == self._head.root and not self._folder.missing(_full_tiles(size))
            if whole and _extends_shown(shown, TiledTree(size, self._folder.read_tile)):
                return tiles
        except (FileNotFoundError, BadInput):
            pass
        _log.warning("tiles are missing or differ: rebuilding the log of %d entries from its entries", size)
        # Nothing is overwritten before the entries have been shown to be those that were signed and
        # published.
        await self._rebuild(self._head, shown, write=False)
        return await self._rebuild(self._head, shown, write=True)

    async def _rebuild(self, head: SignedHead, shown: Checkpoint | None, *, write: bool) -> GrowingTiles:
        signed = {head.size: head.root}
        if shown:
            signed.setdefault(shown.size, shown.root)
            if signed[shown.size] != shown.root:
                raise BrokenInvariant(f"two roots were signed for {shown.size} entries")
        tiles = GrowingTiles()
        for end in sorted({*signed, *range(_LEAVES_READ, head.size, _LEAVES_READ)}):
            tiles.append(await self._heads.leaves(tiles.size, end))
            if signed.get(end, tiles.root()) != tiles.root():
                raise BrokenInvariant(f"the entries are not those of the head signed at {end}")
            if write:
                await asyncio.to_thread(self._folder.write_tiles, tiles.changed())
            tiles.written()
        return tiles


def _extends_shown(shown: Checkpoint | None, tree: TiledTree) -> bool:
    return shown is None or root_of(shown.size, tree) == shown.root


def _full_tiles(size: int) -> list[Tile]:
    every = chain.from_iterable(tiles_of(size, level) for level in (ENTRIES, *levels_of(size)))
    return [tile for tile in every if tile.is_full]
