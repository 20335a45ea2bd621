"""Reads entries, sealed bodies and wrapped keys from PostgreSQL. Clear fields only; it opens nothing.

Writing is `store.py`; opening a body, which is an entry of its own, is `reading.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from openclets.foundation.link import Link
from openclets.journal.leaf import clear_form, encode_leaf
from openclets.journal.seal import Wrap

_COLUMNS = (
    "index, at, epoch, kind, leaf_class, flags, transaction, agency_ori, operator_id, terminal_id,"
    " message_key, purpose_code, ruleset_digest, result_class, commitment"
)


class StoredEntry(msgspec.Struct, frozen=True):
    """An entry as it is kept: its clear fields and its commitment. Empty text where a field does not
    apply."""

    index: int
    at: datetime
    epoch: int
    kind: str
    leaf_class: int
    flags: int
    transaction: str
    agency_ori: str
    operator_id: str
    terminal_id: str
    message_key: str
    purpose_code: str
    ruleset_digest: str
    result_class: str
    commitment: bytes

    def leaf(self) -> bytes:
        """The public leaf it should have."""
        return encode_leaf(self.leaf_class, self.flags, self.commitment)

    def canonical(self, body_sha256: bytes) -> bytes:
        """What its commitment is to, given the SHA-256 of its body."""
        return clear_form(
            index=self.index,
            epoch=self.epoch,
            at=self.at,
            kind=self.kind,
            transaction=self.transaction,
            agency_ori=self.agency_ori,
            operator_id=self.operator_id,
            terminal_id=self.terminal_id,
            message_key=self.message_key,
            purpose_code=self.purpose_code,
            ruleset_digest=self.ruleset_digest,
            result_class=self.result_class,
            body_sha256=body_sha256,
        )


class JournalEntries:
    """The journal as a reader sees it. Every method raises Unavailable(`DATABASE_UNAVAILABLE`)."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def size(self) -> int:
        """How many entries there are."""
        rows = await self._rows("SELECT coalesce(max(index) + 1, 0) FROM journal.entry")
        return int(rows[0][0])

    async def at(self, index: int) -> StoredEntry | None:
        """The entry at an index."""
        found = await self.between(index, index + 1)
        return found[0] if found else None

    async def between(self, start: int, end: int) -> list[StoredEntry]:
        """Entries [start, end), by index."""
        return await self._entries("WHERE index >= %s AND index < %s ORDER BY index", start, end)

    async def of_transaction(self, transaction: str) -> list[StoredEntry]:
        """Every entry of a transaction, by index; none for text that is not a UUID."""
        try:
            identifier = UUID(transaction)
        except ValueError:
            return []
        return await self._entries("WHERE transaction = %s ORDER BY index", identifier)

    async def of_operator(
        self, operator_id: str, *, before: int | None = None, limit: int = 50
    ) -> list[StoredEntry]:
        """The last `limit` entries of an operator, newest first; only those below index `before` where
        given."""
        below = before if before is not None else 2**62
        return await self._entries(
            "WHERE operator_id = %s AND operator_id <> '' AND index < %s ORDER BY index DESC LIMIT %s",
            operator_id,
            below,
            limit,
        )

    async def sealed(self, indexes: Sequence[int]) -> dict[int, bytes]:
        """The sealed bodies of entries, by index."""
        rows = await self._rows("SELECT index, sealed FROM journal.body WHERE index = ANY(%s)", list(indexes))
        return {index: bytes(sealed) for index, sealed in rows}

    async def wraps(self, indexes: Sequence[int]) -> dict[int, list[Wrap]]:
        """The wrapped keys of entries, by index; an entry whose keys were destroyed is left out."""
        rows = await self._rows(
            "SELECT index, holder, wrapped FROM journal.body_key WHERE index = ANY(%s)", list(indexes)
        )
        wraps: dict[int, list[Wrap]] = {}
        for index, holder, wrapped in rows:
            wraps.setdefault(index, []).append(Wrap(index, holder, bytes(wrapped)))
        return wraps

    async def wrapped_for(self, holder: str) -> list[int]:
        """The entries whose key is wrapped for a holder, by index."""
        rows = await self._rows(
            "SELECT DISTINCT index FROM journal.body_key"
            " WHERE holder = %s AND holder LIKE 'subject:%%' ORDER BY index",
            holder,
        )
        return [int(row[0]) for row in rows]

    async def _entries(self, condition: str, *values: object) -> list[StoredEntry]:
        rows = await self._rows(f"SELECT {_COLUMNS} FROM journal.entry {condition}", *values)  # noqa: S608
        return [_stored(row) for row in rows]

    async def _rows(self, statement: str, *values: object) -> list[Any]:
        async with self._link.connection() as connection:
            cursor = await connection.execute(statement, values)
            return list(await cursor.fetchall())


def _stored(row: Sequence[Any]) -> StoredEntry:
    transaction = "" if row[6] is None else str(row[6])
    values = [*row[:6], transaction, *row[7:14], bytes(row[14])]
    return StoredEntry(*values)
