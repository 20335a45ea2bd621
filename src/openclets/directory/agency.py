"""Agencies and the agreements under which they are on the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Agency:
    """A member of the network. `kind` as in `policy.decision.PolicyRequest`; `county` is 900-999 for invented
    ones.

    `agreement_until` is the last day the subscriber agreement holds, None where none was signed.
    """

    ori: str
    name: str
    kind: str
    county: str
    agreement_version: str
    agreement_until: date | None
    time_zone: str = "America/Los_Angeles"
    has_duty_feed: bool = True
    suspended: bool = False
