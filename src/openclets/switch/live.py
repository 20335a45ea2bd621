"""Transactions whose legs are still arriving: the present reply of each, and who is watching it.

Kept in memory for a while after the last leg; the journal holds the truth, and a reader that finds
nothing here reads the entries (`reread.py`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator

from openclets.switch.reply import ReleasedReply


class LiveTransaction:
    """One transaction's newest released reply. `operator_id` is the only one who may watch it."""

    def __init__(self, operator_id: str, released: ReleasedReply) -> None:
        self.operator_id = operator_id
        self.released = released
        self.done = released.reply.final
        self._watchers: set[asyncio.Event] = set()

    def renew(self, released: ReleasedReply, *, done: bool) -> None:
        """Put a newer reply in place and wake whoever watches. A final reply is never followed by
        one that is not.
        """
        assert released.reply.final or not self.released.reply.final, "final never goes back"
        self.released, self.done = released, done
        for watcher in self._watchers:
            watcher.set()

    async def changes(self) -> AsyncIterator[ReleasedReply]:
        """The present reply, then each newer one, until no more legs can arrive."""
        seen: ReleasedReply | None = None
        woken = asyncio.Event()
        self._watchers.add(woken)
        try:
            while True:
                if self.released is not seen:
                    seen = self.released
                    yield seen
                    continue
                if self.done:
                    return
                woken.clear()
                await woken.wait()
        finally:
            self._watchers.discard(woken)


class LiveTransactions:
    """The newest `kept_max` transactions that did not finish at once."""

    def __init__(self, kept_max: int = 5000) -> None:
        self._kept_max = kept_max
        self._by_id: OrderedDict[str, LiveTransaction] = OrderedDict()

    def add(self, transaction: str, live: LiveTransaction) -> None:
        """Keep `live`; the oldest finished one makes room, or the oldest where none is finished."""
        self._by_id[transaction] = live
        while len(self._by_id) > self._kept_max:
            oldest = next(iter(self._by_id))
            del self._by_id[next((name for name, one in self._by_id.items() if one.done), oldest)]

    def find(self, transaction: str) -> LiveTransaction | None:
        """The live transaction of that number, if it is still kept."""
        return self._by_id.get(transaction)
