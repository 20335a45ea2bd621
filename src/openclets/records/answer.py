"""What a record system says: its state, its records, its own words.

A silent, broken or refusing system is a state of its own and never `NO_RECORD` (decisions.md 21).
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class LegState(StrEnum):
    """The states a leg of an inquiry can be in; the words of interfaces.md 3."""

    PENDING = "PENDING"
    HIT = "HIT"
    RECORD = "RECORD"
    NO_RECORD = "NO_RECORD"
    NOT_ASKED = "NOT_ASKED"
    DENIED = "DENIED"
    UNAVAILABLE = "UNAVAILABLE"
    TIMED_OUT = "TIMED_OUT"
    LATE = "LATE"
    UNREADABLE = "UNREADABLE"
    TRUNCATED = "TRUNCATED"


ANSWERED = frozenset({LegState.HIT, LegState.RECORD, LegState.NO_RECORD})
"""States in which the system was asked and its whole answer was read."""


class Subject(msgspec.Struct, frozen=True, gc=False):
    """A person a record is about, by the record system's own reference, and in what role.

    Roles: `subject` (the person asked about), `owner`, `restrained`, `protected`, `holder`. `weight` is the
    share of the look-up that concerns this person, in thousandths (1000 = wholly).
    """

    ref: str
    role: str
    weight: int = 1000


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as its system gave it.

    `kind` names the record class (`vehicle`, `protection_order` …), `ref` the system's own reference.
    `facts` are field codes to values (text, or list of text), `codes` those that banners are computed from
    (CMC, PCO, EXL, BRD, STA …). `matched_on` says in words why it matched (messages.md 7).
    `identifiers` are what the record holds of a person, for the own-record check (decisions.md 10):
    `NAM`, `DOB`, `OLN`, `LIC`, `VIN`, `REG` to value.
    """

    kind: str
    ref: str
    facts: dict[str, str | list[str]]
    subjects: tuple[Subject, ...] = ()
    codes: dict[str, list[str]] = msgspec.field(default_factory=dict)
    matched_on: str = ""
    identifiers: dict[str, str] = msgspec.field(default_factory=dict)
    hit: bool = False


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A record system's answer to one query. `text` is what a terminal prints; `detail` says why not."""

    state: LegState
    records: tuple[Record, ...] = ()
    text: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        if bool(self.records) != (self.state in (LegState.HIT, LegState.RECORD, LegState.TRUNCATED)):
            raise ValueError(f"an answer in state {self.state} with {len(self.records)} records")
