"""The building as its guards read it: sources parsed once, pages, data files. No test lives here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "openclets"
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Module:
    """One Python file of the product. `name` is its path below `src/openclets`."""

    name: str
    text: str
    tree: ast.Module

    @property
    def slice(self) -> str:
        """The slice it belongs to; its own name for a file that stands alone."""
        return self.name.partition("/")[0].removesuffix(".py")

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


def module(name: str, text: str) -> Module:
    """A module from its text; for showing a guard red."""
    return Module(name, text, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the product."""
    files = sorted(SOURCE.rglob("*.py"))
    return tuple(module(str(path.relative_to(SOURCE)), path.read_text("utf-8")) for path in files)


def slices() -> tuple[str, ...]:
    """The folders of `src/openclets` that are packages."""
    return tuple(sorted(path.parent.name for path in SOURCE.glob("*/__init__.py")))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last word of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                yield called.attr, node
            elif isinstance(called, ast.Name):
                yield called.id, node


def page(name: str) -> str:
    """A page of the repository, by its path from the root."""
    return (ROOT / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under `heading` (with its #s), up to the next heading of its rank."""
    rank = heading.partition(" ")[0]
    start = text.index(f"{heading}\n") + len(heading)
    end = re.compile(rf"^#{{1,{len(rank)}}} ", re.MULTILINE).search(text, start)
    return text[start : end.start() if end else len(text)]


def rows(text: str) -> list[list[str]]:
    """The rows of the Markdown tables in `text`, without heads, cell by cell."""
    found: list[list[str]] = []
    lines = text.splitlines()
    for n, line in enumerate(lines):
        is_head = n + 1 < len(lines) and re.match(r"^\|[-| :]+\|$", lines[n + 1])
        if line.startswith("|") and not is_head and not re.match(r"^\|[-| :]+\|$", line):
            found.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return found


def ticked(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)
