"""The long tasks of a process. One that ends by itself is a broken invariant: then the process stops.

While the process closes its parts, their tasks end one by one, in whatever order; that is as it should be.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Final

COLLAPSED: Final = 70
"""The exit code of a process that lost a part of itself (sysexits.h, EX_SOFTWARE)."""

Collapse = Callable[[str], None]
"""Told the name of the task that ended; expected not to return to a process that goes on."""

_log = logging.getLogger("openclets.long_tasks")


def leave_at_once(name: str) -> None:
    """End the process now: closing in order would need the part that is gone."""
    del name
    os._exit(COLLAPSED)


class LongTasks:
    """Starts tasks that must outlive everything else, and notices when one does not.

    `let_end` before the parts are closed; leaving the block cancels whatever still runs.
    """

    def __init__(self, collapse: Collapse = leave_at_once) -> None:
        self._collapse = collapse
        self._tasks: list[asyncio.Task[None]] = []
        self._may_end = False

    def start(self, name: str, work: Coroutine[object, object, None]) -> None:
        """Run `work` until the end of the block."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def let_end(self) -> None:
        """From now on a task that ends is one whose part was closed. One that fails is still told of."""
        self._may_end = True

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        failure = task.exception()
        if self._may_end:
            if failure is not None:
                _log.error("%s failed while the process was stopping", task.get_name(), exc_info=failure)
            return
        _log.critical("%s has ended; the process stops", task.get_name(), exc_info=failure)
        self._collapse(task.get_name())

    def __enter__(self) -> LongTasks:
        return self

    def __exit__(self, *failure: object) -> None:
        self.let_end()
        for task in self._tasks:
            task.cancel()
