"""Law, codes, keys, routes, limits and words are data, and every row says where it is from."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from building.building import SOURCE

CARRIED_BY_OTHERS = {
    "policy/rulesets/spine/vectors.toml": "worked examples of the rules beside them, which carry the evidence"
}
"""Files whose rows need no evidence of their own, and why."""

FILES = sorted(str(p.relative_to(SOURCE)) for kind in ("toml", "csv") for p in SOURCE.rglob(f"*.{kind}"))


def rows_of(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with its place: a line of a CSV, a table of a TOML file, or a table under a name."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            yield from ((f"line {n}", dict(row)) for n, row in enumerate(csv.DictReader(file), start=2))
        return
    for name, value in tomllib.loads(path.read_text("utf-8")).items():
        if isinstance(value, list):
            yield from ((f"{name} {n}", row) for n, row in enumerate(value) if isinstance(row, dict))
        elif isinstance(value, dict):
            named = all(isinstance(row, dict) for row in value.values())
            yield from ((f"{name}.{key}", row) for key, row in value.items()) if named else [(name, value)]


def without_evidence(path: Path) -> list[str]:
    return [
        place
        for place, row in rows_of(path)
        if not isinstance(row.get("evidence"), str) or not row["evidence"].strip()
    ]


@pytest.mark.parametrize("name", [name for name in FILES if name not in CARRIED_BY_OTHERS])
def test_every_row_says_where_it_is_from(name):
    """A row is found, recalled or designed, and says which and from where."""
    assert list(rows_of(SOURCE / name)), "a data file without rows"
    assert without_evidence(SOURCE / name) == []


def test_the_files_excused_are_there():
    """An excuse does not outlive its file."""
    assert set(CARRIED_BY_OTHERS) <= set(FILES)


def test_a_row_without_evidence_is_noticed(tmp_path):
    """The guard is shown red on each form a row can have."""
    bad = tmp_path / "bad.toml"
    bad.write_text(
        'name = "a set"\n[[rule]]\nid = "a"\nevidence = "found"\n[[rule]]\nid = "b"\nevidence = " "\n'
        "[limit]\nvalue = 1\n[profile.one]\nvalue = 2\n"
    )
    assert without_evidence(bad) == ["rule 1", "limit", "profile.one"]
    table = tmp_path / "bad.csv"
    table.write_text("code,evidence\na,found\nb,\n")
    assert without_evidence(table) == ["line 3"]
