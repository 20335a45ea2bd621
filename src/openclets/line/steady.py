"""A line that stays connected: connects anew when the connection ends, and loses and doubles nothing by it.

What the network has not acknowledged is sent again under the same numbers; what was taken and not
acknowledged comes again. The memory lasts as long as the process: a system that must outlive its own crash
keeps messages in a store of its own until `send` returns, and answers before `take` returns.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from openclets.foundation.errors import Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.line.backoff import Backoff
from openclets.line.client import Answer, LineClient, connect
from openclets.line.limits import limits
from openclets.line.line_file import LineFile
from openclets.line.memory import LineMemory

Take = Callable[[Answer], Awaitable[None]]
"""Stores or shows an answer; it is acknowledged once this returns."""


class SteadyLine:
    """One line. Let `run` go on in a task; `send` waits for a connection where there is none."""

    def __init__(
        self, file: LineFile, take: Take, *, software: str = "", randomness: Randomness = os.urandom
    ) -> None:
        self._file = file
        self._take = take
        self._software = software
        self._randomness = randomness
        self._memory = LineMemory()
        self._connected: asyncio.Future[LineClient] | None = None

    async def run(self) -> None:
        """Stay connected until cancelled. Raises Refused when the line is not let in, or may not go on."""
        backoff = self._backoff()
        while True:
            try:
                async with connect(self._file, software=self._software, memory=self._memory) as client:
                    backoff = self._backoff()
                    self._future().set_result(client)
                    await self._answers(client)
            except Unavailable:
                pass
            finally:
                if self._connected is not None and self._connected.done():
                    self._connected = None
            await asyncio.sleep(backoff.wait_s())

    async def send(self, text: str | bytes, ref: str) -> None:
        """Return when the network has the message durably, over as many connections as that takes."""
        client = await asyncio.shield(self._future())
        seq = client.memory.next_seq
        try:
            await client.send(text, ref)
        except Unavailable:
            pending = self._memory.pending.get(seq)
            if pending is None or pending.frame.ref != ref:
                await self.send(text, ref)
                return
            await asyncio.shield(pending.kept)

    async def _answers(self, client: LineClient) -> None:
        while True:
            answer = await client.answer()
            await self._take(answer)
            client.acknowledge(answer)

    def _backoff(self) -> Backoff:
        return Backoff(limits().backoff_first_s, limits().backoff_most_s, self._randomness)

    def _future(self) -> asyncio.Future[LineClient]:
        if self._connected is None:
            self._connected = asyncio.get_running_loop().create_future()
        return self._connected
