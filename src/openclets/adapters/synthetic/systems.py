"""The invented record systems as a table: what each holds, is searched by, and says when it holds nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from openclets.foundation.errors import BrokenInvariant
from openclets.records.matching import Identifier, NameRule, identifier, name_rule


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One row of `systems.toml`, which explains its columns, ready for use."""

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
    of_key: Mapping[str, frozenset[str]]
    narrowed_by: tuple[str, ...]
    lists_names: frozenset[str]
    part_of: frozenset[str]
    described: bool
    picks: frozenset[str]
    evidence: str


@cache
def system_rows() -> dict[str, SystemRow]:
    """Every invented system by name. Raises BrokenInvariant when two rows share a name."""
    tables = tomllib.loads((files("openclets.adapters.synthetic") / "systems.toml").read_text("utf-8"))
    text = [*tables["system"], *_of_other_states(tables)]
    rows = {row["name"]: _row(row) for row in text}
    if len(rows) != len(text):
        raise BrokenInvariant("systems.toml names one system twice")
    return rows


def system_row(name: str) -> SystemRow:
    """The row of one system. Raises BrokenInvariant for a name that is not in the table."""
    row = system_rows().get(name)
    if row is None:
        raise BrokenInvariant(f"systems.toml has no record system {name}")
    return row


def _of_other_states(tables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each file of each other state: the file's row, in that state's name."""
    by_file = {row["file"]: row for row in tables["state_system"]}
    for state in tables["state"]:
        for file in state["files"]:
            row = by_file[file]
            named = {
                code: row[code].format(state=state["code"], name=state["name"])
                for code in ("header", "scope")
            }
            further = {key: text.format(state=state["code"]) for key, text in row.get("headers", {}).items()}
            picks = row.get("picks", []) if state["pick_lists"] else []
            yield row | named | {
                "name": f"{state['code'].lower()}.{file}", "headers": further, "picks": picks,
            }  # fmt: skip


def _row(row: Mapping[str, Any]) -> SystemRow:
    return SystemRow(
        name=row["name"],
        kinds=frozenset(row["kinds"]),
        search=tuple(identifier(code) for code in row["search"]),
        names=tuple((name, birth) for name, birth in row["names"]),
        rule=name_rule(row["rule"]),
        negative=row["negative"],
        scope=row["scope"],
        header=row.get("header", ""),
        headers=row.get("headers", {}),
        brief={key: frozenset(codes) for key, codes in row.get("brief", {}).items()},
        of_key={key: frozenset(kinds) for key, kinds in row.get("of_key", {}).items()},
        narrowed_by=tuple(row.get("narrowed_by", ())),
        lists_names=frozenset(row.get("lists_names", ())),
        part_of=frozenset(row.get("part_of", ())),
        described=row.get("described", False),
        picks=frozenset(row.get("picks", ())),
        evidence=row["evidence"],
    )
