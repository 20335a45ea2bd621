"""The one statement of the invented record systems: every key of many inquiries, in one round trip."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from openclets.foundation.errors import Unavailable
from openclets.foundation.round_trip import RoundTrips

Connect = Callable[[], Awaitable[AsyncConnection[TupleRow]]]

_SEPARATOR = "\x1f"
_NAME = "find_records"
_FIND = sql.SQL("""
    SELECT asked.n::int4, record.body
    FROM unnest(string_to_array($1::text, chr(31)), string_to_array($2::text, chr(31)))
         WITH ORDINALITY AS asked (system, key, n)
    JOIN synthetic.search_key USING (system, key)
    JOIN synthetic.record USING (system, ref)
""")
_SETTINGS = """
    SET plan_cache_mode = force_generic_plan;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET default_transaction_read_only = on
"""
# The planner cannot know how many keys a batch will hold; a walk down two indexes per key is right for any
# number.


class RecordStore:
    """Finds records by key over one connection, opened when first needed and again when it was lost."""

    def __init__(self, connect: Connect) -> None:
        """`connect` opens an autocommit connection as openclets_records, or raises Unavailable."""
        self._connect = connect
        self._connection: AsyncConnection[TupleRow] | None = None
        self._trips: RoundTrips | None = None

    async def find(self, systems: Sequence[str], keys: Sequence[str]) -> list[tuple[int, bytes]]:
        """(place, body) of each record filed in `systems[n]` under `keys[n]`; places count from 1.

        Raises Unavailable. A connection that was lost since the last use is replaced once before giving up:
        asking twice does no harm.
        """
        parameters = (_SEPARATOR.join(systems).encode(), _SEPARATOR.join(keys).encode())
        was_open = self._trips is not None
        try:
            return await self._ask(parameters)
        except psycopg.Error as lost:
            if not was_open:
                raise _down(lost) from lost
        try:
            return await self._ask(parameters)
        except psycopg.Error as lost:
            raise _down(lost) from lost

    async def _ask(self, parameters: tuple[bytes, bytes]) -> list[tuple[int, bytes]]:
        trips = self._trips or await self._open()
        try:
            rows = await trips.run(_NAME, parameters)
        except psycopg.Error:
            # By now another question may have opened another connection: only this one is let go.
            if trips is self._trips:
                self.close()
            raise
        value, found = rows.get_value, []
        for n in range(rows.ntuples):
            place, body = value(n, 0), value(n, 1)
            assert place is not None and body is not None, "neither column is ever NULL"
            found.append((int.from_bytes(place, "big"), body))
        return found

    async def _open(self) -> RoundTrips:
        connection = await self._connect()
        try:
            await connection.set_autocommit(True)
            await connection.execute(_SETTINGS)
            trips = RoundTrips(connection)
            await trips.prepare(_NAME, _FIND)
        except BaseException:
            connection.pgconn.finish()
            raise
        self._connection, self._trips = connection, trips
        return trips

    def close(self) -> None:
        """Let the connection go; the next question opens another. Never waits for the server."""
        trips, self._connection, self._trips = self._trips, None, None
        if trips is not None:
            trips.close()


def _down(lost: psycopg.Error) -> Unavailable:
    return Unavailable("DATABASE_UNAVAILABLE", f"the record systems do not answer: {lost}")
