"""Bad files: every fault at once, with table, column, row and remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from openclets.exchange.check import check
from openclets.exchange.columns import ROWS_NAMED
from openclets.exchange.read import read_folder
from openclets.foundation.errors import BadInput, Fault

TRANSACTIONS = "transaction_id,at,operator_id,agency_ori,origin,reason\n"
GOOD = "T1,2026-11-22T17:00:00Z,O1,CA9010100,person,traffic stop\n"


def folder_of(
    folder: Path, transactions: str | bytes = TRANSACTIONS + GOOD, operators: str = "operator_id\nO1\n"
) -> Path:
    body = transactions.encode() if isinstance(transactions, str) else transactions
    (folder / "transactions.csv").write_bytes(body)
    (folder / "operators.csv").write_text(operators)
    return folder


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(BadInput) as bad:
        check(read_folder(folder))
    assert all(fault.remedy for fault in bad.value.faults)
    return list(bad.value.faults)


def test_the_good_folder_reads(tmp_path: Path) -> None:
    """The set-up of every refusal below, unchanged, is taken."""
    found = read_folder(folder_of(tmp_path))
    assert found.tables["transactions"]["at"].to_pylist() == [datetime(2026, 11, 22, 17, tzinfo=UTC)]
    assert check(found) == ()


@pytest.mark.parametrize(
    ("rows", "field", "code"),
    [
        ("T1,yesterday,O1,CA9010100,person,x\n", "transactions.at row 1", "VALUE_INVALID"),
        ("T1,2026-02-30T10:00:00Z,O1,CA9010100,person,x\n", "transactions.at row 1", "VALUE_INVALID"),
        ("T1,1/2/2026,O1,CA9010100,person,x\n", "transactions.at row 1", "VALUE_INVALID"),
        ("T1,,O1,CA9010100,person,x\n", "transactions.at row 1", "VALUE_MISSING"),
        (
            ",2026-11-22T17:00:00Z,O1,CA9010100,person,x\n",
            "transactions.transaction_id row 1",
            "VALUE_MISSING",
        ),
        (
            '"",2026-11-22T17:00:00Z,O1,CA9010100,person,x\n',
            "transactions.transaction_id row 1",
            "VALUE_MISSING",
        ),
        ("T1,2026-11-22T17:00:00Z,O1,CA9010100,robot,x\n", "transactions.origin row 1", "VALUE_UNKNOWN"),
        ("T1,2026-11-22T17:00:00Z,O1\n", "transactions row 1", "ROW_RAGGED"),
        (GOOD + GOOD, "transactions.transaction_id", "ROW_TWICE"),
    ],
)
def test_a_bad_row_names_table_column_and_row(tmp_path: Path, rows: str, field: str, code: str) -> None:
    """Each fault says where, what, and what to do."""
    faults = faults_of(folder_of(tmp_path, TRANSACTIONS + rows))
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


def test_the_faults_of_all_tables_come_at_once(tmp_path: Path) -> None:
    """A folder is mended once, not fault by fault."""
    folder_of(tmp_path, TRANSACTIONS + "T1,x,,CA9010100,robot,y\n", "name\nO1\n")
    (tmp_path / "shifts.csv").write_text("operator_id,starts,ends\nO1,2026-11-22T06:00:00Z,never\n")
    assert [fault.field for fault in faults_of(tmp_path)] == [
        "transactions.at row 1",
        "transactions.operator_id row 1",
        "transactions.origin row 1",
        "operators.operator_id",
        "shifts.ends row 1",
    ]


def test_a_thousand_bad_rows_are_named_briefly(tmp_path: Path) -> None:
    """The first few are named and the rest counted, so that the answer stays readable."""
    rows = "".join(f"T{n},soon,O1,CA9010100,person,x\n" for n in range(1000))
    faults = faults_of(folder_of(tmp_path, TRANSACTIONS + rows))
    assert len(faults) == ROWS_NAMED + 1
    assert str(1000 - ROWS_NAMED) in faults[-1].fault


def test_a_file_that_is_not_utf8_names_the_row(tmp_path: Path) -> None:
    """Latin-1 exports are common; the row is named so that it can be found."""
    body = (TRANSACTIONS + GOOD).encode() + "T2,2026-11-22T17:00:00Z,O1,CA9010100,person,GARCÍA\n".encode(
        "latin-1"
    )
    faults = faults_of(folder_of(tmp_path, body))
    assert [(fault.field, fault.code) for fault in faults] == [("transactions row 2", "ENCODING_INVALID")]


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_an_empty_file_says_so(tmp_path: Path, body: bytes) -> None:
    """An empty file is a fault of its own, not a table without rows."""
    assert [fault.code for fault in faults_of(folder_of(tmp_path, body))] == ["FILE_EMPTY"]


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two was meant cannot be known."""
    faults = faults_of(folder_of(tmp_path, operators="operator_id,operator_id\nO1,O2\n"))
    assert [fault.field for fault in faults] == ["operators.operator_id"]


def test_a_table_in_both_forms_is_refused(tmp_path: Path) -> None:
    """Which of the two is the log cannot be known."""
    folder_of(tmp_path)
    pq.write_table(pa.table({"operator_id": ["O1"]}), tmp_path / "operators.parquet")
    assert [fault.code for fault in faults_of(tmp_path)] == ["TABLE_TWICE"]


def test_a_missing_table_and_a_missing_folder_say_so(tmp_path: Path) -> None:
    """Without look-ups or operators there is nothing to read."""
    assert [fault.field for fault in faults_of(tmp_path)] == ["transactions", "operators"]
    assert [fault.code for fault in faults_of(tmp_path / "nowhere")] == ["FOLDER_MISSING"]


def test_a_file_that_only_says_it_is_parquet_is_refused(tmp_path: Path) -> None:
    """A renamed file is a fault with a remedy, not a stack trace."""
    folder_of(tmp_path)
    (tmp_path / "persons.parquet").write_bytes(b"PK\x03\x04 not parquet")
    assert [fault.code for fault in faults_of(tmp_path)] == ["FILE_UNREADABLE"]


def test_a_column_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    """A number is not a time, whatever one might read into it."""
    folder_of(tmp_path)
    pq.write_table(pa.table({"operator_id": ["O1"], "active_from": [1.5]}), tmp_path / "x.parquet")
    (tmp_path / "operators.csv").unlink()
    (tmp_path / "x.parquet").rename(tmp_path / "operators.parquet")
    assert [fault.field for fault in faults_of(tmp_path)] == ["operators.active_from row 1"]


def test_ends_before_beginnings_are_refused(tmp_path: Path) -> None:
    """Both columns may be well formed and the row still make no sense."""
    folder_of(tmp_path)
    (tmp_path / "shifts.csv").write_text(
        "operator_id,starts,ends\nO1,2026-11-22T18:00:00Z,2026-11-22T06:00:00Z\n"
    )
    assert [fault.code for fault in faults_of(tmp_path)] == ["TIMES_REVERSED"]


def test_rows_that_point_nowhere_are_remarked_not_refused(tmp_path: Path) -> None:
    """Real logs hold operators who left and people nobody knows; that is counted, not held against the
    log."""
    folder_of(tmp_path, operators="operator_id\nO2\n")
    (remark,) = check(read_folder(tmp_path))
    assert (remark.column, remark.rows) == ("transactions.operator_id", 1)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T17:00:00.123456Z", datetime(2026, 11, 22, 17, 0, 0, 123456, UTC)),
        ("2026-11-22T17:00:00.123456789Z", datetime(2026, 11, 22, 17, 0, 0, 123456, UTC)),
        ("2026-11-22 17:00:00", datetime(2026, 11, 22, 17, tzinfo=UTC)),
        ("2026-11-22T09:00:00-08:00", datetime(2026, 11, 22, 17, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
    ],
)
def test_times_in_the_common_ways_of_writing_are_the_same_instant(
    tmp_path: Path, text: str, instant: datetime
) -> None:
    """Times are UTC unless they say otherwise, to the microsecond."""
    folder_of(tmp_path, TRANSACTIONS + f"T1,{text},O1,CA9010100,person,x\n")
    assert read_folder(tmp_path).tables["transactions"]["at"].to_pylist() == [instant]


def test_text_that_looks_like_nothing_stays_text(tmp_path: Path) -> None:
    """NULL, NaN and TRUE are names of people; commas, quotes and line ends are text."""
    folder_of(tmp_path)
    (tmp_path / "persons.csv").write_text(
        'person_id,surname\nP1,NULL\nP2,NaN\nP3,TRUE\nP4,"O\'BRIEN, ""X""\nY"\n'
    )
    surnames = read_folder(tmp_path).tables["persons"]["surname"].to_pylist()
    assert surnames == ["NULL", "NaN", "TRUE", 'O\'BRIEN, "X"\nY']
