"""What is written reads back the same, in both forms."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclets.exchange.read import read_folder, read_table
from openclets.exchange.tables import Column, ColumnType, ExchangeTable, incoming, load_tables
from openclets.exchange.write import TableWriter, digest, write_folder

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12)
INSTANT = st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def values(column: Column) -> st.SearchStrategy[object]:
    if column.values:
        found: st.SearchStrategy[object] = st.sampled_from(column.values)
    elif column.type is ColumnType.INSTANT:
        found = INSTANT
    elif column.type is ColumnType.INTEGER:
        found = st.integers(-(10**17), 10**17)
    elif column.type is ColumnType.TEXTS:
        found = st.lists(st.from_regex(r"[A-Za-z0-9-]{1,8}", fullmatch=True), min_size=1, max_size=3)
    else:
        found = TEXT
    return found if column.required else st.none() | found


def rows_of(table: ExchangeTable, data: st.DataObject) -> pa.Table:
    count = data.draw(st.integers(0, 4))
    return pa.table(
        {
            column.name: pa.array([data.draw(values(column)) for _ in range(count)], type=column.arrow)
            for column in table.columns
        }
    )


@pytest.mark.parametrize("csv", [False, True], ids=["parquet", "csv"])
@pytest.mark.parametrize("name", sorted(load_tables()))
def test_a_table_written_reads_back_the_same(name: str, csv: bool) -> None:
    """Every table of the form, with every type and with empty values, in both forms."""
    table = load_tables()[name]

    @settings(max_examples=15, deadline=None)
    @given(st.data())
    def round_trip(data: st.DataObject) -> None:
        written = rows_of(table, data)
        with TemporaryDirectory() as folder:
            with TableWriter(Path(folder), table, csv=csv) as writer:
                writer.write(written)
            found = read_table(Path(folder) / f"{name}.{'csv' if csv else 'parquet'}", table)
        assert found.to_pylist() == written.to_pylist()
        assert found.schema == table.schema

    round_trip()


LOG = {
    "transactions": pa.table(
        {
            "transaction_id": ["T1", "T2"],
            "at": pa.array([datetime(2026, 11, 22, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC")),
            "operator_id": ["O1", "O1"],
            "agency_ori": ["CA9010100"] * 2,
            "our_own_column": ["x", "y"],
        }
    ),
    "operators": pa.table({"operator_id": ["O1"], "surname_of_clerk": ["NULL"]}),
}


@pytest.mark.parametrize("csv", [False, True], ids=["parquet", "csv"])
def test_unknown_columns_are_kept(tmp_path: Path, csv: bool) -> None:
    """A log may carry more than the form asks for; nothing of it is lost or in the way."""
    write_folder(tmp_path, LOG, csv=csv)
    found = read_folder(tmp_path)
    assert found.tables["transactions"]["our_own_column"].to_pylist() == ["x", "y"]
    assert found.tables["operators"]["surname_of_clerk"].to_pylist() == ["NULL"]


def test_absent_optional_tables_are_named(tmp_path: Path) -> None:
    """A report must be able to say what a missing table costs."""
    write_folder(tmp_path, LOG)
    assert set(read_folder(tmp_path).absent) == set(incoming()) - {"transactions", "operators"}


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    """A world from one seed can be compared by its digest, and a changed one shows."""
    for name in ("one", "two"):
        write_folder(tmp_path / name, LOG)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    write_folder(tmp_path / "two", {"operators": LOG["operators"].slice(0, 0)})
    assert digest(tmp_path / "one") != digest(tmp_path / "two")


def test_a_table_that_failed_half_way_does_not_appear(tmp_path: Path) -> None:
    """Half a table must not be taken for a whole one."""
    table = load_tables()["operators"]
    with pytest.raises(RuntimeError), TableWriter(tmp_path, table) as writer:
        writer.write_rows([("O1", None, None, None, None, None, None)])
        raise RuntimeError("the disk is full")
    assert list(tmp_path.iterdir()) == []


def test_batches_add_up_to_one_table(tmp_path: Path) -> None:
    """A table larger than memory is written in parts and is one table all the same."""
    table = load_tables()["operators"]
    with TableWriter(tmp_path, table) as writer:
        for n in range(3):
            writer.write_rows([(f"O{n}", "CA9010100", None, None, None, None, None)])
    assert writer.rows == 3
    assert read_table(tmp_path / "operators.parquet", table)["operator_id"].to_pylist() == ["O0", "O1", "O2"]


def test_every_table_says_where_it_is_from() -> None:
    """Each row of the data file has its evidence, and each column its meaning."""
    for table in load_tables().values():
        assert table.evidence, table.name
        assert all(column.meaning for column in table.columns), table.name
        assert set(table.key) <= {column.name for column in table.columns}, table.name
