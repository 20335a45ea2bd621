"""What an answer leads to: the further legs of a composite, from a record that came back (messages.md 9).

Pure: from the legs and answers so far to the legs to be asked next. Which records lead where is `leads.toml`;
whether a leg may be asked is decided for each as for any other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant
from openclets.messages.key import MessageKey
from openclets.records.answer import Answer, Record
from openclets.switch.routing import PlannedLeg, load_routes


@dataclass(frozen=True, slots=True)
class Lead:
    """A row of the table: from a record of `kind`, the `legs`, asked with the fields in `takes`."""

    name: str
    kind: str
    takes: tuple[str, ...]
    names: str
    legs: tuple[PlannedLeg, ...]


@dataclass(frozen=True, slots=True)
class Leads:
    """The whole table, by network and key."""

    by_key: Mapping[str, tuple[Lead, ...]]
    legs_max: int
    depth_max: int

    def of(self, key: MessageKey) -> tuple[Lead, ...]:
        """What answers to that key lead to; nothing for most."""
        return self.by_key.get(key.name, ())


@cache
def load_leads() -> Leads:
    """The table of `leads.toml`. Raises BrokenInvariant for a row that names an unknown record system."""
    text = tomllib.loads((files("openclets.switch") / "leads.toml").read_text("utf-8"))
    systems = load_routes().systems
    by_key: dict[str, list[Lead]] = {}
    for row in text["lead"]:
        legs = []
        for leg in row["legs"]:
            system = systems.get(leg["system"])
            if system is None:
                raise BrokenInvariant(f"leads.toml names {leg['system']}, which routes.toml does not define")
            legs.append(PlannedLeg(system.name, system.title, system.record_class, leg["key"]))
        lead = Lead(row["name"], row["kind"], tuple(row["takes"]), row["names"], tuple(legs))
        for key in row["keys"]:
            by_key.setdefault(key, []).append(lead)
    frozen = {key: tuple(leads) for key, leads in by_key.items()}
    return Leads(frozen, text["legs_max"], text["depth_max"])


def led_to(
    leads: Leads,
    key: MessageKey,
    fields: Mapping[str, str],
    planned: Sequence[PlannedLeg],
    answered: Iterable[tuple[int, Answer]],
) -> tuple[PlannedLeg, ...]:
    """The legs that the answers `answered` (leg number, answer) lead to and that are not planned yet.

    `fields` are those of the inquiry: a person asked about by name is not asked about again.
    """
    asked = {(leg.system, _person(leg.fields if leg.fields is not None else fields)) for leg in planned}
    left = leads.legs_max - sum(1 for leg in planned if leg.cause)
    found: list[PlannedLeg] = []
    for n, answer in answered:
        if planned[n].depth >= leads.depth_max:
            continue
        for record in answer.records:
            for leg in _from(record, leads.of(key), planned[n].depth):
                assert leg.fields is not None, "a leg that was led to has fields of its own"
                once = (leg.system, _person(leg.fields))
                if once not in asked and len(found) < left:
                    asked.add(once)
                    found.append(leg)
    return tuple(found)


def _from(record: Record, leads: Sequence[Lead], depth: int) -> Iterable[PlannedLeg]:
    for lead in leads:
        if record.kind == lead.kind and all(record.identifiers.get(code) for code in lead.takes):
            fields = {code: record.identifiers[code] for code in lead.takes}
            cause = lead.names.format_map(_Facts(record))
            for leg in lead.legs:
                yield replace(leg, fields=fields, cause=cause, depth=depth + 1)


def _person(fields: Mapping[str, str]) -> tuple[str, str]:
    return fields.get("NAM", ""), fields.get("DOB", "")


class _Facts(dict[str, str]):
    """A record's facts as words in a sentence; what it does not hold is left out."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def __missing__(self, code: str) -> str:
        value = self._record.facts.get(code) or self._record.identifiers.get(code) or ""
        return value if isinstance(value, str) else ", ".join(value)
