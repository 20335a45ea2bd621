"""What is owed once an intent is on its way into the journal: a reply, a refusal, or the plain entry that
nothing left.

Where the journal goes away, or the corridor fails in a way nobody foresaw, its legs are stopped and the
transaction is noted as left open; `abandoned.py` closes it as soon as the journal takes entries again.
"""

from __future__ import annotations

from types import TracebackType

from openclets.foundation.errors import Refused
from openclets.switch.asking import Asking
from openclets.switch.entries import Names
from openclets.switch.network import Network


class Undertaking:
    """An intent under way, from the start of commit point 1 to the end of commit point 2."""

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
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A refusal has its own entry.
        if failure is not None and not isinstance(failure, Refused):
            self._network.left_open.note(self._names.transaction, self._network.clock.monotonic())
        if failure is not None and self._asking is not None:
            self._asking.stop()
