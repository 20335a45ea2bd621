"""Which fields a key takes together.

A legal combination that was seen before is looked up in one step; only what is not legal needs explaining.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openclets.messages.field import Field
from openclets.messages.key import FieldSet, MessageKey

LAYOUTS_KEPT_MAX = 256
"""How many combinations are remembered for one key: an entry has more than anybody uses."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One legal combination: its field set (from 0), its codes in printed order, and what is filled in.

    `filled` holds the defaults of fields that may be left out and were.
    """

    field_set: int
    order: tuple[str, ...]
    filled: Mapping[str, str]


class Layouts:
    """Every legal combination of a key's fields, each worked out when it is first asked for."""

    def __init__(self, key: MessageKey, fields: Mapping[str, Field]) -> None:
        """`fields` are in printed order."""
        self._key = key
        self._fields = fields
        self._known: dict[frozenset[str], Layout] = {}

    def get(self, present: frozenset[str]) -> Layout | None:
        """The layout of exactly these fields, by the first field set that takes them, or None."""
        known = self._known.get(present)
        if known is not None:
            return known
        layout = self._made(present)
        if layout is not None and len(self._known) < LAYOUTS_KEPT_MAX:
            self._known[present] = layout
        return layout

    def __contains__(self, present: frozenset[str]) -> bool:
        return self.get(present) is not None

    def _made(self, present: frozenset[str]) -> Layout | None:
        for index, field_set in enumerate(self._key.field_sets):
            required = frozenset(field_set.required)
            if required <= present <= required.union(field_set.optional, self._key.optional):
                filled = {
                    code: self._fields[code].default
                    for code in field_set.optional
                    if self._fields[code].default and code not in present
                }
                order = tuple(code for code in self._fields if code in present or code in filled)
                return Layout(index, order, filled)
        return None


def nearest_set(key: MessageKey, present: Iterable[str]) -> int | None:
    """The largest field set whose required fields are all present, or None."""
    there = frozenset(present)
    met = [index for index, each in enumerate(key.field_sets) if there.issuperset(each.required)]
    return max(met, key=lambda index: len(key.field_sets[index].required)) if met else None


def sets_in_words(key: MessageKey) -> str:
    """The legal field sets, numbered as Nlets' error .22. lists them: `1. LIC; 2. VIN`."""
    return "; ".join(f"{number}. {_required(each)}" for number, each in enumerate(key.field_sets, 1))


def _required(field_set: FieldSet) -> str:
    return ", ".join(field_set.required)
