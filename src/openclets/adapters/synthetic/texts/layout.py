"""A layout row made ready for printing: its lines as parts, each part with the fields it needs.

Table: `layouts.toml`, which explains the notation. It prints one record and decides nothing about whose eyes
it is for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant
from openclets.records.answer import Record

WIDTH = 76
"""Parts that would make a line longer go on the next (messages.md 5: wrapped near 70 columns)."""

_FIELD = re.compile(r"\{([A-Z/]+)(?:\|(\w+))?\}")
Value = str | list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line: text before, one field, how it is printed, and what follows it.

    `code` empty: fixed text alone. `more` are further fields of the same part, each with its own text before
    it.
    """

    before: str
    code: str
    form: Callable[[str, Value], list[str]] | None
    after: str
    more: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of record is printed. `known` are the codes it places or hides; others are printed at the
    end.
    """

    lines: tuple[tuple[Part, ...], ...]
    first: tuple[tuple[str, str, str], ...]
    hit: tuple[str, ...]
    known: frozenset[str]


def print_record(record: Record) -> list[str]:
    """The lines of one record, cautions first and, for a hit, the order to confirm last."""
    layout = layouts().get(record.kind) or _plain(record.kind)
    codes = record.codes
    printed = [line for code, value, line in layout.first if code in codes and value in codes[code]]
    facts = record.facts
    for parts in layout.lines:
        _print_line(parts, facts, printed)
    if not layout.known.issuperset(facts):
        rest = [
            f"{code}/{_joined(value)}" for code, value in facts.items() if value and code not in layout.known
        ]
        if rest:
            _wrap(rest, printed)
    if record.hit:
        printed.extend(layout.hit)
    return printed


def _print_line(parts: tuple[Part, ...], facts: Mapping[str, Value], printed: list[str]) -> None:
    texts: list[str] = []
    for part in parts:
        if not part.code:
            texts.append(part.before)
            continue
        value = facts.get(part.code)
        if not value:
            continue
        if part.form is None and not part.more:
            texts.append(f"{part.before}{value if isinstance(value, str) else ','.join(value)}{part.after}")
        else:
            texts.extend(_print_part(part, value, facts))
    if texts:
        _wrap(texts, printed)


def _print_part(part: Part, value: Value, facts: Mapping[str, Value]) -> list[str]:
    texts = part.form(part.before, value) if part.form else [part.before + _joined(value)]
    for further in part.more:
        held = facts.get(further.code)
        if not held:
            return []
        texts[-1] += (
            further.form(further.before, held) if further.form else [further.before + _joined(held)]
        )[0]
    texts[-1] += part.after
    return texts


def _wrap(texts: list[str], printed: list[str]) -> None:
    line = " ".join(texts)
    if len(line) <= WIDTH:
        printed.append(line)
        return
    line = texts[0]
    for text in texts[1:]:
        if len(line) + len(text) < WIDTH:
            line = f"{line} {text}"
        else:
            printed.append(line)
            line = text
    printed.append(line)


def _joined(value: Value) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _us_date(before: str, value: Value) -> list[str]:
    text = _joined(value)
    return [f"{before}{text[4:6]}/{text[6:8]}/{text[2:4]}" if len(text) == 8 else before + text]


def _two_digits(before: str, value: Value) -> list[str]:
    return [before + _joined(value)[-2:]]


def _name(before: str, value: Value) -> list[str]:
    return [before + _joined(value).replace(",", " ")]


def _each(before: str, value: Value) -> list[str]:
    return [before + item for item in ([value] if isinstance(value, str) else value)]


def _owed(before: str, value: Value) -> list[str]:
    if isinstance(value, str):
        return [before + value]
    return [f"{before}{value[0]} ({'; '.join(value[1:])})" if len(value) > 1 else before + value[0]]


def _explained(words: Mapping[str, str], before: str, value: Value) -> list[str]:
    codes = [value] if isinstance(value, str) else value
    return [
        f"{before}{code} {'- ' if len(code) == 1 else ''}{words.get(code, '')}".rstrip(" -") for code in codes
    ]


@cache
def _forms() -> dict[str, Callable[[str, Value], list[str]]]:
    tables = tomllib.loads((files(__package__) / "codes.toml").read_text("utf-8"))["table"]
    forms: dict[str, Callable[[str, Value], list[str]]] = {
        "us": _us_date,
        "yy": _two_digits,
        "name": _name,
        "each": _each,
        "owed": _owed,
    }
    return forms | {table["name"]: partial(_explained, table["values"]) for table in tables}


@cache
def layouts() -> dict[str, Layout]:
    """Every layout by kind of record. Raises BrokenInvariant for a notation nobody defined."""
    rows = tomllib.loads((files(__package__) / "layouts.toml").read_text("utf-8"))["layout"]
    return {
        row["kind"]: _layout(
            row["lines"],
            tuple((f["code"], f["value"], f["line"]) for f in row["first"]),
            tuple(row["hit"]),
            row["hidden"],
        )
        for row in rows
    }


@cache
def _plain(kind: str) -> Layout:
    return _layout([f"MKE/{kind.replace('_', ' ').upper()}"], (), (), [])


def _layout(
    lines: list[str], first: tuple[tuple[str, str, str], ...], hit: tuple[str, ...], hidden: list[str]
) -> Layout:
    parts = tuple(tuple(_part(text) for text in line.split(" | ")) for line in lines)
    placed = {field.group(1) for line in lines for field in _FIELD.finditer(line)}
    return Layout(parts, first, hit, frozenset(placed | set(hidden)))


def _part(text: str) -> Part:
    fields = list(_FIELD.finditer(text))
    if not fields:
        return Part(text, "", None, "")
    starts = [0, *(field.end() for field in fields)]
    pieces = [
        Part(text[start : field.start()], field.group(1), _form(field.group(2), text), "")
        for start, field in zip(starts, fields, strict=False)
    ]
    first = pieces[0]
    return Part(first.before, first.code, first.form, text[starts[-1] :], tuple(pieces[1:]))


def _form(name: str | None, text: str) -> Callable[[str, Value], list[str]] | None:
    if name is None:
        return None
    form = _forms().get(name)
    if form is None:
        raise BrokenInvariant(f"layouts.toml: nobody defined |{name} in {text!r}")
    return form
