"""Reading one CSV file as text, or every row of it that is not CSV. Typing is `columns.py`'s affair."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv

from openclets.foundation.errors import BadInput, Fault

FAULTS_MAX = 20
_LARGEST_BLOCK = 1 << 26


def read_csv(path: Path) -> Any:
    """The file's columns, all text; empty fields are null. Raises BadInput with the rows that cannot be
    read."""
    header = _header(path)
    short: list[Fault] = []

    def note(row: Any) -> str:
        if len(short) < FAULTS_MAX:
            where = f"{path.stem} row {row.number - 1}" if row.number else path.stem
            fault = f"has {row.actual_columns} fields where the header has {row.expected_columns}"
            short.append(Fault(where, fault, "quote fields that hold commas or line ends", "ROW_RAGGED"))
        return "skip"

    try:
        found = pcsv.read_csv(
            path,
            # One thread keeps row numbers; newlines in quoted text are RFC 4180.
            read_options=pcsv.ReadOptions(use_threads=False, block_size=_LARGEST_BLOCK),
            parse_options=pcsv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowException as error:
        raise BadInput(_why(path, str(error))) from error
    if short:
        raise BadInput(tuple(short))
    return found


def _header(path: Path) -> list[str]:
    """The header's names. Raises BadInput when there is none, or when it names a column twice or not at
    all."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(_why(path, str(error))) from error
    if not names:
        raise BadInput((Fault(path.name, "is empty", "begin with a header of column names", "FILE_EMPTY"),))
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = [
        Fault(f"{path.stem}.{name}", "is there twice", "leave one column of a name", "COLUMN_TWICE")
        for name in twice
    ]
    if faults:
        raise BadInput(tuple(faults))
    return names


def _why(path: Path, error: str) -> tuple[Fault, ...]:
    """What ails the file: the lines that are not UTF-8 where that is it, else the reader's own words."""
    faults: list[Fault] = []
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                where = f"{path.stem} row {number}" if number else f"{path.stem} header"
                faults.append(Fault(where, "is not UTF-8", "save the file as UTF-8", "ENCODING_INVALID"))
                if len(faults) == FAULTS_MAX:
                    break
    reason = error.splitlines()[0][:200]
    return tuple(faults) or (
        Fault(path.name, f"is not CSV ({reason})", "write it as RFC 4180", "FILE_UNREADABLE"),
    )
