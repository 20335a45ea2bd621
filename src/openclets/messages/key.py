"""A message key: what it asks or enters, which fields it needs and allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldSet:
    """One legal way to identify what is asked: all of `required`, and any of `optional`."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageKey:
    """A row of the key table. Keys are unique per network.

    `record_class` is what the rules see (see `policy.decision.PolicyRequest`). `example` holds synthetic
    fields that make a legal inquiry. `destinations_max` is how many destinations one inquiry may name.
    `carried` is False for keys known but not carried, with the reason in `not_carried`.
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
