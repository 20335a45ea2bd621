"""One key of one operator stands for one inquiry, for seven days (decisions.md 6): the nouns and
the store's promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

KEPT_FOR = timedelta(days=7)
UNDER_WAY_MAX = timedelta(seconds=10)
"""A claim that is older and has no entry never came to its intent. Should it come to it after all, the
inquiry is asked twice, which harms nobody (security.md 2.2)."""


class Progress(Enum):
    """What is known of the transaction that holds a key."""

    ANSWERED = "answered"
    UNDER_WAY = "under way"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Claim:
    """One operator's use of one key for one inquiry, named by the SHA-256 of what was sent.

    `operator_id` is the sender; where a system sends, the system and the operator it names.
    """

    operator_id: str
    key: str
    digest: bytes
    transaction: str
    at: datetime


class ClaimStore(Protocol):
    """Keeps claims durably. Keys of different operators never meet."""

    async def claim(self, wanted: Claim) -> Claim:
        """Keep `wanted` and return it, or return the claim that stands; one older than `KEPT_FOR`
        gives way.
        """

    async def progress_of(self, earlier: Claim, now: datetime) -> Progress:
        """How far the claim's transaction came, from its entries; one that left none within `UNDER_WAY_MAX`
        was abandoned.
        """

    async def take_over(self, earlier: Claim, wanted: Claim) -> bool:
        """Put `wanted` in the place of `earlier`; False when somebody else was first."""
