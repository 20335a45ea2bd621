"""A prepared statement over a connection of its own: one message out, one answer back, one wait.

A cursor asks the event loop to watch the socket anew for every step of a statement, which costs more than
small statements do. Here the loop is asked once a statement. Where that does not matter, a cursor is plainer.
Source: PostgreSQL manual, 32.4 (libpq, asynchronous command processing).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import psycopg
from psycopg import AsyncConnection, errors, sql
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


PATIENCE_S: Final = 30.0
"""How long a statement may take. A server that says nothing for so long is taken for lost: a connection cut
without a word would otherwise be waited for until the end of days.
"""


class RoundTrips:
    """Runs prepared statements over an autocommit connection, one at a time, values in binary form.

    Between two runs the connection's own methods may be used.
    """

    def __init__(self, connection: AsyncConnection[TupleRow], patience_s: float = PATIENCE_S) -> None:
        self._connection = connection
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._socket = connection.fileno()
        self._is_watched = False
        self._answer: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None

    async def prepare(self, name: str, statement: sql.Composed | sql.SQL) -> None:
        """Prepare `statement`, whose parameters are `$1`, `$2` … with a cast each. Raises psycopg.Error."""
        await self._connection.execute(
            sql.SQL("PREPARE {} AS {}").format(sql.Identifier(name), statement), prepare=False
        )

    async def run(self, name: str, parameters: Sequence[bytes | None]) -> PGresult:
        """Run the statement prepared as `name`, with its parameters in binary form; its rows are so too.

        Raises psycopg.OperationalError where the connection is lost or silent: then it is unknown whether the
        statement took effect. Any other psycopg.Error is the server's refusal: then it did not. A run that
        is cancelled ends the connection.
        """
        pgconn = self._connection.pgconn
        self._result = None
        self._answer = answer = self._loop.create_future()
        timer = self._loop.call_later(self._patience_s, self._give_up)
        try:
            formats = [Format.BINARY] * len(parameters)
            pgconn.send_query_prepared(name.encode(), parameters, formats, Format.BINARY)
            self._is_watched = True
            self._loop.add_reader(self._socket, self._read)
            if pgconn.flush():
                self._loop.add_writer(self._socket, self._write)
            result: PGresult = await answer
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        if result.status not in _GOOD:
            raise errors.error_from_result(result)
        return result

    def close(self) -> None:
        """End the connection at once, without waiting for the server. A run under way fails with
        OperationalError. Closing twice does nothing.
        """
        self._unwatch()
        self._connection.pgconn.finish()
        self._fail(psycopg.OperationalError("the connection was given up"))

    def _unwatch(self) -> None:
        """Let the loop forget the socket, once: before it is closed, and never after, for then its number may
        be that of another connection, whose answers would be waited for in vain.
        """
        if self._is_watched:
            self._is_watched = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)

    def _give_up(self) -> None:
        self._fail(psycopg.OperationalError(f"no answer within {self._patience_s:g} s"))

    def _write(self) -> None:
        try:
            if not self._connection.pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError as lost:
            self._fail(lost)

    def _read(self) -> None:
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is not None:
                    self._result = result
                    continue
                if self._result is None:
                    raise psycopg.OperationalError("the connection was lost")
                self._unwatch()
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(self._result)
                return
        except psycopg.OperationalError as lost:
            self._fail(lost)

    def _fail(self, lost: psycopg.OperationalError) -> None:
        self._unwatch()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(lost)
