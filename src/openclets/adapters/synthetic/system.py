"""The invented state's record systems as the switch asks them: one connector, one statement at a time.

A message without a receipt it can verify goes nowhere. A database that is down is a system that did not
answer, never "no record" (decisions.md 21).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from openclets.adapters.connectors import ConnectorLimits, limits_for
from openclets.adapters.gate import may_pass
from openclets.adapters.synthetic.answering import answer, cannot_be_searched
from openclets.adapters.synthetic.keys import keys_for
from openclets.adapters.synthetic.store import Connect, RecordStore
from openclets.adapters.synthetic.systems import SystemRow, system_row
from openclets.adapters.synthetic.texts.printing import Moment, MomentOf
from openclets.foundation.batching import Batcher
from openclets.foundation.clock import Clock
from openclets.foundation.errors import BrokenInvariant, Unavailable
from openclets.journal.entry import Receipt
from openclets.records.answer import Answer, LegState, Record
from openclets.records.query import Query

LOCAL_SYSTEMS = (
    "dmv.vehicle",
    "dmv.driver",
    "dmv.vessel",
    "dmv.off_highway",
    "dmv.parking",
    "doj.criminal_history",
    "doj.wanted_person",
    "doj.restraining_order",
    "doj.stolen_vehicle",
    "doj.firearm",
    "dmv.driver_history",
    "doj.missing_person",
    "doj.supervised_release",
    "doj.registrant",
    "doj.stolen_firearm",
    "doj.article",
    "doj.boat",
)


class _Leg(msgspec.Struct, frozen=True, gc=False):
    row: SystemRow
    query: Query
    keys: list[str]


class LocalRecords:
    """What the local systems share: verifies receipts, gathers inquiries, asks the database, answers."""

    def __init__(self, connect: Connect, gate_key: bytes, clock: Clock) -> None:
        """`connect` opens a connection as openclets_records; receipts are sealed with `gate_key`."""
        self._store = RecordStore(connect)
        self._gate_key = gate_key
        self._clock = clock
        self._moment = MomentOf(clock)
        self._batcher: Batcher[_Leg, Answer] = Batcher(self._round_trip)
        self._verified: Receipt | None = None
        self._rest_until = 0.0
        self._decode = msgspec.json.Decoder(Record).decode
        self.systems: Mapping[str, SyntheticSystem] = {
            name: SyntheticSystem(name, self) for name in LOCAL_SYSTEMS
        }

    async def close(self) -> None:
        """Let the connection go."""
        self._store.close()

    def ask(self, row: SystemRow, limits: ConnectorLimits, query: Query) -> asyncio.Future[Answer]:
        """The leg's answer to come; see `records.system.RecordSystem`."""
        # The legs of one inquiry carry one receipt object: what was verified need not be verified again.
        if query.receipt is not self._verified or query.transaction != query.receipt.transaction:
            if not may_pass(query, self._gate_key):
                return _failed(
                    BrokenInvariant(f"{row.name} was sent a message without a valid journal receipt")
                )
            self._verified = query.receipt
        keys = keys_for(row, query)
        if not keys:
            return _answered(cannot_be_searched(row, query))
        try:
            return self._batcher.ask(_Leg(row, query, keys))
        except Unavailable as busy:
            return _answered(Answer(LegState.UNAVAILABLE, text=limits.unavailable_text, detail=busy.message))

    async def _round_trip(self, legs: Sequence[_Leg]) -> Sequence[Answer]:
        systems: list[str] = []
        keys: list[str] = []
        places: list[int] = []
        for n, leg in enumerate(legs):
            for key in leg.keys:
                systems.append(leg.row.name)
                keys.append(key)
                places.append(n)
        if self._clock.monotonic() < self._rest_until:
            return _unanswered(legs, LegState.UNAVAILABLE, "the records database was not there just now")
        asked = asyncio.ensure_future(self._store.find(systems, keys))
        try:
            await asyncio.wait({asked}, timeout=_patience(legs))
        finally:
            # Late, or given up: what the connection says next would answer another question. It is let go
            # first, for stopping the statement by its own means would wait for a server that does not answer.
            if not asked.done():
                self._store.close()
                asked.add_done_callback(_forget)
                asked.cancel()
        if not asked.done() or asked.cancelled():
            return _unanswered(legs, LegState.TIMED_OUT, "the records database did not answer in time")
        try:
            rows = asked.result()
        except Unavailable as down:
            self._rest_until = self._clock.monotonic() + limits_for(legs[0].row.name).breaker_rest_s
            return _unanswered(legs, LegState.UNAVAILABLE, down.message)
        found: list[list[bytes]] = [[] for _ in legs]
        for place, body in rows:
            found[places[place - 1]].append(body)
        moment = self._moment()
        return [self._answer(leg, bodies, moment) for leg, bodies in zip(legs, found, strict=True)]

    def _answer(self, leg: _Leg, bodies: list[bytes], moment: Moment) -> Answer:
        if len(bodies) > 1:
            bodies = list(dict.fromkeys(bodies))
        try:
            records = [self._decode(body) for body in bodies]
        except msgspec.DecodeError as broken:
            return Answer(
                LegState.UNREADABLE,
                text=limits_for(leg.row.name).unavailable_text,
                detail=f"a record of {leg.row.name} cannot be read: {broken}",
            )
        return answer(leg.row, leg.query, records, moment)


class SyntheticSystem:
    """One invented record system; a `records.system.RecordSystem`."""

    def __init__(self, name: str, connector: LocalRecords) -> None:
        self.name = name
        self._row = system_row(name)
        self._limits = limits_for(name)
        self._connector = connector

    def ask(self, query: Query) -> asyncio.Future[Answer]:
        """The answer to come; the future fails for a forged receipt (BrokenInvariant) and in no other way."""
        return self._connector.ask(self._row, self._limits, query)


def _forget(given_up: asyncio.Future[list[tuple[int, bytes]]]) -> None:
    if not given_up.cancelled():
        given_up.exception()


def _patience(legs: Sequence[_Leg]) -> float:
    return min(limits_for(legs[0].row.name).answer_s, min(leg.query.deadline_s for leg in legs))


def _unanswered(legs: Sequence[_Leg], state: LegState, detail: str) -> list[Answer]:
    return [Answer(state, text=limits_for(leg.row.name).unavailable_text, detail=detail) for leg in legs]


def _answered(answer: Answer) -> asyncio.Future[Answer]:
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    future.set_result(answer)
    return future


def _failed(error: BrokenInvariant) -> asyncio.Future[Answer]:
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future
