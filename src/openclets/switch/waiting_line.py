"""Those of one class who wait for a place: in turn between agencies, each agency's own in order."""

from __future__ import annotations

import asyncio
from collections import deque

from openclets.switch.priority import PriorityClass


class Waiter:
    """One who waits; `place` becomes a result when there is one, or an error when patience ends."""

    __slots__ = ("ori", "place")

    def __init__(self, ori: str, place: asyncio.Future[None]) -> None:
        self.ori = ori
        self.place = place


class WaitingLine:
    """A bounded line. `turn` is when the class is due next, in the virtual time of `Admission`."""

    def __init__(self, priority: PriorityClass) -> None:
        self.priority = priority
        self.count = 0
        self.turn = 0.0
        self._agencies: dict[str, deque[Waiter]] = {}
        self._order: deque[str] = deque()

    def has_room_for(self, ori: str) -> bool:
        """Whether one more may wait, and one more of that agency."""
        if self.count >= self.priority.waiting_max:
            return False
        own = self._agencies.get(ori)
        return own is None or len(own) < self.priority.agency_waiting_max

    def join(self, waiter: Waiter) -> None:
        """Wait behind the agency's own; an agency new in the line comes after those that are there."""
        own = self._agencies.get(waiter.ori)
        if own is None:
            own = self._agencies[waiter.ori] = deque()
            self._order.append(waiter.ori)
        own.append(waiter)
        self.count += 1

    def leave(self, waiter: Waiter) -> None:
        """Give up waiting; nothing happens when it is not in the line."""
        own = self._agencies.get(waiter.ori)
        if own is not None and waiter in own:
            own.remove(waiter)
            self.count -= 1
            if not own:
                del self._agencies[waiter.ori]
                self._order.remove(waiter.ori)

    def next(self) -> Waiter:
        """Whose turn it is, taken out of the line. The line must not be empty."""
        ori = self._order.popleft()
        own = self._agencies[ori]
        waiter = own.popleft()
        self.count -= 1
        if own:
            self._order.append(ori)
        else:
            del self._agencies[ori]
        return waiter
