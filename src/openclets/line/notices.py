"""What the listener wants entered in the journal: lines let in, and would-be lines turned away.

It leaves an act for the network's process (`entering.py`). That a line was turned away is entered once a
minute for each certificate and reason, so that nobody fills the book by knocking.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Final

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.link import Link
from openclets.line import act_store
from openclets.line.enrolled import Line

EACH_S: Final = 60.0
KNOWN_MAX: Final = 1024

_log = logging.getLogger("openclets.line")


class Notices:
    """Leaves acts of connecting. One that cannot be left is logged: a line is not kept waiting for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._link = Link(database, Role.APP)
        self._clock = clock
        self._told: OrderedDict[tuple[bytes, str], float] = OrderedDict()

    async def close(self) -> None:
        """Close the connection."""
        await self._link.close()

    async def connected(self, line: Line, software: str, source: str) -> None:
        """A line was let in."""
        change = {
            "agency_ori": line.agency_ori,
            "operator_id": line.operator_id,
            "software": software,
            "source": source,
            "terminal_id": line.terminal_id,
        }
        await self._leave("connected", line.id, change)

    async def refused(self, line: str, fingerprint: bytes, code: str, source: str) -> None:
        """Somebody with a trusted certificate was turned away."""
        now = self._clock.monotonic()
        if now - self._told.get((fingerprint, code), float("-inf")) < EACH_S:
            return
        self._told[(fingerprint, code)] = now
        self._told.move_to_end((fingerprint, code))
        while len(self._told) > KNOWN_MAX:
            self._told.popitem(last=False)
        named = "".join(c if c.isascii() and c.isprintable() else "?" for c in line[:16])
        await self._leave(
            "refused", named, {"code": code, "fingerprint": fingerprint.hex(), "source": source}
        )

    async def _leave(self, act: str, line: str, change: dict[str, str]) -> None:
        body = msgspec.json.encode(change).decode()
        try:
            async with self._link.connection() as connection:
                await act_store.ask_act(
                    connection, act, line, body, by="line", reason="", at=self._clock.now()
                )
        except Unavailable as away:
            _log.warning("%s of line %s could not be left for the journal: %s", act, line, away.message)
