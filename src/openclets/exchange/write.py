"""Writing tables of the exchange form: Parquet by default, or CSV. Equal tables give equal bytes.

A table appears under its name only once it is whole. `digest` names a folder's content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from openclets.exchange.tables import ExchangeTable, load_tables


class TableWriter:
    """Writes one table, batch by batch, so that it need not fit in memory. Use as a context."""

    def __init__(self, folder: Path, table: ExchangeTable, *, csv: bool = False) -> None:
        self._table = table
        self._csv = csv
        self._path = folder / f"{table.name}.{'csv' if csv else 'parquet'}"
        self._unfinished = self._path.with_suffix(self._path.suffix + ".part")
        self._writer: Any = None
        self._schema: Any = None
        self.rows = 0

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None and self._writer is None:
            self.write(self._table.empty())
        if self._writer is not None:
            self._writer.close()
        if kind is None:
            self._unfinished.replace(self._path)
        else:
            self._unfinished.unlink(missing_ok=True)

    def write(self, rows: Any) -> None:
        """Add an Arrow table: the named columns in any order, others after them. Absent named columns are
        empty.

        Raises pyarrow.ArrowInvalid for values that are not of the column's type.
        """
        whole = _aligned(rows, self._table)
        if self._csv:
            whole = _as_text(whole)
        if self._writer is None:
            self._schema = whole.schema
            self._writer = (
                pcsv.CSVWriter(self._unfinished, self._schema)
                if self._csv
                else pq.ParquetWriter(self._unfinished, self._schema, compression="zstd", store_schema=False)
            )
        self._writer.write_table(whole.cast(self._schema))
        self.rows += whole.num_rows

    def write_rows(self, rows: list[tuple[object, ...]]) -> None:
        """Add rows of the named columns, in the order of `tables.toml`."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self._table.columns)
        arrays = [
            pa.array(values, type=column.arrow)
            for values, column in zip(columns, self._table.columns, strict=True)
        ]
        self.write(pa.table(arrays, schema=self._table.schema))


def write_folder(folder: Path, tables: Mapping[str, Any], *, csv: bool = False) -> dict[str, int]:
    """Write each table under its name; rows by table. Raises KeyError for a name the form does not have."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for name, rows in tables.items():
        with TableWriter(folder, load_tables()[name], csv=csv) as writer:
            writer.write(rows)
        counts[name] = writer.rows
    return counts


def digest(folder: Path) -> str:
    """SHA-256 over names and bytes of all tables of the form under `folder`, in hexadecimal."""
    whole = hashlib.sha256()
    for path in sorted(path for form in ("csv", "parquet") for path in folder.rglob(f"*.{form}")):
        if path.stem not in load_tables():
            continue
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _aligned(rows: Any, table: ExchangeTable) -> Any:
    known = {column.name for column in table.columns}
    columns = [
        rows[column.name].cast(column.arrow)
        if column.name in rows.column_names
        else pa.nulls(rows.num_rows, column.arrow)
        for column in table.columns
    ]
    others = [name for name in rows.column_names if name not in known]
    names = [*(column.name for column in table.columns), *others]
    return pa.table([*columns, *(rows[name] for name in others)], names=names)


def _as_text(rows: Any) -> Any:
    """Instants as RFC 3339 with six decimals, lists joined by `;`: what CSV cannot say for itself."""
    columns = []
    for name in rows.column_names:
        column = rows[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        elif pa.types.is_list(column.type):
            column = pc.binary_join(column, ";")
        columns.append(column)
    return pa.table(columns, names=rows.column_names)
