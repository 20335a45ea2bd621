"""A message key: what it asks or enters, which fields it needs and allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FieldSet:
    """One legal way to identify what is asked: all of `required`, and any of `optional`."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


class KeyKind(StrEnum):
    """What a message of a key does."""

    INQUIRY = "inquiry"
    ENTER = "enter"
    MODIFY = "modify"
    CANCEL = "cancel"
    CLEAR = "clear"
    LOCATE = "locate"
    CONFIRMATION = "confirmation"
    ADMINISTRATIVE = "administrative"


RECORD_ACTS = frozenset({KeyKind.ENTER, KeyKind.MODIFY, KeyKind.CANCEL, KeyKind.CLEAR, KeyKind.LOCATE})
"""Kinds that change a record."""


@dataclass(frozen=True, slots=True)
class MessageKey:
    """A row of the key table. Keys are unique per network.

    `record_class` is what the rules see (see `policy.decision.PolicyRequest`). `example` holds synthetic
    fields that make a legal message. `destinations_max` is how many destinations one may name. `wildcards`
    are fields in which `*` stands for what is not known. `record_file` is the file whose records the key
    changes; `caution` marks the form of an entry that must bring a caution (CMC).
    `carried` is False for keys known but not carried, with the reason in `not_carried`; `is_on` is False for
    keys that are carried where the installation's settings name them, and are not named.
    """

    key: str
    network: str
    meaning: str
    record_class: str
    response_key: str
    field_sets: tuple[FieldSet, ...]
    optional: tuple[str, ...]
    needs_purpose: bool
    needs_attention: bool
    needs_case: bool
    person: bool
    evidence: str
    source: str
    example: dict[str, str]
    carried: bool = True
    not_carried: str = ""
    destinations_max: int = 5
    kind: KeyKind = KeyKind.INQUIRY
    wildcards: tuple[str, ...] = ()
    record_file: str = ""
    caution: bool = False
    is_on: bool = True

    @property
    def name(self) -> str:
        """Network and key, as settings and pages name it: `NCIC.QW`."""
        return f"{self.network}.{self.key}"
