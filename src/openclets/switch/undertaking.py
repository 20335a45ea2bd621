"""What is owed once an intent is entered: a reply, a refusal, or the plain entry that nothing left.

Where the corridor fails in a way nobody foresaw, its legs are stopped and the intent is closed as
abandoned at once, so that the book does not wait for the next start to say so.
"""

from __future__ import annotations

import logging
from types import TracebackType

from openclets.foundation.errors import Refused, Unavailable
from openclets.switch import entries
from openclets.switch.asking import Asking
from openclets.switch.entries import Names
from openclets.switch.network import Network

_log = logging.getLogger("openclets.switch.undertaking")


class Undertaking:
    """An intent under way, between commit point 1 and commit point 2."""

    __slots__ = ("_asking", "_names", "_network")

    def __init__(self, names: Names, network: Network) -> None:
        self._names = names
        self._network = network
        self._asking: Asking | None = None

    def begin(self, asking: Asking) -> Asking:
        """Note the legs that must stop if the corridor fails."""
        self._asking = asking
        return asking

    async def __aenter__(self) -> Undertaking:
        self._network.under_way.add(self._names.transaction)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._network.under_way.discard(self._names.transaction)
        if failure is None:
            return
        if self._asking is not None:
            self._asking.stop()
        # A refusal has its own entry; where the journal is unavailable, its next opening closes what is left.
        if isinstance(failure, Refused | Unavailable) or not isinstance(failure, Exception):
            return
        try:
            await self._network.journal.append(entries.draft(entries.INQUIRY_ABANDONED, self._names, {}))
        except Unavailable:
            _log.warning(
                "the intent of %s is closed at the next opening of the journal", self._names.transaction
            )
