"""Everything one inquiry passes through, in one value: what wiring builds and the corridor uses."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from openclets.directory.quota import Quotas
from openclets.directory.view import DirectoryView
from openclets.foundation.clock import Clock
from openclets.foundation.identifiers import Randomness
from openclets.journal.append import Journal
from openclets.messages.vocabulary import Vocabulary
from openclets.policy.decide import RuleSet
from openclets.records.system import RecordSystem
from openclets.switch.abandoned import LeftOpen
from openclets.switch.admission import Admission
from openclets.switch.idempotency import ClaimStore
from openclets.switch.inquiry import Sender
from openclets.switch.leads import Leads, load_leads
from openclets.switch.live import LiveTransactions
from openclets.switch.reply import ReleasedReply
from openclets.switch.routing import Routes


class Directory(Protocol):
    """The present view of who is on the network."""

    def current(self) -> DirectoryView:
        """Raises Unavailable(`DIRECTORY_UNAVAILABLE`) when the view was not confirmed within the
        last second.
        """


class OwedReasons(Protocol):
    """Reasons owed and not yet given."""

    async def open_count(self, operator_id: str) -> int: ...

    async def open_of(self, operator_id: str) -> list[tuple[str, datetime]]: ...


class Rereading(Protocol):
    """Shows again what was shown, with an entry each time (decisions.md 6)."""

    async def again(self, transaction: str, sender: Sender, how: str) -> ReleasedReply: ...


class Background:
    """Tasks that outlive the reply they belong to; held here so that they are neither lost nor silent."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def __len__(self) -> int:
        return len(self._tasks)

    async def finished(self) -> None:
        """Wait until nothing is left to follow."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))


@dataclass(frozen=True, slots=True)
class Network:
    """What the corridor needs. `left_open` are the transactions whose end it does not know.
    `owed_max` is how many reasons one operator may owe at a time (decisions.md 9).
    """

    vocabulary: Vocabulary
    routes: Routes
    ruleset: RuleSet
    directory: Directory
    journal: Journal
    systems: Mapping[str, RecordSystem]
    claims: ClaimStore
    owed: OwedReasons
    rereading: Rereading
    quotas: Quotas
    live: LiveTransactions
    background: Background
    clock: Clock
    randomness: Randomness
    identity_key: bytes = field(repr=False)
    left_open: LeftOpen = field(default_factory=LeftOpen)
    leads: Leads = field(default_factory=load_leads)
    admission: Admission = field(default_factory=Admission)
    owed_max: int = 5
