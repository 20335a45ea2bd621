"""The switch's rows in PostgreSQL: idempotency keys, reasons owed, whom a transaction was about.
Its only SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from openclets.foundation.batching import Batcher
from openclets.foundation.link import Link
from openclets.switch.entries import Names
from openclets.switch.idempotency import KEPT_FOR, UNDER_WAY_MAX, Claim, Progress

COMPANION_TABLES = {
    "switch.transaction_subject": ("transaction", "subject_ref", "role", "weight"),
    "switch.owed_reason": ("transaction", "operator_id", "owed_at"),
    "switch.given_reason": ("transaction", "given_at"),
}
"""Rows written in the commit of the entry they belong to, table to columns."""

_CLAIM = """
    WITH wanted AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::uuid[], %s::timestamptz[])
            WITH ORDINALITY AS w(operator_id, key, digest, transaction, claimed_at, place)
    ), first AS (
        SELECT DISTINCT ON (operator_id, key) * FROM wanted ORDER BY operator_id, key, place
    ), kept AS (
        INSERT INTO switch.idempotency_key AS standing (operator_id, key, digest, transaction, claimed_at)
        SELECT operator_id, key, digest, transaction, claimed_at FROM first
        ON CONFLICT (operator_id, key) DO UPDATE
            SET digest = excluded.digest, transaction = excluded.transaction, claimed_at = excluded.claimed_at
            WHERE standing.claimed_at < excluded.claimed_at - %s
        RETURNING operator_id, key, digest, transaction, claimed_at
    )
    SELECT w.place, k.digest, k.transaction, k.claimed_at FROM wanted w JOIN kept k USING (operator_id, key)
    UNION ALL
    SELECT w.place, s.digest, s.transaction, s.claimed_at
    FROM wanted w JOIN switch.idempotency_key s USING (operator_id, key)
    WHERE NOT EXISTS (SELECT FROM kept k WHERE k.operator_id = w.operator_id AND k.key = w.key)
    ORDER BY 1
"""

_PROGRESS = """
    SELECT bool_or(kind = 'ReplyReleased'),
           bool_or(kind IN ('InquiryAbandoned', 'InquiryRefused', 'ReplyWithheld')),
           bool_or(kind = 'InquiryPermitted')
    FROM journal.entry WHERE transaction = %s
"""


_UNANSWERED = """
    SELECT transaction, agency_ori, operator_id, terminal_id, message_key, purpose_code, ruleset_digest
    FROM journal.entry intent
    WHERE kind = 'InquiryPermitted' AND {which}
      AND NOT EXISTS (
        SELECT FROM journal.entry closing
        WHERE closing.transaction = intent.transaction
          AND closing.kind IN ('ReplyReleased', 'ReplyWithheld', 'InquiryAbandoned'))
    ORDER BY index
"""


class PostgresIntents:
    """Finds intents that nobody answered."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def unanswered(self, until: datetime) -> list[Names]:
        """See `UnansweredIntents.unanswered`."""
        return await self._found(_UNANSWERED.format(which="at < %s"), until)

    async def unanswered_of(self, transactions: Collection[str]) -> list[Names]:
        """See `UnansweredIntents.unanswered_of`."""
        return await self._found(
            _UNANSWERED.format(which="transaction = ANY(%s::uuid[])"), list(transactions)
        )

    async def _found(self, statement: str, which: object) -> list[Names]:
        async with self._link.connection() as connection:
            rows = await (await connection.execute(statement, (which,))).fetchall()
        return [Names(str(transaction), *clear) for transaction, *clear in rows]


class PostgresClaims:
    """The claim store. Claims that wait while one statement runs go into the next, together."""

    def __init__(self, link: Link, opened_at: datetime) -> None:
        """A claim from before `opened_at` that left no entry belongs to a process that is gone."""
        self._link = link
        self._opened_at = opened_at
        self._batcher: Batcher[Claim, Claim] = Batcher(self._claim_all)

    async def claim(self, wanted: Claim) -> Claim:
        """See `ClaimStore.claim`."""
        return await self._batcher.ask(wanted)

    async def progress_of(self, earlier: Claim, now: datetime) -> Progress:
        """See `ClaimStore.progress_of`."""
        async with self._link.connection() as connection:
            row = await (await connection.execute(_PROGRESS, (earlier.transaction,))).fetchone()
        released, closed, begun = row if row is not None else (None, None, None)
        if released:
            return Progress.ANSWERED
        stopped = earlier.at < self._opened_at or now - earlier.at > UNDER_WAY_MAX
        if closed or (not begun and stopped):
            return Progress.ABANDONED
        return Progress.UNDER_WAY

    async def take_over(self, earlier: Claim, wanted: Claim) -> bool:
        """See `ClaimStore.take_over`."""
        async with self._link.connection() as connection:
            cursor = await connection.execute(
                "UPDATE switch.idempotency_key SET digest = %s, transaction = %s, claimed_at = %s"
                " WHERE operator_id = %s AND key = %s AND transaction = %s",
                (
                    wanted.digest,
                    wanted.transaction,
                    wanted.at,
                    wanted.operator_id,
                    wanted.key,
                    earlier.transaction,
                ),
            )
            return cursor.rowcount == 1

    async def _claim_all(self, wanted: Sequence[Claim]) -> Sequence[Claim]:
        columns = (
            [c.operator_id for c in wanted],
            [c.key for c in wanted],
            [c.digest for c in wanted],
            [c.transaction for c in wanted],
            [c.at for c in wanted],
        )
        async with self._link.connection() as connection:
            rows = await (await connection.execute(_CLAIM, (*columns, KEPT_FOR))).fetchall()
        return [
            Claim(one.operator_id, one.key, bytes(digest), str(transaction), at)
            for one, (_, digest, transaction, at) in zip(wanted, rows, strict=True)
        ]


class PostgresOwedReasons:
    """Reasons owed and not yet given."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def open_count(self, operator_id: str) -> int:
        """How many reasons `operator_id` owes."""
        async with self._link.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM switch.owed_reason o WHERE operator_id = %s"
                " AND NOT EXISTS (SELECT FROM switch.given_reason g WHERE g.transaction = o.transaction)",
                (operator_id,),
            )
            row = await cursor.fetchone()
        assert row is not None, "count gives one row"
        return int(row[0])

    async def open_of(self, operator_id: str) -> list[tuple[str, datetime]]:
        """The transactions whose reason `operator_id` owes, oldest first, with their times."""
        async with self._link.connection() as connection:
            cursor = await connection.execute(
                "SELECT transaction, owed_at FROM switch.owed_reason o WHERE operator_id = %s"
                " AND NOT EXISTS (SELECT FROM switch.given_reason g WHERE g.transaction = o.transaction)"
                " ORDER BY owed_at",
                (operator_id,),
            )
            return [(str(transaction), at) for transaction, at in await cursor.fetchall()]
