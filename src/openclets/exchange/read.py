"""Reading a folder of the exchange form into typed tables, or every fault in it at once.

Takes NAME.parquet or NAME.csv (UTF-8, header, RFC 4180). Unknown columns are kept as they are; files of
other names are left alone. A time without a zone is UTC, as the form says. Rows are counted from 1, without
the header.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from openclets.exchange.columns import convert
from openclets.exchange.csv_file import read_csv
from openclets.exchange.tables import ExchangeTable, incoming
from openclets.foundation.errors import BadInput, Fault


@dataclass(frozen=True, slots=True)
class Exchange:
    """The tables of a folder, by name. `absent` are optional tables that were not there."""

    tables: dict[str, Any]
    absent: tuple[str, ...]


def read_folder(folder: Path) -> Exchange:
    """Every table of the form found in `folder`. Raises BadInput with all faults of all tables."""
    if not folder.is_dir():
        raise BadInput(
            (
                Fault(
                    str(folder), "is not a folder", "name the folder that holds the tables", "FOLDER_MISSING"
                ),
            )
        )
    tables: dict[str, Any] = {}
    absent: list[str] = []
    faults: list[Fault] = []
    for name, table in incoming().items():
        try:
            path = find_table(folder, name)
            if path is not None:
                tables[name] = read_table(path, table)
            elif table.required:
                remedy = f"add {name}.parquet or {name}.csv: {table.meaning} a row"
                faults.append(
                    Fault(name, "is missing, and nothing can be read without it", remedy, "TABLE_MISSING")
                )
            else:
                absent.append(name)
        except BadInput as bad:
            faults.extend(bad.faults)
    if faults:
        raise BadInput(tuple(faults))
    return Exchange(tables, tuple(absent))


def find_table(folder: Path, name: str) -> Path | None:
    """The file of that table, None where there is none. Raises BadInput when it is there in both forms."""
    found = [path for path in (folder / f"{name}.parquet", folder / f"{name}.csv") if path.is_file()]
    if len(found) == 2:
        fault = Fault(name, "is there as Parquet and as CSV", "leave one of the two", "TABLE_TWICE")
        raise BadInput((fault,))
    return found[0] if found else None


def read_table(path: Path, table: ExchangeTable) -> Any:
    """One file as the table it should be, unknown columns last. Raises BadInput with all its faults."""
    raw = read_csv(path) if path.suffix == ".csv" else _read_parquet(path)
    faults: list[Fault] = []
    columns: list[Any] = []
    for column in table.columns:
        if column.name not in raw.column_names:
            if column.required:
                remedy = f"add the column: {column.meaning}"
                faults.append(Fault(f"{table.name}.{column.name}", "is missing", remedy, "COLUMN_MISSING"))
            columns.append(pa.nulls(raw.num_rows, column.arrow))
            continue
        converted, wrong = convert(raw[column.name], column, table.name)
        columns.append(converted)
        faults.extend(wrong)
    if faults:
        raise BadInput(tuple(faults))
    known = {column.name for column in table.columns}
    others = [name for name in raw.column_names if name not in known]
    return pa.table(
        [*columns, *(raw[name] for name in others)], names=[*(c.name for c in table.columns), *others]
    )


def _read_parquet(path: Path) -> Any:
    try:
        raw = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        fault = Fault(path.name, f"is not a Parquet file ({reason})", "write it again", "FILE_UNREADABLE")
        raise BadInput((fault,)) from error
    twice = sorted({name for name in raw.column_names if raw.column_names.count(name) > 1})
    if twice:
        faults = (
            Fault(f"{path.stem}.{name}", "is there twice", "leave one column of a name", "COLUMN_TWICE")
            for name in twice
        )
        raise BadInput(tuple(faults))
    return raw
