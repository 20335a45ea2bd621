"""A rule as people read it: its sentence, the law or policy it stands on, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openclets.foundation.errors import RuleCited


class Effect(StrEnum):
    """What a rule does where it holds. A `forbid` wins over every `permit`."""

    PERMIT = "permit"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a rule set. `source` is its Cedar text, `file` the file that defines it."""

    id: str
    effect: Effect
    file: str
    text: str
    citation: str
    evidence: str
    valid_from: date
    source: str

    def cited(self) -> RuleCited:
        """The rule as refusals and entries name it."""
        return RuleCited(self.id, self.text, self.citation)
