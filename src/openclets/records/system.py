"""The port to record systems: one protocol, kept by every adapter and checked by `conformance.py`."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from openclets.records.answer import Answer
from openclets.records.query import Query


class RecordSystem(Protocol):
    """A system that holds records. `name` is its address in routes and legs, e.g. `dmv.vehicle`.

    `ask` verifies `query.receipt` first and raises BrokenInvariant for a forged one: no message goes upstream
    without a durable entry. It answers a state for every ordinary failure (silent, refusing, unreadable) and
    raises nothing else. It may be cancelled at any await. Where it gives a Future, no task is needed.
    """

    name: str

    def ask(self, query: Query) -> Awaitable[Answer]: ...
