"""Opens sealed bodies, and never without an entry that says who opened what and why (decisions.md 5).

`open` makes that entry itself; `open_under` takes the receipt of one the caller has just made, for acts that
have a kind of their own, such as showing a reply again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from openclets.foundation.canonical import encode
from openclets.foundation.errors import BrokenInvariant, Refused
from openclets.journal.append import Journal
from openclets.journal.entries import JournalEntries, StoredEntry
from openclets.journal.entry import EntryDraft, Receipt
from openclets.journal.keyring import Keyring
from openclets.journal.kinds import JOURNAL_BODY_OPENED
from openclets.journal.leaf import commit
from openclets.journal.receipt import verify_receipt
from openclets.journal.seal import OpenedBody, Wrap, unseal, unwrap


@dataclass(frozen=True, slots=True)
class BodyReader:
    """Who opens a body, where, why, and with whose key: `agency:<ORI>`, `oversight`, `subject:<digest>`."""

    operator_id: str
    agency_ori: str
    terminal_id: str
    reason: str
    holder: str


class OpenedEntry(msgspec.Struct, frozen=True):
    """An entry with its body; that the commitment opens to exactly these has been checked."""

    entry: StoredEntry
    salt: bytes
    body: bytes


class Bodies:
    """The sealed bodies of one journal."""

    def __init__(self, entries: JournalEntries, journal: Journal, keyring: Keyring) -> None:
        self._entries = entries
        self._journal = journal
        self._keyring = keyring

    async def open(self, index: int, reader: BodyReader) -> OpenedEntry:
        """Enter that `reader` opens the body of entry `index`, then open it.

        Raises Refused: `NOT_FOUND`, `NOT_ENTITLED` when the holder has no key to it, `BODY_DESTROYED`.
        """
        body = encode({"holder": reader.holder, "index": index, "reason": reader.reason})
        (entered,) = await self._journal.append(
            EntryDraft(
                JOURNAL_BODY_OPENED,
                body,
                agency_ori=reader.agency_ori,
                operator_id=reader.operator_id,
                terminal_id=reader.terminal_id,
            )
        )
        (opened,) = await self.open_under(entered.receipt, [index], reader.holder)
        return opened

    async def open_under(self, receipt: Receipt, indexes: Sequence[int], holder: str) -> list[OpenedEntry]:
        """Open bodies under an entry that accounts for it; in the order asked. Raises as `open`."""
        if not verify_receipt(receipt, self._keyring.gate_key):
            raise BrokenInvariant("a body is to be opened under a receipt that nobody issued")
        sealed = await self._entries.sealed(indexes)
        wraps = await self._entries.wraps(indexes)
        return [await self._open(index, holder, sealed.get(index), wraps.get(index, [])) for index in indexes]

    async def _open(self, index: int, holder: str, sealed: bytes | None, wraps: list[Wrap]) -> OpenedEntry:
        entry = await self._entries.at(index)
        if entry is None or sealed is None:
            raise Refused("NOT_FOUND", f"The journal has no entry {index}.")
        if not wraps:
            raise Refused("BODY_DESTROYED", f"The keys of entry {index} have been destroyed.")
        wrap = next((wrap for wrap in wraps if wrap.holder == holder), None)
        if wrap is None:
            raise Refused("NOT_ENTITLED", f"Entry {index} is not sealed for {holder.partition(':')[0]}.")
        opened = unseal(sealed, index, unwrap(wrap, self._keyring.wrapping))
        if not commits(entry, opened):
            raise BrokenInvariant(f"entry {index} was changed: its commitment does not open to it")
        return OpenedEntry(entry, opened.salt, opened.body)


def commits(entry: StoredEntry, opened: OpenedBody) -> bool:
    """Whether the entry's commitment opens to its clear fields and this body."""
    canonical = entry.canonical(hashlib.sha256(opened.body).digest())
    return commit(opened.salt, canonical) == entry.commitment
