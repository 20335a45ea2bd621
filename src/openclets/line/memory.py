"""What a system remembers of its line between two connections: messages not acknowledged, answers it has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from openclets.line.frames import Frame


@dataclass(slots=True)
class Pending:
    """A message that the network has not acknowledged, and when it is due to be sent again."""

    frame: Frame
    due: float
    kept: asyncio.Future[None] = field(repr=False)


@dataclass(slots=True)
class LineMemory:
    """What a system remembers of its line from one connection to the next.

    `pending` are messages by number, sent again on the next connection under the same numbers. Every answer
    up to `last_seq_received` is acknowledged (None: no memory yet), and those in `beyond` are too.
    """

    last_seq_received: int | None = None
    next_seq: int = 1
    pending: dict[int, Pending] = field(default_factory=dict)
    beyond: set[int] = field(default_factory=set)

    def has(self, seq: int) -> bool:
        """Whether an answer was acknowledged. The first one heard of tells where they begin."""
        if self.last_seq_received is None:
            self.last_seq_received = seq - 1
        return seq <= self.last_seq_received or seq in self.beyond

    def acknowledged(self, seq: int) -> None:
        """An answer is had for good."""
        self.beyond.add(seq)
        while self.last_seq_received is not None and self.last_seq_received + 1 in self.beyond:
            self.last_seq_received += 1
            self.beyond.discard(self.last_seq_received)
