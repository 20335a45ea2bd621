"""By message key and destination: which record systems are asked, in which words, and how long they
may take.

The table is `routes.toml`. A destination nobody is linked to is a leg that was not asked, never
left out in silence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from openclets.foundation.errors import BrokenInvariant
from openclets.messages.key import MessageKey


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A record system as routes name it: its title on pages and the record class that rules see."""

    name: str
    title: str
    record_class: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How long an inquiry waits, in seconds: for first parts, until legs are given up, and then for
    late ones.
    """

    first_s: float
    deadline_s: float
    late_s: float


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One record system to be asked. `unlinked` is set where the destination has no system: it
    cannot be asked. A leg that an earlier answer led to has `fields` of its own, a `cause` in words and a
    `depth` over 0 (`leads.py`).
    """

    system: str
    title: str
    record_class: str
    message_key: str
    unlinked: str = ""
    fields: Mapping[str, str] | None = None
    cause: str = ""
    depth: int = 0
    drops_negatives: bool = False
    """Asked of all states: the words of a negative are dropped, the state is kept (messages.md 2.1)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one inquiry will ask, in the order it is shown."""

    legs: tuple[PlannedLeg, ...]
    profile: Profile
    sweep: bool


@dataclass(frozen=True, slots=True)
class _Route:
    profile: Profile
    sweep: bool
    destination_field: str
    always: tuple[PlannedLeg, ...]
    home: tuple[PlannedLeg, ...]
    away: tuple[str, str]


@dataclass(frozen=True, slots=True)
class LinkedState:
    """Another state that is linked, and the files it can be asked for, each by its system's row."""

    code: str
    name: str
    files: Mapping[str, SystemRow]


@dataclass(frozen=True, slots=True)
class Routes:
    """The whole routing table. `home` is the state whose own systems answer when no destination is named."""

    systems: Mapping[str, SystemRow]
    table: Mapping[tuple[str, str], _Route]
    states: Mapping[str, LinkedState]
    regions: Mapping[str, tuple[str, ...]]
    home: str

    def plan(self, key: MessageKey, fields: Mapping[str, str], destinations: tuple[str, ...]) -> Plan:
        """The legs for this inquiry: those of each destination first, then those always asked.

        Raises BrokenInvariant for a key that is carried but has no route.
        """
        route = self.table.get((key.key, key.network))
        if route is None:
            raise BrokenInvariant(f"{key.network} {key.key} is carried but has no route")
        if not route.home:
            return Plan(route.always, route.profile, route.sweep)
        named = destinations or (fields.get(route.destination_field) or self.home,)
        legs = [
            leg for destination in self._each(named) for leg in self._of_destination(key, route, destination)
        ]
        if not ALL_STATES.isdisjoint(named):
            legs = [replace(leg, drops_negatives=True) for leg in legs]
        return Plan((*legs, *route.always), route.profile, route.sweep)

    def _each(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """Regions as their members, and all participating states as those that are linked; each once."""
        if named == (self.home,):
            return named
        every: dict[str, None] = {}
        for one in named:
            members = (self.home, *self.states) if one in ALL_STATES else self.regions.get(one, (one,))
            every |= dict.fromkeys(members)
        return tuple(every)

    def _of_destination(self, key: MessageKey, route: _Route, destination: str) -> tuple[PlannedLeg, ...]:
        if destination == self.home:
            return route.home
        file, message_key = route.away
        state = self.states.get(destination)
        row = state.files.get(file) if state else None
        if row is None:
            return (_unlinked(key, destination),)
        return (PlannedLeg(row.name, row.title, row.record_class, message_key),)


ALL_STATES = frozenset({"NL", "Z1"})
"""Destinations that mean every participating state (messages.md 2.1; Z1 for boats)."""


def _unlinked(key: MessageKey, destination: str) -> PlannedLeg:
    return PlannedLeg(
        system=f"{destination.lower()}.{key.record_class}",
        title=f"{destination} {key.record_class.replace('_', ' ')}",
        record_class=key.record_class,
        message_key=key.key,
        unlinked=f"no link to {destination} carries {key.key}",
    )


@cache
def load_routes(home: str = "CA") -> Routes:
    """The table of `routes.toml`. Raises BrokenInvariant when a row names an unknown system, state file or
    profile.
    """
    text = tomllib.loads((files("openclets.switch") / "routes.toml").read_text("utf-8"))
    try:
        states = _states(text)
        systems = {r["name"]: SystemRow(r["name"], r["title"], r["record_class"]) for r in text["system"]}
        systems |= {row.name: row for state in states.values() for row in state.files.values()}
        profiles = {
            name: Profile(row["first_s"], row["deadline_s"], row["late_s"])
            for name, row in text["profile"].items()
        }
        known_files = {row["name"] for row in text["state_file"]}
        table = {(r["key"], r["network"]): _route(r, systems, profiles, known_files) for r in text["route"]}
    except KeyError as missing:
        raise BrokenInvariant(f"routes.toml names {missing}, which it does not define") from missing
    regions = {row["code"]: tuple(row["members"]) for row in text["region"]}
    return Routes(systems, table, states, regions, home)


def _states(text: Mapping[str, Any]) -> dict[str, LinkedState]:
    files_by_name = {row["name"]: row for row in text["state_file"]}
    states = {}
    for row in text["state"]:
        held = {}
        for name in row["holds"]:
            file = files_by_name[name]
            system = f"{row['code'].lower()}.{name}"
            held[name] = SystemRow(system, f"{row['name']} {file['title']}", file["record_class"])
        states[row["code"]] = LinkedState(row["code"], row["name"], held)
    return states


def _route(
    row: Mapping[str, Any],
    systems: Mapping[str, SystemRow],
    profiles: Mapping[str, Profile],
    known_files: set[str],
) -> _Route:
    def legs(rows: list[dict[str, str]]) -> tuple[PlannedLeg, ...]:
        return tuple(
            PlannedLeg(r["system"], systems[r["system"]].title, systems[r["system"]].record_class, r["key"])
            for r in rows
        )

    away = row.get("away", {"file": "", "key": ""})
    if away["file"] and away["file"] not in known_files:
        raise KeyError(away["file"])
    return _Route(
        profile=profiles[row["profile"]],
        sweep=row.get("sweep", False),
        destination_field=row.get("destination_field", ""),
        always=legs(row.get("always", [])),
        home=legs(row.get("home", [])),
        away=(away["file"], away["key"]),
    )
