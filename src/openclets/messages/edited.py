"""What a check gives back, and what it may look at beside the value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from openclets.foundation.clock import SystemClock
from openclets.foundation.errors import Fault


class Edited(NamedTuple):
    """A value as it goes on. Where `faults` is not empty, `value` means nothing."""

    value: str
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a check may know besides the value: key, installation, day, and the model year typed beside.

    `day` is the asker's legal day; None stands for the machine's day in UTC. `training` is whether the
    installation holds invented persons only. `states` are the known two-letter codes, `ori_states` those an
    ORI may begin with. `wildcards` are the fields in which `*` stands for what is not known; `changes_record`
    is whether the message enters or changes a record, where a doubtful number is refused unless confirmed.
    """

    key: str
    record_class: str
    training: bool
    states: frozenset[str]
    model_year: str = ""
    ori_states: frozenset[str] = frozenset()
    wildcards: tuple[str, ...] = ()
    changes_record: bool = False
    day: date | None = None

    def today(self) -> date:
        """The day against which a year or a date is held."""
        return self.day or SystemClock().now().date()
