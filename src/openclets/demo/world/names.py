"""The pool of names: every invented person takes theirs from `names.toml` and from nowhere else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openclets.demo.world.chance import Weighted


@dataclass(frozen=True, slots=True)
class Names:
    """Surnames and given names with their weights; the first of a list is the most frequent."""

    surnames: Weighted[str]
    male: Weighted[str]
    female: Weighted[str]
    all_surnames: frozenset[str]
    all_given: frozenset[str]


@cache
def load_names() -> Names:
    """The pool. A list's n-th name weighs share / (n + offset) ** steepness: few names are common, most are
    rare.
    """
    rows = tomllib.loads((files("openclets.demo.world") / "names.toml").read_text("utf-8"))["pool"]
    weighted: dict[str, list[tuple[str, float]]] = {"surname": [], "male": [], "female": []}
    for row in rows:
        for place, name in enumerate(row["names"]):
            weighted[row["part"]].append((name, row["share"] / (place + row["offset"]) ** row["steepness"]))
    return Names(
        surnames=Weighted(weighted["surname"]),
        male=Weighted(weighted["male"]),
        female=Weighted(weighted["female"]),
        all_surnames=frozenset(name for name, _ in weighted["surname"]),
        all_given=frozenset(name for part in ("male", "female") for name, _ in weighted[part]),
    )
