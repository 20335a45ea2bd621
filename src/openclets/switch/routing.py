"""By message key and destination: which record systems are asked, in which words, and how long they
may take.

The table is `routes.toml`. A destination nobody is linked to is a leg that was not asked, never
left out in silence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

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
    cannot be asked.
    """

    system: str
    title: str
    record_class: str
    message_key: str
    unlinked: str = ""


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
    by_destination: Mapping[str, tuple[PlannedLeg, ...]]


@dataclass(frozen=True, slots=True)
class Routes:
    """The whole routing table. `home` is the state whose own systems answer when no destination is named."""

    systems: Mapping[str, SystemRow]
    table: Mapping[tuple[str, str], _Route]
    home: str

    def plan(self, key: MessageKey, fields: Mapping[str, str], destinations: tuple[str, ...]) -> Plan:
        """The legs for this inquiry: those of each destination first, then those always asked.

        Raises BrokenInvariant for a key that is carried but has no route.
        """
        route = self.table.get((key.key, key.network))
        if route is None:
            raise BrokenInvariant(f"{key.network} {key.key} is carried but has no route")
        if not route.by_destination:
            return Plan(route.always, route.profile, route.sweep)
        named = destinations or (fields.get(route.destination_field) or self.home,)
        legs: list[PlannedLeg] = []
        for destination in named:
            legs += route.by_destination.get(destination) or (_unlinked(key, destination),)
        return Plan((*legs, *route.always), route.profile, route.sweep)


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
    """The table of `routes.toml`. Raises BrokenInvariant when a row names an unknown system or profile."""
    text = tomllib.loads((files("openclets.switch") / "routes.toml").read_text("utf-8"))
    systems = {r["name"]: SystemRow(r["name"], r["title"], r["record_class"]) for r in text["system"]}
    profiles = {
        name: Profile(row["first_s"], row["deadline_s"], row["late_s"])
        for name, row in text["profile"].items()
    }

    def legs(rows: list[dict[str, str]]) -> tuple[PlannedLeg, ...]:
        return tuple(
            PlannedLeg(r["system"], systems[r["system"]].title, systems[r["system"]].record_class, r["key"])
            for r in rows
        )

    try:
        table = {
            (r["key"], r["network"]): _Route(
                profile=profiles[r["profile"]],
                sweep=r.get("sweep", False),
                destination_field=r.get("destination_field", ""),
                always=legs(r.get("always", [])),
                by_destination={d: legs(rows) for d, rows in r.get("by_destination", {}).items()},
            )
            for r in text["route"]
        }
    except KeyError as missing:
        raise BrokenInvariant(f"routes.toml names {missing}, which it does not define") from missing
    return Routes(systems, table, home)
