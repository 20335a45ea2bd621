"""A record system reached over HTTP: asked within its limits, read with suspicion, never misread as "no
record".

What is not a whole answer in the agreed form is a fault with a name (decisions.md 21): refused or cut off,
UNAVAILABLE; silent, TIMED_OUT; anything else, UNREADABLE; cut after whole records, TRUNCATED. Limits:
`connectors.toml`.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import msgspec

from openclets.adapters.breaker import Breaker, Turn
from openclets.adapters.connectors import ConnectorLimits
from openclets.adapters.gate import may_pass
from openclets.adapters.hours import closed_words
from openclets.adapters.http_json.wire import CONTENT_TYPE, PATH, Reading, message, printable
from openclets.adapters.synthetic.texts.layout import print_record
from openclets.foundation.clock import Clock
from openclets.foundation.errors import BrokenInvariant
from openclets.records.answer import Answer, LegState
from openclets.records.query import Query

_FAULTS = frozenset({LegState.UNAVAILABLE, LegState.TIMED_OUT, LegState.UNREADABLE, LegState.TRUNCATED})


@dataclass(frozen=True, slots=True)
class _Cut:
    """How an answer ended that is not whole."""

    state: LegState
    detail: str
    nothing_read: bool = False
    sent: bool = True


class HttpJsonSystem:
    """One record system at `url`; a `records.system.RecordSystem`. Close it when done."""

    def __init__(self, name: str, url: str, gate_key: bytes, limits: ConnectorLimits, clock: Clock) -> None:
        """`url` is the outside process's address; receipts are verified with `gate_key`."""
        self.name = name
        self._url = url.rstrip("/") + PATH
        self._gate_key = gate_key
        self._limits = limits
        self._clock = clock
        self._waiting = 0
        self.breaker = Breaker(limits)
        self._free = asyncio.Semaphore(limits.in_flight_max)
        self._numbers = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, query: Query) -> Answer:
        """The system's answer; see `records.system.RecordSystem`. A forged receipt raises BrokenInvariant."""
        if not may_pass(query, self._gate_key):
            raise BrokenInvariant(f"{self.name} was sent a message without a valid journal receipt")
        if not self._limits.hours.is_open(now := self._clock.now()):
            return self._not_asked(closed_words(self._limits.hours, now))
        turn = self.breaker.admit(self._clock.monotonic())
        if turn is None:
            return self._not_asked(self._outage())
        judged = False
        try:
            answer, sent = await self._ask_in_time(query)
            judged = sent
        finally:
            if not judged:
                self.breaker.let_go(turn)
        if judged:
            self._judge(turn, answer)
        return answer

    def _judge(self, turn: Turn, answer: Answer) -> None:
        if answer.state in _FAULTS:
            self.breaker.failed(turn, self._clock.monotonic())
        else:
            self.breaker.answered(turn, self._clock.monotonic())

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask_in_time(self, query: Query) -> tuple[Answer, bool]:
        """The answer, and whether the message was sent at all."""
        patience = min(self._limits.answer_s, query.deadline_s)
        reading = Reading("")
        cut: _Cut | None
        if self._free.locked() and self._waiting >= self._limits.waiting_max:
            cut = _Cut(LegState.UNAVAILABLE, f"{self._waiting} wait for a free line already", sent=False)
            return self._unanswered(cut, reading), False
        sent = False
        self._waiting += 1
        try:
            async with asyncio.timeout(patience), self._free:
                self._waiting -= 1
                sent = True
                repeats = self._limits.retry[query.message_class]
                for repeat in range(repeats + 1):
                    query_id = f"{query.transaction}.{self.name}.{next(self._numbers)}"
                    body = msgspec.json.encode(message(query, query_id, patience))
                    reading = Reading(query_id, body)
                    cut = await self._exchange(body, reading)
                    if cut is None or not cut.nothing_read or repeat == repeats:
                        break
        except TimeoutError:
            said = f"no answer within {patience:g} s" if sent else f"no line was free within {patience:g} s"
            cut = _Cut(LegState.TIMED_OUT if sent else LegState.UNAVAILABLE, said, sent=sent)
        finally:
            if not sent:
                self._waiting -= 1
        if cut is None:
            whole = reading.answer()
            if whole is not None:
                return whole, True
            cut = _Cut(LegState.UNREADABLE, reading.fault or "the answer ended before its end")
        return self._unanswered(cut, reading), cut.sent

    async def _exchange(self, body: bytes, reading: Reading) -> _Cut | None:
        """Send and read. None when the answer came to its end; what it says is then in `reading`."""
        taken = 0
        room = self._limits.answer_bytes_max
        try:
            async with self._opened().post(self._url, data=body, allow_redirects=False) as response:
                fault = _not_in_form(response)
                if fault:
                    return _Cut(LegState.UNREADABLE, fault)
                async for block in response.content.iter_any():
                    taken += len(block)
                    reading.feed(block[: len(block) - max(taken - room, 0)])
                    if reading.fault:
                        return _Cut(LegState.UNREADABLE, reading.fault)
                    if taken > room:
                        return _Cut(LegState.UNREADABLE, f"the answer was cut at {room} bytes")
        except aiohttp.ConnectionTimeoutError:
            return _Cut(LegState.UNAVAILABLE, f"no connection within {self._limits.connect_s:g} s")
        except aiohttp.ClientConnectorError:
            return _Cut(LegState.UNAVAILABLE, "the connection was refused")
        except aiohttp.ClientResponseError as garbled:
            return _Cut(LegState.UNREADABLE, f"not HTTP: {printable(garbled.message)[:120]}")
        except (aiohttp.ClientError, OSError) as lost:
            said = printable(str(lost)) or type(lost).__name__
            return _Cut(LegState.UNAVAILABLE, f"the connection was lost: {said}", nothing_read=taken == 0)
        return None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # No proxy, no redirect, no cookie, no compression: a record system is where the table says, and
            # its answer is as long as it looks.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._limits.in_flight_max, keepalive_timeout=20.0),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s),
                headers={
                    "Content-Type": "application/json",
                    "Accept": CONTENT_TYPE,
                    "Accept-Encoding": "identity",
                },
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    def _unanswered(self, cut: _Cut, reading: Reading) -> Answer:
        records = reading.records
        if not records:
            return Answer(cut.state, text=self._limits.unavailable_text, detail=cut.detail)
        lines = [f"*** ANSWER CUT SHORT: {len(records)} OF {reading.promised} RECORDS READ. ASK AGAIN. ***"]
        for record in records:
            lines += print_record(record)
        return Answer(LegState.TRUNCATED, records, "\n".join(lines), cut.detail)

    def _not_asked(self, reason: str) -> Answer:
        return Answer(LegState.NOT_ASKED, text=self._limits.unavailable_text, detail=reason)

    def _outage(self) -> str:
        ago = self._clock.monotonic() - self.breaker.failed_at
        return (
            f"outage: {self.name} failed {self._limits.breaker_faults} times, last {ago:.0f} s ago;"
            f" it is tried again every {self._limits.breaker_rest_s:g} s"
        )


def _not_in_form(response: aiohttp.ClientResponse) -> str:
    """Why a response cannot be an answer in the agreed form, whatever its body says; empty when it may be."""
    if response.status != HTTPStatus.OK:
        return f"HTTP {response.status} is not an answer"
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    if kind != CONTENT_TYPE:
        return f"an answer in {kind or 'no stated form'} is not in the form agreed"
    if response.headers.get("content-encoding", "identity") != "identity":
        return "a compressed answer was not asked for"
    return ""
