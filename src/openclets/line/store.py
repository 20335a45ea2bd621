"""Lines, messages taken and answers owed, in PostgreSQL; acts are in `act_store.py`.

Whatever several lines bring while one statement is under way goes into the next, together. A batch is one
statement and so one commit: all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openclets.foundation.batching import Batcher
from openclets.foundation.clock import Clock
from openclets.foundation.database import Database, Role
from openclets.foundation.link import Link
from openclets.line.enrolled import Line, LinePosition
from openclets.line.messages import KeptMessage, Outgoing, Part, Taken, answer_place, message_place
from openclets.line.sealing import Sealer

_TAKE = """
    WITH given AS (
        SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])
            WITH ORDINALITY AS g(line, seq, ref, skin, digest, sealed, place)
    ), taken AS (
        INSERT INTO line.inbox (line, seq, ref, skin, digest, sealed, accepted_at)
        SELECT line, seq, ref, skin, digest, sealed, %s FROM given ORDER BY place
        ON CONFLICT DO NOTHING RETURNING line, seq
    )
    SELECT t.seq IS NOT NULL, coalesce(i.digest, g.digest), coalesce(i.phase, 'accepted')
    FROM given g LEFT JOIN taken t USING (line, seq) LEFT JOIN line.inbox i USING (line, seq)
    ORDER BY g.place
"""
_ANSWER = """
    WITH given AS (
        SELECT * FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::text[], %s::bytea[], %s::text[],
                             %s::text[], %s::bytea[])
            WITH ORDINALITY AS g(line, seq, part, ref, sealed, phase, transaction, shown, place)
    ), moved AS (
        UPDATE line.inbox i
        SET parts = i.parts + 1, phase = g.phase, transaction = g.transaction, shown = g.shown, sealed = NULL,
            answered_at = %s
        FROM given g
        WHERE i.line = g.line AND i.seq = g.seq AND i.parts = g.part AND i.phase <> 'answered'
        RETURNING i.line, i.seq
    ), fresh AS (
        SELECT g.*, row_number() OVER (PARTITION BY g.line ORDER BY g.place) AS turn
        FROM given g JOIN moved USING (line, seq)
    ), bumped AS (
        UPDATE line.line l SET sent = l.sent + c.count
        FROM (SELECT line, count(*) AS count FROM fresh GROUP BY line) c WHERE l.id = c.line
        RETURNING l.id, l.sent - c.count AS base
    ), put AS (
        INSERT INTO line.outbox (line, seq, inbox_seq, part, ref, sealed, made_at)
        SELECT f.line, b.base + f.turn, f.seq, f.part, f.ref, f.sealed, %s
        FROM fresh f JOIN bumped b ON b.id = f.line
        RETURNING line, inbox_seq, part
    )
    SELECT p.line IS NOT NULL FROM given g
    LEFT JOIN put p ON p.line = g.line AND p.inbox_seq = g.seq AND p.part = g.part ORDER BY g.place
"""
_ACKNOWLEDGE = """
    DELETE FROM line.outbox o USING unnest(%s::text[], %s::bigint[]) AS g(line, seq)
    WHERE o.line = g.line AND o.seq = g.seq RETURNING o.line, o.seq
"""
_LINES = """
    SELECT id, agency_ori, operator_id, terminal_id, machine, images, fingerprint, token_until, enrolled_at,
           withdrawn_at, connected_at
    FROM line.line
"""
_LINE = _LINES + " WHERE id = %s"
_LINES_IN_ORDER = _LINES + " ORDER BY id"
_OWED = """
    SELECT g.place, o.seq, o.ref, o.sealed, o.inbox_seq, o.part
    FROM unnest(%s::text[], %s::bigint[], %s::int[]) WITH ORDINALITY AS g(line, after, most, place)
    CROSS JOIN LATERAL (
        SELECT seq, ref, sealed, inbox_seq, part FROM line.outbox
        WHERE line = g.line AND seq > g.after ORDER BY seq LIMIT g.most
    ) o
    ORDER BY g.place, o.seq
"""
_POSITION = """
    SELECT greatest(l.received, coalesce((SELECT max(seq) FROM line.inbox WHERE line = l.id), 0)), l.sent,
           coalesce((SELECT min(seq) FROM line.outbox WHERE line = l.id), l.sent + 1),
           (SELECT count(*) FROM line.inbox WHERE line = l.id AND phase = 'accepted')
           + (SELECT count(*) FROM line.outbox WHERE line = l.id),
           coalesce((SELECT sum(length(sealed)) FROM line.inbox WHERE line = l.id AND phase = 'accepted'), 0)
    FROM line.line l WHERE l.id = %s
"""
_UNANSWERED = """
    SELECT i.line, i.seq, i.ref, i.skin, i.sealed, i.phase, i.parts, i.transaction, i.shown, i.accepted_at
    FROM line.inbox i JOIN line.line l ON l.id = i.line
    WHERE i.phase <> 'answered' AND l.withdrawn_at IS NULL ORDER BY i.line, i.seq
"""
_CLEAR = """
    WITH cleared AS (
        DELETE FROM line.inbox WHERE phase = 'answered' AND answered_at < %s RETURNING line, seq
    )
    UPDATE line.line l SET received = greatest(l.received, c.seq)
    FROM (SELECT line, max(seq) AS seq FROM cleared GROUP BY line) c WHERE l.id = c.line
"""


@dataclass(frozen=True, slots=True)
class _Owed:
    line: str
    after: int
    most: int


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    line: str
    seq: int


class LineStore:
    """The listener's store. Each kind of act has a connection of its own, so that none waits for another."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock
        self._taking, self._answering, self._acknowledging, self._reading = (
            Link(database, Role.APP) for _ in range(4)
        )
        self._takes: Batcher[Sequence[KeptMessage], Sequence[Taken]] = Batcher(self._take_all)
        self._answers: Batcher[Part, bool] = Batcher(self._answer_all)
        self._reads: Batcher[_Owed, Sequence[Outgoing]] = Batcher(self._read_owed, batch_max=32)
        self._acks: Batcher[_Acknowledged, bool] = Batcher(self._acknowledge_all)

    async def close(self) -> None:
        """Close the connections."""
        for link in (self._taking, self._answering, self._acknowledging, self._reading):
            await link.close()

    async def take(self, group: Sequence[KeptMessage]) -> Sequence[Taken]:
        """Keep one line's next messages durably, all or none, and say of each what was there already.

        Raises Unavailable; whether the group is kept is then not known, and it may be taken again.
        """
        return await self._takes.ask(group)

    async def answer(self, part: Part) -> bool:
        """Keep a part of an answer durably, under the line's next sequence number; False where this part is
        there already. Raises Unavailable; the same part may then be given again.
        """
        return await self._answers.ask(part)

    async def acknowledge(self, line: str, seq: int) -> bool:
        """The line has an answer durably: it is owed no longer. False where it was not owed."""
        return await self._acks.ask(_Acknowledged(line, seq))

    async def acknowledge_until(self, line: str, seq: int) -> None:
        """The line has every answer up to `seq`."""
        async with self._acknowledging.connection() as connection:
            await connection.execute("DELETE FROM line.outbox WHERE line = %s AND seq <= %s", (line, seq))

    async def finish(self, line: str, seq: int) -> None:
        """No further part of an answer will come."""
        async with self._answering.connection() as connection:
            await connection.execute(
                "UPDATE line.inbox SET phase = 'answered', answered_at = %s, sealed = NULL"
                " WHERE line = %s AND seq = %s AND parts > 0",
                (self._clock.now(), line, seq),
            )

    async def owed(self, line: str, after: int, most: int) -> Sequence[Outgoing]:
        """The next answers that a line has not acknowledged, after sequence number `after`."""
        return await self._reads.ask(_Owed(line, after, most))

    async def unanswered(self) -> list[KeptMessage]:
        """Every message of a line in force that has not had its last answer, in the order of its line."""
        async with self._reading.connection() as connection:
            rows = await (await connection.execute(_UNANSWERED)).fetchall()
        return [
            KeptMessage(
                line=line,
                seq=seq,
                ref=ref,
                skin=skin,
                text=b"" if sealed is None else self._sealer.open(bytes(sealed), message_place(line, seq)),
                phase=phase,
                parts=parts,
                transaction=transaction,
                shown=None if shown is None else bytes(shown),
                accepted_at=accepted_at,
            )
            for line, seq, ref, skin, sealed, phase, parts, transaction, shown, accepted_at in rows
        ]

    async def digest_of(self, line: str, seq: int) -> bytes | None:
        """The SHA-256 of a message that was taken; None where it was cleared away."""
        async with self._reading.connection() as connection:
            cursor = await connection.execute(
                "SELECT digest FROM line.inbox WHERE line = %s AND seq = %s", (line, seq)
            )
            row = await cursor.fetchone()
        return None if row is None else bytes(row[0])

    async def line(self, line: str) -> Line | None:
        """A line by its id."""
        async with self._reading.connection() as connection:
            row = await (await connection.execute(_LINE, (line,))).fetchone()
        return None if row is None else _line(row)

    async def lines(self) -> list[Line]:
        """Every line, withdrawn ones included."""
        async with self._reading.connection() as connection:
            rows = await (await connection.execute(_LINES_IN_ORDER)).fetchall()
        return [_line(row) for row in rows]

    async def token(self, line: str) -> str:
        """What a line shows the network."""
        async with self._reading.connection() as connection:
            row = await (
                await connection.execute("SELECT token FROM line.line WHERE id = %s", (line,))
            ).fetchone()
        assert row is not None, "a line that connected has a row"
        return self._sealer.open(bytes(row[0]), f"token {line}").decode("ascii")

    async def position(self, line: str) -> LinePosition:
        """Where the line's streams stand."""
        async with self._reading.connection() as connection:
            row = await (await connection.execute(_POSITION, (line,))).fetchone()
        assert row is not None, "a line that connected has a row"
        return LinePosition(*(int(value) for value in row))

    async def connected(self, line: str) -> None:
        """Note that a line is connected now."""
        async with self._answering.connection() as connection:
            await connection.execute(
                "UPDATE line.line SET connected_at = %s WHERE id = %s", (self._clock.now(), line)
            )

    async def clear(self, before: datetime) -> None:
        """Drop the rows of messages answered before that time; their sequence numbers stay used."""
        async with self._answering.connection() as connection:
            await connection.execute(_CLEAR, (before,))

    async def _take_all(self, groups: Sequence[Sequence[KeptMessage]]) -> Sequence[Sequence[Taken]]:
        flat = [message for group in groups for message in group]
        columns = (
            [m.line for m in flat],
            [m.seq for m in flat],
            [m.ref for m in flat],
            [m.skin for m in flat],
            [m.digest for m in flat],
            [self._sealer.seal(m.text, message_place(m.line, m.seq)) for m in flat],
        )
        async with self._taking.connection() as connection:
            # Commit point of the line: what is acknowledged from here on is on disk.
            rows = await (await connection.execute(_TAKE, (*columns, self._clock.now()))).fetchall()
        taken = iter([Taken(new, bytes(digest), phase) for new, digest, phase in rows])
        return [[next(taken) for _ in group] for group in groups]

    async def _answer_all(self, parts: Sequence[Part]) -> Sequence[bool]:
        columns = (
            [p.line for p in parts],
            [p.seq for p in parts],
            [p.part for p in parts],
            [p.ref for p in parts],
            [self._sealer.seal(p.text, answer_place(p.line, p.seq, p.part)) for p in parts],
            ["answered" if p.last else "following" for p in parts],
            [p.transaction for p in parts],
            [p.shown for p in parts],
        )
        now = self._clock.now()
        async with self._answering.connection() as connection:
            # Commit point of an answer: from here it is sent, and sent again, until the line acknowledges it.
            rows = await (await connection.execute(_ANSWER, (*columns, now, now))).fetchall()
        return [bool(kept) for (kept,) in rows]

    async def _read_owed(self, asked: Sequence[_Owed]) -> Sequence[Sequence[Outgoing]]:
        columns = ([o.line for o in asked], [o.after for o in asked], [o.most for o in asked])
        found: list[list[Outgoing]] = [[] for _ in asked]
        async with self._reading.connection() as connection:
            rows = await (await connection.execute(_OWED, columns)).fetchall()
        for place, seq, ref, sealed, inbox_seq, part in rows:
            where = answer_place(asked[place - 1].line, inbox_seq, part)
            found[place - 1].append(Outgoing(seq, ref, self._sealer.open(bytes(sealed), where)))
        return found

    async def _acknowledge_all(self, acks: Sequence[_Acknowledged]) -> Sequence[bool]:
        columns = ([a.line for a in acks], [a.seq for a in acks])
        async with self._acknowledging.connection() as connection:
            gone = set(await (await connection.execute(_ACKNOWLEDGE, columns)).fetchall())
        return [(a.line, a.seq) in gone for a in acks]


def _line(row: tuple[Any, ...]) -> Line:
    line, agency_ori, operator_id, terminal_id, machine, images, fingerprint, *times = row
    return Line(line, agency_ori, operator_id, terminal_id, machine, images, bytes(fingerprint), *times)
