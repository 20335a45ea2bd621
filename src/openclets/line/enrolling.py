"""Asking, from a command, for a line to be enrolled or withdrawn: whoever may read the keys may.

The act is kept in the database and put in force by the network's process, within a second where it runs
(`entering.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.link import Link
from openclets.line import act_store
from openclets.line.enrolled import Enrolment

WAIT_S: Final = 10.0
_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of an act. Not `in_force`: it is kept, and the network has not entered it yet."""

    in_force: bool


async def enroll(
    database: Database, clock: Clock, enrolment: Enrolment, *, by: str, reason: str, wait_s: float = WAIT_S
) -> Asked:
    """Ask for a line, and wait until it is in force. Raises BadInput where the network turns it down,
    Unavailable where the database is away.
    """
    change = msgspec.json.encode(enrolment).decode()
    return await _ask(database, clock, "enroll", enrolment.line, change, by, reason, wait_s)


async def withdraw(
    database: Database, clock: Clock, line: str, *, by: str, reason: str, wait_s: float = WAIT_S
) -> Asked:
    """Ask for a line's end, and wait until it has ended. Raises as `enroll`."""
    return await _ask(database, clock, "withdraw", line.strip().upper(), "{}", by, reason, wait_s)


async def _ask(
    database: Database, clock: Clock, act: str, line: str, change: str, by: str, reason: str, wait_s: float
) -> Asked:
    link = Link(database, Role.APP)
    try:
        async with link.connection() as connection:
            number = await act_store.ask_act(
                connection, act, line, change, by=by, reason=reason, at=clock.now()
            )
            until = clock.monotonic() + wait_s
            while True:
                entered, fault = await act_store.outcome_of(connection, number)
                if fault:
                    remedy = "`openclets line list` shows the lines; mend what is named and ask again"
                    raise BadInput((Fault("line", fault, remedy, "LINE_NOT_ENROLLED"),))
                if entered or clock.monotonic() >= until:
                    return Asked(entered)
                await asyncio.sleep(_POLL_S)
    finally:
        await link.close()
