"""Legs run together: each record system is asked at once, and each answer is taken as it comes.

It waits for first parts, for the deadline, and past it for late answers, by the profile of the
route. It knows nothing of rules or the journal: it is given queries that carry their receipt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.errors import BrokenInvariant
from openclets.records.answer import Answer, LegState
from openclets.records.query import Query
from openclets.records.system import RecordSystem

_log = logging.getLogger("openclets.switch.asking")


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """An answer and how long its system took, in milliseconds."""

    answer: Answer
    elapsed_ms: float


class Asking:
    """The legs of one transaction under way. `arrivals[n]` is None until leg n has answered."""

    def __init__(
        self, systems: Mapping[str, RecordSystem], queries: Sequence[Query | None], clock: Clock
    ) -> None:
        """Ask all at once. A None query is a leg that is not asked; its arrival stays None."""
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._started = clock.monotonic()
        self._systems = systems
        self.arrivals: list[Arrival | None] = []
        self._fresh: list[int] = []
        self._waiter: asyncio.Future[None] | None = None
        self._wanted = 0
        self._open: dict[int, asyncio.Future[Answer]] = {}
        self.broken: BrokenInvariant | None = None
        self.ask_more(queries)

    def ask_more(self, queries: Sequence[Query | None]) -> None:
        """Ask further legs, numbered on from those there are; all waits count from the first asking."""
        first = len(self.arrivals)
        self.arrivals += [None] * len(queries)
        asked = {
            n: asyncio.ensure_future(self._systems[query.system].ask(query))
            for n, query in enumerate(queries, first)
            if query is not None
        }
        self._open |= asked
        for n, answer in asked.items():
            answer.add_done_callback(partial(self._arrived, n))

    @property
    def pending(self) -> int:
        """How many legs have not answered."""
        return len(self._open)

    def _arrived(self, n: int, done: asyncio.Future[Answer]) -> None:
        if self._open.pop(n, None) is None:
            return
        if done.cancelled():
            answer = Answer(LegState.UNAVAILABLE, detail="the asking was stopped")
        elif (error := done.exception()) is None:
            answer = done.result()
        elif isinstance(error, BrokenInvariant):
            self.broken = error
            answer = Answer(LegState.UNAVAILABLE, detail="the connector refused the message")
        else:
            # A connector that fails in an unforeseen way is a system that did not answer; never "no record".
            _log.error("connector failed", exc_info=error)
            answer = Answer(LegState.UNAVAILABLE, detail="the connector failed")
        self.arrivals[n] = Arrival(answer, round((self._clock.monotonic() - self._started) * 1000, 1))
        self._fresh.append(n)
        if self._waiter is not None and not self._waiter.done() and (self._wanted or not self._open):
            self._waiter.set_result(None)

    async def all_or(self, until_s: float) -> None:
        """Return when every leg has answered, or `until_s` seconds after the asking began."""
        await self._wait(until_s, any_arrival=False)

    async def next_arrivals(self, until_s: float) -> tuple[int, ...]:
        """The legs that arrived since last asked, waiting for one up to `until_s` after the asking began."""
        if not self._fresh:
            await self._wait(until_s, any_arrival=True)
        return self.take_fresh()

    def take_fresh(self) -> tuple[int, ...]:
        """The legs that arrived since last asked, without waiting."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    def stop(self) -> None:
        """Stop waiting for whoever has not answered."""
        left, self._open = self._open, {}
        for asked in left.values():
            asked.cancel()

    async def _wait(self, until_s: float, *, any_arrival: bool) -> None:
        remaining = self._started + until_s - self._clock.monotonic()
        if not self._open or remaining <= 0:
            return
        self._waiter = self._loop.create_future()
        self._wanted = 1 if any_arrival else 0
        timer = self._loop.call_later(remaining, _release, self._waiter)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
