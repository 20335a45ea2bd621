"""Operators: people certified to use a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Operator:
    """A person on the network. `role`: `officer`, `dispatcher`, `records_clerk`, `detective`, `coordinator`,
    `machine`.

    `training_until` is the last day the certification holds. `own_identifiers` are keyed digests of the
    operator's own NAM+DOB, OLN, plates and VINs, `tie_identifiers` those of declared ties (decisions.md 10);
    never the values.
    """

    id: str
    agency_ori: str
    name: str
    role: str
    training_until: date
    suspended: bool = False
    quota_exempt: bool = False
    own_identifiers: frozenset[bytes] = frozenset()
    tie_identifiers: frozenset[bytes] = frozenset()
