"""The corpus of bad input, and which part of the tests runs each row."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_WORD = re.compile(r"[A-Z][A-Z-]+")


@dataclass(frozen=True)
class Row:
    """One row. `encoding` is `py` (a Python-escaped literal), `gen` (made by a function) or `desc` (a
    scenario)."""

    id: str
    interface: str
    category: str
    input: str
    encoding: str
    expected: str
    code: str
    journal: str
    note: str

    @property
    def text(self) -> str:
        """The input with its escapes resolved."""
        return self.input.encode("ascii").decode("unicode_escape")

    @property
    def is_refused(self) -> bool:
        """Whether the row must be refused rather than taken."""
        return self.code not in {"A200", "200"}

    @property
    def our_codes(self) -> frozenset[str]:
        """Our codes for the fault the row names; empty where it names none in particular."""
        words = [self.code, *_WORD.findall(self.expected)]
        return frozenset(code for word in words for code in codes()["code"].get(word, ()))


@cache
def rows() -> dict[str, Row]:
    """Every row by id."""
    with (FOLDER / "corpus.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: Row(**row) for row in csv.DictReader(file)}


@cache
def codes() -> dict[str, dict[str, list[str]]]:
    """The tables of `codes.toml`."""
    return tomllib.loads((FOLDER / "codes.toml").read_text("utf-8"))


def run_elsewhere(row: Row) -> bool:
    """Whether another runner has the row, or the part it speaks of is not built yet."""
    return any(
        all(getattr(row, name) == place[name] for name in ("id", "interface", "category") if name in place)
        for place in (*codes()["elsewhere"], *codes()["not_yet"])
    )
