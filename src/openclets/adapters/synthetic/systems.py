"""The invented record systems as a table: what each holds, is searched by, and says when it holds nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant
from openclets.records.matching import Identifier, NameRule, identifier, name_rule


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One row of `systems.toml`, ready for use. `names` pairs a name field with its birth-date field."""

    name: str
    kinds: frozenset[str]
    search: tuple[Identifier, ...]
    names: tuple[tuple[str, str], ...]
    rule: NameRule
    negative: str
    scope: str
    header: str
    headers: Mapping[str, str]
    brief: Mapping[str, frozenset[str]]


@cache
def system_rows() -> dict[str, SystemRow]:
    """Every invented system by name. Raises BrokenInvariant when two rows share a name."""
    text = tomllib.loads((files("openclets.adapters.synthetic") / "systems.toml").read_text("utf-8"))[
        "system"
    ]
    rows = {
        r["name"]: SystemRow(
            name=r["name"],
            kinds=frozenset(r["kinds"]),
            search=tuple(identifier(code) for code in r["search"]),
            names=tuple((name, birth) for name, birth in r["names"]),
            rule=name_rule(r["rule"]),
            negative=r["negative"],
            scope=r["scope"],
            header=r.get("header", ""),
            headers=r.get("headers", {}),
            brief={key: frozenset(codes) for key, codes in r.get("brief", {}).items()},
        )
        for r in text
    }
    if len(rows) != len(text):
        raise BrokenInvariant("systems.toml names one system twice")
    return rows


def system_row(name: str) -> SystemRow:
    """The row of one system. Raises BrokenInvariant for a name that is not in the table."""
    row = system_rows().get(name)
    if row is None:
        raise BrokenInvariant(f"systems.toml has no record system {name}")
    return row
