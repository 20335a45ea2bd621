"""Holding the tables of a folder against each other: rows named twice, ends before beginnings, ties that
lead nowhere.

What is wrong beyond use is a fault; what only weakens a finding is a remark, counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openclets.exchange.columns import ROWS_NAMED
from openclets.exchange.read import Exchange
from openclets.exchange.tables import incoming
from openclets.foundation.errors import BadInput, Fault

_SPANS = {
    "operators": ("active_from", "active_to"),
    "relations": ("valid_from", "valid_to"),
    "vehicles": ("valid_from", "valid_to"),
    "shifts": ("starts", "ends"),
    "incidents": ("opened", "closed"),
    "assignments": ("from", "to"),
    "broadcasts": ("from", "to"),
}
_POINTS = (
    ("transactions", "operator_id", "operators", "operator_id"),
    ("transactions", "subject_id", "persons", "person_id"),
    ("transactions", "vehicle_id", "vehicles", "vehicle_id"),
    ("transactions", "incident_id", "incidents", "incident_id"),
    ("transaction_subjects", "transaction_id", "transactions", "transaction_id"),
    ("transaction_subjects", "subject_id", "persons", "person_id"),
    ("operators", "person_id", "persons", "person_id"),
    ("relations", "person_a", "persons", "person_id"),
    ("relations", "person_b", "persons", "person_id"),
    ("vehicles", "owner_id", "persons", "person_id"),
    ("shifts", "operator_id", "operators", "operator_id"),
    ("assignments", "operator_id", "operators", "operator_id"),
    ("assignments", "incident_id", "incidents", "incident_id"),
    ("incident_parties", "incident_id", "incidents", "incident_id"),
    ("incident_parties", "person_id", "persons", "person_id"),
    ("work_items", "operator_id", "operators", "operator_id"),
    ("work_items", "person_id", "persons", "person_id"),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """`rows` rows of a column point to nothing in another table: possible in a real log, and worth
    knowing."""

    column: str
    rows: int
    text: str


def check(exchange: Exchange) -> tuple[Remark, ...]:
    """Remarks on the tables as a whole. Raises BadInput with all faults."""
    faults: list[Fault] = []
    for name, rows in exchange.tables.items():
        faults += _named_twice(name, rows)
        if name in _SPANS:
            faults += _reversed(name, rows, *_SPANS[name])
    if faults:
        raise BadInput(tuple(faults))
    return tuple(remark for point in _POINTS for remark in _nowhere(exchange.tables, *point))


def _named_twice(name: str, rows: Any) -> list[Fault]:
    key = list(incoming()[name].key)
    if not key or not rows.num_rows:
        return []
    counted = rows.select(key).group_by(key).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted["count_all"], 1))
    named = [
        Fault(
            f"{name}.{'+'.join(key)}",
            f"{' '.join(str(row[part]) for part in key)} is there {row['count_all']} times",
            "give each row once",
            "ROW_TWICE",
        )
        for row in twice.slice(0, ROWS_NAMED).to_pylist()
    ]
    if twice.num_rows > ROWS_NAMED:
        rest = f"{twice.num_rows - ROWS_NAMED} more are there several times"
        named.append(Fault(f"{name}.{'+'.join(key)}", rest, "give each row once", "ROW_TWICE"))
    return named


def _reversed(name: str, rows: Any, first: str, last: str) -> list[Fault]:
    bad: list[int] = pc.indices_nonzero(pc.fill_null(pc.less(rows[last], rows[first]), False)).to_pylist()
    named = [
        Fault(
            f"{name}.{last} row {n + 1}",
            f"is before {first}",
            "send the end after the beginning",
            "TIMES_REVERSED",
        )
        for n in bad[:ROWS_NAMED]
    ]
    if len(bad) > ROWS_NAMED:
        rest = f"{len(bad) - ROWS_NAMED} more rows are before {first}"
        named.append(Fault(f"{name}.{last}", rest, "send the end after the beginning", "TIMES_REVERSED"))
    return named


def _nowhere(tables: dict[str, Any], name: str, column: str, other: str, known: str) -> list[Remark]:
    if name not in tables or other not in tables:
        return []
    values = tables[name][column]
    there = pc.is_in(values, value_set=_one_chunk(tables[other][known]))
    rows = int(pc.sum(pc.and_(pc.is_valid(values), pc.invert(there))).as_py() or 0)
    return [Remark(f"{name}.{column}", rows, f"not among {other}.{known}")] if rows else []


def _one_chunk(column: Any) -> Any:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.array([], column.type)
