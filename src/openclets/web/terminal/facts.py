"""A record's facts as rows of a page: label and text, the telling ones first. Table: `facts.toml`.

Withheld facts are named as withheld; they never arrive here with a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from openclets.switch.reply import ShownRecord
from openclets.web.terminal.field_words import field_word

_DATE = re.compile(r"(19|20|21)(\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_DATE_CODES = frozenset(
    [
        "DOB",
        "DOT",
        "DOW",
        "EXP",
        "ISD",
        "PPB",
        "DTE",
        "SVD",
        "RVF",
        "RVT",
        "RCD",
        "OCD",
        "CDT",
        "DLC",
        "DBF",
        "ORD",
        "SPB",
        "SPE",
    ]
)


class _FactRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    codes: list[str]
    evidence: str
    mono: bool = False
    join: str = " "
    kinds: list[str] = []


class _Facts(msgspec.Struct, frozen=True):
    fact: list[_FactRow]


@dataclass(frozen=True, slots=True)
class FactShown:
    """One row: `values` are lines, several where the fact repeats. `mono` for what is read sign by sign."""

    label: str
    values: tuple[str, ...]
    mono: bool = False


def facts_shown(record: ShownRecord) -> tuple[FactShown, ...]:
    """The rows of one record, in the order of the table, then what the table doesn't name."""
    return fact_rows(record.facts, record.kind) + tuple(
        FactShown(field_word(code), ("Withheld: not for your role",)) for code in record.withheld
    )


def fact_rows(facts: Mapping[str, object], kind: str = "") -> tuple[FactShown, ...]:
    """Rows for field codes and their values, in a record of `kind`; empty values are left out."""
    given = {code: lines for code, value in facts.items() if (lines := _lines(code, value))}
    shown: list[FactShown] = []
    taken: set[str] = set()
    for row in _table():
        if row.kinds and kind not in row.kinds:
            continue
        present = [code for code in row.codes if code in given and code not in taken]
        if present:
            taken.update(present)
            shown.append(FactShown(row.label, _together(row, [given[code] for code in present]), row.mono))
    rest = [FactShown(field_word(code), lines) for code, lines in given.items() if code not in taken]
    return (*shown, *rest)


def _together(row: _FactRow, parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    if len(parts) == 1:
        return parts[0]
    return (row.join.join(line for lines in parts for line in lines),)


def _lines(code: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(_written(code, str(one)) for one in values if one not in (None, "", [], {}))


def _written(code: str, text: str) -> str:
    if code in _DATE_CODES and _DATE.fullmatch(text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


@cache
def _table() -> tuple[_FactRow, ...]:
    text = (files("openclets.web.terminal") / "facts.toml").read_bytes()
    return tuple(msgspec.toml.decode(text, type=_Facts).fact)
