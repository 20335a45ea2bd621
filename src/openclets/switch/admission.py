"""A place for each inquiry before any work begins: bounded, the urgent first, fair to classes and agencies.

A place is for work (reading, deciding, entering, assembling). Who waits for record systems steps aside and
makes room, but is still held in memory, which is bounded too. While there is room nobody waits and this costs
microseconds. Who finds no place is told when to try again (`SWITCH_BUSY`); nothing of theirs was read, so
there is no entry, only a count and a line in the security log (decision record 0022).

Fairness: of the classes that wait, the one whose turn is due next gets the place that comes free, each in
proportion to its weight; within a class agencies take turns. Figures: `priorities.toml`. It knows no clock
but the event loop's, and runs on any.
"""

from __future__ import annotations

import asyncio
import logging
import math
from types import TracebackType

from openclets.directory.view import DirectoryView
from openclets.foundation.errors import Unavailable
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.priority import Priorities, PriorityClass, asked_of, load_priorities
from openclets.switch.waiting_line import Waiter, WaitingLine

RETRY_S_MAX = 30
RATE_WINDOW_S = 2.0
LOG_EVERY_S = 1.0
AGENCY_SHARE = 2
"""One agency may hold this part of all that may be held: a half."""

_security = logging.getLogger("openclets.security")


class Admission:
    """The places of one switch. `refused` and `admitted` count by rank of class."""

    def __init__(self, priorities: Priorities | None = None) -> None:
        self.priorities = priorities or load_priorities()
        classes = self.priorities.classes
        self.lines = tuple(WaitingLine(one) for one in classes)
        self.at_work = [0] * len(classes)
        """At work of each class and all less urgent ones: `at_work[0]` is all of them."""
        self.held = 0
        self.admitted = [0] * len(classes)
        self.refused = [0] * len(classes)
        self._caps = tuple(one.places for one in classes)
        self._held_by: dict[str, int] = {}
        self._agency_held_max = classes[0].held_max // AGENCY_SHARE
        self._waiting = 0
        self._virtual = 0.0
        self._left = 0
        self._rate = 0.0
        self._mark_at, self._mark_left = 0.0, 0
        self._logged_at = [-math.inf] * len(classes)
        self._logged = [0] * len(classes)

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return self._waiting

    async def place_for(self, raw: RawInquiry, sender: Sender, view: DirectoryView) -> Place:
        """A place for this inquiry, at once or in its turn. Raises Unavailable(`SWITCH_BUSY`)."""
        asked, ori = asked_of(raw, sender, view)
        return await self.place(self.priorities.of(asked), ori)

    async def place(self, priority: PriorityClass, ori: str) -> Place:
        """As `place_for`, for a class and an agency."""
        if self.held >= priority.held_max or self._held_by.get(ori, 0) >= self._agency_held_max:
            raise self._busy(priority, "as many inquiries wait for record systems as may")
        line = self.lines[priority.rank]
        if line.count or not self._has_place(priority.rank):
            await self._wait(line, ori)
        else:
            self._start(priority.rank)
        self.admitted[priority.rank] += 1
        self.held += 1
        self._held_by[ori] = self._held_by.get(ori, 0) + 1
        return Place(self, priority.rank, ori)

    def _has_place(self, rank: int) -> bool:
        at_work, caps = self.at_work, self._caps
        while rank >= 0:
            if at_work[rank] >= caps[rank]:
                return False
            rank -= 1
        return True

    def _start(self, rank: int) -> None:
        at_work = self.at_work
        while rank >= 0:
            at_work[rank] += 1
            rank -= 1

    def stop(self, rank: int) -> None:
        """One of class `rank` is no longer at work: whoever is due next gets the place."""
        at_work = self.at_work
        while rank >= 0:
            at_work[rank] -= 1
            rank -= 1
        if self._waiting:
            self._let_in()

    def start_again(self, rank: int) -> None:
        """One that stepped aside goes on: what has begun is finished before anything new begins."""
        self._start(rank)

    def let_go(self, ori: str) -> None:
        """One of the agency's inquiries is no longer held."""
        self._left += 1
        self.held -= 1
        left = self._held_by[ori] - 1
        if left:
            self._held_by[ori] = left
        else:
            del self._held_by[ori]

    async def _wait(self, line: WaitingLine, ori: str) -> None:
        priority = line.priority
        if not line.has_room_for(ori):
            raise self._busy(priority, "as many inquiries of its class wait as may")
        loop = asyncio.get_running_loop()
        self._note_rate(loop.time())
        if not line.count:
            line.turn = max(line.turn, self._virtual)
        waiter = Waiter(ori, loop.create_future())
        line.join(waiter)
        self._waiting += 1
        timer = loop.call_later(priority.patience_s, self._out_of_patience, line, waiter)
        try:
            await waiter.place
        except asyncio.CancelledError:
            place = waiter.place
            if place.done() and not place.cancelled() and place.exception() is None:
                # The place came in the same moment: it goes to the next in line.
                self.stop(priority.rank)
            else:
                self._drop(line, waiter)
            raise
        finally:
            timer.cancel()

    def _let_in(self) -> None:
        while self._waiting:
            due: WaitingLine | None = None
            for line in self.lines:
                sooner = line.count and (due is None or line.turn < due.turn)
                if sooner and self._has_place(line.priority.rank):
                    due = line
            if due is None:
                return
            waiter = due.next()
            self._waiting -= 1
            if waiter.place.done():
                # Its asker has gone in this very moment.
                continue
            self._virtual = due.turn
            due.turn += 1 / due.priority.weight
            self._start(due.priority.rank)
            waiter.place.set_result(None)

    def _out_of_patience(self, line: WaitingLine, waiter: Waiter) -> None:
        if not waiter.place.done():
            self._drop(line, waiter)
            waited = f"no place came free within {line.priority.patience_s:g} s"
            waiter.place.set_exception(self._busy(line.priority, waited))

    def _drop(self, line: WaitingLine, waiter: Waiter) -> None:
        before = line.count
        line.leave(waiter)
        self._waiting -= before - line.count

    def _busy(self, priority: PriorityClass, why: str) -> Unavailable:
        now = asyncio.get_running_loop().time()
        self._note_rate(now)
        self.refused[priority.rank] += 1
        self._note_refusal(priority, now)
        wait_s = self._retry_after_s(priority)
        return Unavailable(
            "SWITCH_BUSY",
            f"The switch has as much in hand as it can carry: {why} ({priority.title}). Nothing was read or"
            f" entered. Send again in {wait_s} s.",
            retry_after_s=wait_s,
        )

    def _retry_after_s(self, priority: PriorityClass) -> int:
        """Seconds until those ahead are done at the present rate, spread so that not all return at once."""
        ahead = sum(line.count for line in self.lines[: priority.rank + 1]) + self.at_work[0]
        due_s = math.ceil(ahead / self._rate) if self._rate else 1
        spread = self.refused[priority.rank] % (due_s + 1)
        return max(1, min(RETRY_S_MAX, due_s + spread))

    def _note_rate(self, now: float) -> None:
        """How many finish a second, over the last moments of load; looked at only when somebody waits."""
        span = now - self._mark_at
        if span < RATE_WINDOW_S / 10:
            return
        if span <= 2 * RATE_WINDOW_S:
            self._rate = (self._left - self._mark_left) / span
        if span >= RATE_WINDOW_S:
            self._mark_at, self._mark_left = now, self._left

    def _note_refusal(self, priority: PriorityClass, now: float) -> None:
        """A line in the security log, for many refusals together: a flood must not flood the log too."""
        rank = priority.rank
        if now - self._logged_at[rank] < LOG_EVERY_S:
            return
        turned_away = self.refused[rank] - self._logged[rank]
        self._logged_at[rank], self._logged[rank] = now, self.refused[rank]
        _security.warning(
            "turned away: SWITCH_BUSY, %d of class %s since last noted; %d at work, %d waiting, %d held",
            turned_away,
            priority.name,
            self.at_work[0],
            self._waiting,
            self.held,
        )


class Place:
    """One inquiry's place. `leave` it in the end; while it waits for record systems, be `aside`."""

    __slots__ = ("_admission", "_holders", "_ori", "_rank")

    def __init__(self, admission: Admission, rank: int, ori: str) -> None:
        self._admission = admission
        self._rank = rank
        self._ori = ori
        self._holders = 1

    def aside(self) -> Place:
        """For a `with` block in which nothing is worked on: the place is another's meanwhile."""
        return self

    def __enter__(self) -> None:
        self._admission.stop(self._rank)

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admission.start_again(self._rank)

    def keep(self) -> Place:
        """Hold the inquiry in memory beyond its reply; who keeps it must `let_go`."""
        self._holders += 1
        return self

    def let_go(self) -> None:
        """One who held it no longer does."""
        self._holders -= 1
        if not self._holders:
            self._admission.let_go(self._ori)

    def leave(self) -> None:
        """The work is done."""
        self._admission.stop(self._rank)
        self.let_go()
