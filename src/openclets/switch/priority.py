"""Which of five classes an inquiry belongs to, before anything of it is read: a table and a pure look at it.

Table: `priorities.toml`; rule: security.md 2.2. A class is a claim of the sender's until the inquiry is read:
what it gives is a place in the line, and quotas and fairness between agencies bound what it can cost others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec

from openclets.directory.view import DirectoryView
from openclets.foundation.errors import BrokenInvariant
from openclets.switch.inquiry import RawInquiry, Sender

OWED = "owed"
KEY_LENGTH_MAX = 7


@dataclass(frozen=True, slots=True)
class PriorityClass:
    """A row of `priorities.toml`; what each figure means stands there. `rank` 0 is the most urgent."""

    name: str
    title: str
    weight: int
    places: int
    waiting_max: int
    agency_waiting_max: int
    patience_s: float
    held_max: int
    rank: int


@dataclass(frozen=True, slots=True)
class Rule:
    """When an inquiry is of class `rank`. Empty sets match all; flags that are False do not matter."""

    rank: int
    keys: frozenset[str]
    roles: frozenset[str]
    terminals: frozenset[str]
    owed: bool
    on_behalf: bool


class Asked(msgspec.Struct, frozen=True, gc=False):
    """What the rules look at: the key as typed in capitals, who asks, from what, and how."""

    key: str
    role: str
    terminal: str
    owed: bool
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class Priorities:
    """The whole table: classes by rank, rules in their order, and every key that a rule names."""

    classes: tuple[PriorityClass, ...]
    rules: tuple[Rule, ...]
    keys: frozenset[str]
    known: dict[Asked, PriorityClass]

    def of(self, asked: Asked) -> PriorityClass:
        """The class of an inquiry. Keys that no rule names are one case, so that `known` stays small."""
        if asked.key not in self.keys:
            asked = msgspec.structs.replace(asked, key="")
        found = self.known.get(asked)
        if found is None:
            found = self.known[asked] = self.classes[self._rank(asked)]
        return found

    def _rank(self, asked: Asked) -> int:
        for rule in self.rules:
            if (
                (not rule.keys or asked.key in rule.keys)
                and (not rule.roles or asked.role in rule.roles)
                and (not rule.terminals or asked.terminal in rule.terminals)
                and (not rule.owed or asked.owed)
                and (not rule.on_behalf or asked.on_behalf)
            ):
                return rule.rank
        raise BrokenInvariant("priorities.toml has no rule for what no other rule names")


def asked_of(raw: RawInquiry, sender: Sender, view: DirectoryView) -> tuple[Asked, str]:
    """What the rules look at, and the agency whose terminal it comes from."""
    operator = view.operators.get(sender.operator_id)
    terminal = view.terminals.get(sender.terminal_id)
    asked = Asked(
        raw.message_key.strip().upper() if len(raw.message_key) <= KEY_LENGTH_MAX else "",
        operator.role if operator is not None else "",
        terminal.kind if terminal is not None else "",
        raw.reason == OWED,
        bool(raw.on_behalf_of),
    )
    return asked, terminal.agency_ori if terminal is not None else ""


@cache
def load_priorities() -> Priorities:
    """The shipped table. Raises BrokenInvariant naming every fault of every row."""
    return read_priorities((files("openclets.switch") / "priorities.toml").read_text("utf-8"))


def read_priorities(text: str) -> Priorities:
    """The table in `text`. Raises BrokenInvariant naming every fault of every row."""
    written = tomllib.loads(text)
    faults: list[str] = []
    classes = tuple(_class(row, rank, faults) for rank, row in enumerate(written["class"]))
    ranks = {one.name: one.rank for one in classes}
    for before, after in pairwise(classes):
        for figure in ("places", "held_max"):
            if getattr(after, figure) > getattr(before, figure):
                faults.append(f"{after.name} has more {figure} than {before.name}, which is more urgent")
    rules = tuple(_rule(row, ranks, faults) for row in written["rule"])
    last = rules[-1]
    if last.keys or last.roles or last.terminals or last.owed or last.on_behalf:
        faults.append("the last rule does not match everything")
    if faults:
        raise BrokenInvariant("priorities.toml: " + "; ".join(faults))
    return Priorities(classes, rules, frozenset().union(*(rule.keys for rule in rules)), {})


def _class(row: Mapping[str, object], rank: int, faults: list[str]) -> PriorityClass:
    figures = {field.name for field in fields(PriorityClass)} - {"rank", "name", "title"}
    for name in sorted(figures):
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            faults.append(f"{row.get('name')}: {name} is {value!r}, and must be above 0")
    held = {name: value for name, value in row.items() if name != "evidence"}
    return PriorityClass(**held, rank=rank)  # type: ignore[arg-type]


def _rule(row: Mapping[str, object], ranks: Mapping[str, int], faults: list[str]) -> Rule:
    if row["class"] not in ranks:
        faults.append(f"a rule names {row['class']!r}, which is no class")
    sets = {name: frozenset(_texts(row[name])) for name in ("keys", "roles", "terminals")}
    return Rule(
        ranks.get(str(row["class"]), 0), **sets, owed=bool(row["owed"]), on_behalf=bool(row["on_behalf"])
    )


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
