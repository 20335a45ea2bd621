"""Many callers, one statement: what arrives while one round trip is under way goes into the next,
together.

There is no timer: a lone caller waits for nobody. Needs one consumer per instance; a failed round
trip fails its own callers and no others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from openclets.foundation.errors import Unavailable

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class Batcher(Generic[Asked, Answered]):
    """Collects what callers ask and puts it to `round_trip` in batches, one at a time.

    `round_trip` takes the batch in order of arrival and returns one result for each, in that order. More than
    `queue_limit` waiting callers raise Unavailable(`SWITCH_BUSY`).
    """

    def __init__(
        self,
        round_trip: Callable[[Sequence[Asked]], Awaitable[Sequence[Answered]]],
        *,
        batch_max: int = 256,
        queue_limit: int = 4096,
    ) -> None:
        self._round_trip = round_trip
        self._batch_max = batch_max
        self._queue_limit = queue_limit
        self._waiting: list[tuple[Asked, asyncio.Future[Answered]]] = []
        self._running: asyncio.Task[None] | None = None

    def ask(self, asked: Asked) -> asyncio.Future[Answered]:
        """A future for the result of `asked`."""
        if len(self._waiting) >= self._queue_limit:
            raise Unavailable("SWITCH_BUSY", "too many questions are waiting for one system")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answered] = loop.create_future()
        self._waiting.append((asked, future))
        if self._running is None:
            self._running = loop.create_task(self._drain())
        return future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._batch_max], self._waiting[self._batch_max :]
                try:
                    results = await self._round_trip([asked for asked, _ in batch])
                except Exception as failed:
                    for _, future in batch:
                        if not future.done():
                            future.set_exception(failed)
                            future.exception()
                    continue
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)
        finally:
            self._running = None
