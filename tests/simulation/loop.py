"""A small event loop for deterministic simulation: virtual time, one seed, every order of what is ready.

asyncio runs what is ready in the order it became so; here the seed picks, so that a run explores
orders that load, threads and networks would make. Time jumps to the next timer when nothing is
ready. There are no sockets, files or threads.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


class Crashed(BaseException):
    """The simulated process was killed: no handler of any task runs after it."""


class Stuck(Exception):
    """Nothing is ready, nothing is timed, and the work is not done."""


class SimulatedLoop(asyncio.AbstractEventLoop):
    """Runs one coroutine to its end, or is killed after `crash_at` steps. `steps` counts the
    callbacks run.
    """

    def __init__(self, seed: int, *, crash_at: int | None = None, steps_max: int = 200_000) -> None:
        self._random = random.Random(seed)
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = itertools.count()
        self._now = 0.0
        self._crash_at = crash_at
        self._steps_max = steps_max
        self.steps = 0
        self.failures: list[dict[str, Any]] = []

    # -- what asyncio asks of a loop -------------------------------------------------------------

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + max(delay, 0), callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers stay in the heap and are passed over."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, T], **kwargs: Any) -> asyncio.Task[T]:  # type: ignore[override]
        return asyncio.Task(coro, loop=self, **kwargs)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.failures.append(context)

    # -- running ----------------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` to its end. Raises Crashed at the chosen step, Stuck when nothing can go on."""
        asyncio.events._set_running_loop(self)
        try:
            task = self.create_task(work)
            while not task.done():
                self._step()
            return task.result()
        finally:
            asyncio.events._set_running_loop(None)

    def _step(self) -> None:
        if not self._ready:
            self._to_next_timer()
        handle = self._ready.pop(self._random.randrange(len(self._ready)))
        if handle._cancelled:
            return
        self.steps += 1
        if self._crash_at is not None and self.steps > self._crash_at:
            raise Crashed
        if self.steps > self._steps_max:
            raise Stuck(f"still at work after {self.steps} steps")
        handle._run()

    def _to_next_timer(self) -> None:
        while self._timers:
            when, _, timer = heapq.heappop(self._timers)
            if timer._cancelled:
                continue
            self._now = max(self._now, when)
            self._ready.append(timer)
            while self._timers and self._timers[0][0] <= self._now:
                self._ready.append(heapq.heappop(self._timers)[2])
            return
        raise Stuck("nothing is ready and nothing is timed")
