"""From the inbox to the network and to the outbox: each message asked until it has its answer, exactly one.

An answer is kept before it is sent. A message that was cut off by a crash, here or in the network, is asked
again under the same idempotency key and gets the reply it had. While the network is away messages wait, with
back-off. Later parts of a reply are followed to its end, each kept under the reference of the first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import msgspec

from openclets.foundation.clock import Clock
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.line.backoff import Backoff
from openclets.line.limits import Limits, limits
from openclets.line.messages import KeptMessage, Part
from openclets.line.network_door import Caller, NetworkDoor, Said
from openclets.line.room import Room
from openclets.line.store import LineStore

SWEEP_S: Final = 2.0
CLEAR_S: Final = 3600.0
CALLER_S: Final = 1.0
"""A line that is withdrawn, or has another token, is known to be within this time."""

_log = logging.getLogger("openclets.line")


class Asking:
    """Carries messages to their answers. `on_answer` is told the line whose outbox has something new."""

    def __init__(
        self,
        store: LineStore,
        door: NetworkDoor,
        clock: Clock,
        randomness: Randomness,
        chosen: Limits,
        on_answer: Callable[[str], None],
    ) -> None:
        self._store = store
        self._door = door
        self._clock = clock
        self._randomness = randomness
        self._limits = chosen
        self._on_answer = on_answer
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._rooms: dict[str, Room] = {}
        self._in_hand: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._callers: dict[str, tuple[float, Caller | None]] = {}

    async def room(self, line: str) -> Room:
        """The line's window, as the database has it the first time. Raises Unavailable."""
        if line not in self._rooms:
            at = await self._store.position(line)
            made = Room(self._limits.window, self._limits.window_bytes, at.open_count, at.open_bytes)
            self._rooms.setdefault(line, made)
        return self._rooms[line]

    def carry(self, message: KeptMessage) -> None:
        """See a message that is kept to its end; one that is in hand already is not begun twice."""
        key = (message.line, message.seq)
        if key in self._in_hand or message.phase == "answered":
            return
        task = asyncio.get_running_loop().create_task(self._to_its_end(message))
        self._in_hand[key] = task
        task.add_done_callback(lambda ended: self._ended(key, ended))

    async def run(self) -> None:
        """Until cancelled: take up whatever the inbox holds that is not in hand, after a start or a loss; and
        clear away what was answered long ago.
        """
        clear_at = self._clock.monotonic()
        while True:
            try:
                # What is in hand now may be answered while the inbox is read, and would be asked again.
                in_hand = set(self._in_hand)
                for message in await self._store.unanswered():
                    if (message.line, message.seq) not in in_hand:
                        self.carry(message)
                if self._clock.monotonic() >= clear_at:
                    await self._store.clear(self._clock.now() - timedelta(days=self._limits.kept_days))
                    clear_at = self._clock.monotonic() + CLEAR_S
            except Unavailable as away:
                _log.warning("the inbox cannot be read: %s", away.message)
            await asyncio.sleep(SWEEP_S)

    async def close(self) -> None:
        """Let go of everything in hand: it is in the inbox."""
        tasks = list(self._in_hand.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: tuple[str, int], task: asyncio.Task[None]) -> None:
        self._in_hand.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            # It stays in the inbox, and the next sweep takes it up again.
            _log.error("message %s of line %s failed", key[1], key[0], exc_info=task.exception())

    async def _to_its_end(self, message: KeptMessage) -> None:
        backoff = self._backoff()
        while True:
            try:
                caller = await self._caller(message.line)
                if caller is None:
                    return
                if message.phase == "accepted":
                    followed = await self._first(message, caller)
                    if followed is None:
                        return
                    message = followed
                    backoff = self._backoff()
                await self._later(message, caller)
                return
            except Unavailable as away:
                await asyncio.sleep(backoff.wait_s(away.retry_after_s if away.retry_after_s > 1 else 0))
                if message.phase == "following":
                    # Parts may have been kept before the stream broke.
                    message = await self._as_kept(message)

    def _backoff(self) -> Backoff:
        return Backoff(self._limits.backoff_first_s, self._limits.backoff_most_s, self._randomness)

    async def _caller(self, line: str) -> Caller | None:
        """Who the line is now; None once it is withdrawn, for then nothing is asked for it any more."""
        read_at, known = self._callers.get(line, (float("-inf"), None))
        now = self._clock.monotonic()
        if now - read_at < CALLER_S:
            return known
        found = await self._store.line(line)
        caller = None
        if found is not None and found.in_force:
            caller = Caller(found.terminal_id, found.machine, await self._store.token(line))
        self._callers[line] = (now, caller)
        return caller

    async def _first(self, message: KeptMessage, caller: Caller) -> KeptMessage | None:
        """Ask, and keep the first answer. The message as it stands then, where later parts will come."""
        turn = self._turns.setdefault(message.line, asyncio.Semaphore(self._limits.in_flight))
        async with turn:
            said = await self._door.ask(message, caller)
        await self._keep(message, said, last=said.final)
        if said.final:
            return None
        part = _part(message, said, last=False)
        return KeptMessage(
            message.line,
            message.seq,
            message.ref,
            message.skin,
            b"",
            "following",
            1,
            said.transaction,
            part.shown,
        )

    async def _later(self, message: KeptMessage, caller: Caller) -> None:
        """Follow a reply to its end. A stream ends only when nothing more can come."""
        async for said in self._door.watch(message, caller):
            part = _part(message, said, last=False)
            if part.shown != message.shown:
                await self._keep(message, said, last=False)
                message = _advanced(message, part)
        await self._store.finish(message.line, message.seq)

    async def _keep(self, message: KeptMessage, said: Said, *, last: bool) -> None:
        part = _part(message, said, last=last)
        kept = await self._store.answer(part)
        room = await self.room(message.line)
        if kept and message.parts == 0:
            room.answered(len(message.text))
        elif kept:
            room.owe()
        self._on_answer(message.line)

    async def _as_kept(self, message: KeptMessage) -> KeptMessage:
        for other in await self._store.unanswered():
            if (other.line, other.seq) == (message.line, message.seq):
                return other
        raise BrokenInvariant(
            f"message {message.seq} of line {message.line} is followed and not in the inbox"
        )


def _part(message: KeptMessage, said: Said, *, last: bool) -> Part:
    text = fitted(said.text, message.skin, said.transaction)
    return Part(message.line, message.seq, message.parts, message.ref, text, last, said.transaction)


def fitted(text: bytes, skin: str, transaction: str) -> bytes:
    """An answer that fits into a frame: one that is longer is cut where that can be seen, or, in JSON,
    replaced by an error that says where it can be read whole.
    """
    most = limits().image_payload_bytes_max
    if len(text) <= most:
        return text
    if skin == "json":
        where = f"The answer is too long for a line; read transaction {transaction} over HTTP."
        return msgspec.json.encode({"error": {"code": "BODY_TOO_LARGE", "message": where}})
    mark = f"\n*** CUT HERE: TOO LONG FOR A LINE. READ TRANSACTION {transaction} OVER HTTP. ***\n".encode()
    return text[: most - len(mark)].decode("utf-8", "ignore").encode() + mark


def _advanced(message: KeptMessage, part: Part) -> KeptMessage:
    return KeptMessage(
        message.line,
        message.seq,
        message.ref,
        message.skin,
        b"",
        "following",
        message.parts + 1,
        message.transaction,
        part.shown,
        message.accepted_at,
    )
