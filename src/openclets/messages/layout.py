"""Which fields a key takes together, worked out once when the catalogue is loaded.

Every legal combination of fields is looked up in one step; only what is not legal needs explaining.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from openclets.messages.field import Field
from openclets.messages.key import FieldSet, MessageKey


@dataclass(frozen=True, slots=True)
class Layout:
    """One legal combination: its field set (from 0), its codes in printed order, and what is filled in.

    `filled` holds the defaults of fields that may be left out and were.
    """

    field_set: int
    order: tuple[str, ...]
    filled: Mapping[str, str]


def layouts_of(key: MessageKey, fields: Mapping[str, Field]) -> dict[frozenset[str], Layout]:
    """Every legal combination of `key`. `fields` are in printed order."""
    layouts: dict[frozenset[str], Layout] = {}
    for index, field_set in enumerate(key.field_sets):
        free = sorted({*field_set.optional, *key.optional})
        for count in range(len(free) + 1):
            for chosen in combinations(free, count):
                present = frozenset((*field_set.required, *chosen))
                if present in layouts:
                    continue
                filled = {
                    code: fields[code].default
                    for code in field_set.optional
                    if fields[code].default and code not in present
                }
                order = tuple(code for code in fields if code in present or code in filled)
                layouts[present] = Layout(index, order, filled)
    return layouts


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
