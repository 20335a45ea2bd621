"""`openclets world generate`: the same from the same seed, whole in the exchange form, ordinary work only."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openclets.cli.world import app
from openclets.demo.past.generate import generate
from openclets.demo.world import Size, make_world
from openclets.exchange.check import check
from openclets.exchange.read import Exchange, read_folder, read_table
from openclets.exchange.tables import incoming, load_tables

LAST = date(2026, 6, 30)
SIZE = Size(agencies=8, operators=50, persons=20_000, days=4)
LITTLE = Size(agencies=8, operators=50, persons=1_000, days=2)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    folder = tmp_path_factory.mktemp("world")
    generate(make_world(SIZE, 5, LAST), folder)
    return read_folder(folder)


def column(exchange: Exchange, table: str, name: str) -> list[object]:
    values: list[object] = exchange.tables[table][name].to_pylist()
    return values


def test_every_table_is_there_and_none_points_nowhere(exchange: Exchange) -> None:
    """Read and checked by the same code that reads other people's logs; not one remark."""
    assert exchange.absent == ()
    assert check(exchange) == ()
    assert all(exchange.tables[name].num_rows for name in incoming())


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    """Reproducible by seed: the digest is the same, and another seed's is another."""
    digests = []
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        (tmp_path / name).mkdir()
        digests.append(generate(make_world(LITTLE, seed, LAST), tmp_path / name).digest)
    assert digests[0] == digests[1] != digests[2]


def test_csv_says_what_parquet_says(tmp_path: Path, exchange: Exchange) -> None:
    """Two forms of one world read as the same tables."""
    generate(make_world(SIZE, 5, LAST), tmp_path, csv=True)
    found = read_folder(tmp_path)
    for name, rows in exchange.tables.items():
        assert found.tables[name].to_pylist() == rows.to_pylist(), name


def test_nothing_is_planted_yet_and_the_truth_says_so(tmp_path: Path) -> None:
    """The table is there with its columns and no rows."""
    generate(make_world(LITTLE, 5, LAST), tmp_path)
    planted = read_table(tmp_path / "truth" / "planted.parquet", load_tables()["planted"])
    assert planted.num_rows == 0
    assert planted.schema == load_tables()["planted"].schema


def test_look_ups_follow_the_work(exchange: Exchange) -> None:
    """Every operator is on shift or still on a call, every incident named had begun, and a cause is given."""
    shifts: dict[object, list[tuple[object, object]]] = {}
    for operator, starts, ends in zip(
        *(column(exchange, "shifts", name) for name in ("operator_id", "starts", "ends")), strict=True
    ):
        shifts.setdefault(operator, []).append((starts, ends))
    for row in exchange.tables["assignments"].to_pylist():
        shifts.setdefault(row["operator_id"], []).append((row["from"], row["to"]))
    opened = dict(
        zip(
            column(exchange, "incidents", "incident_id"), column(exchange, "incidents", "opened"), strict=True
        )
    )
    rows = exchange.tables["transactions"].to_pylist()
    for row in rows:
        if row["origin"] == "person":
            assert any(starts <= row["at"] <= ends for starts, ends in shifts[row["operator_id"]]), row
        assert row["incident_id"] is None or opened[row["incident_id"]] <= row["at"]
        assert row["reason"] or row["incident_id"]
    claimed = sum(row["incident_id"] is not None for row in rows) / len(rows)
    assert 0.3 < claimed < 0.9


def test_nobody_looks_up_themselves(exchange: Exchange) -> None:
    """Misuse is not planted here; an own-record look-up would be a plant by accident."""
    person = dict(
        zip(
            column(exchange, "operators", "operator_id"),
            column(exchange, "operators", "person_id"),
            strict=True,
        )
    )
    for row in exchange.tables["transactions"].to_pylist():
        assert row["subject_id"] is None or row["subject_id"] != person[row["operator_id"]]


def test_volume_and_mixture_are_plausible(exchange: Exchange) -> None:
    """Tens of look-ups an operator and day; plates more than people; hits are rare."""
    rows = exchange.tables["transactions"].to_pylist()
    assert 10 < len(rows) / (SIZE.days * SIZE.operators) < 60
    keys = Counter(row["message_key"] for row in rows)
    assert keys["QPL"] > keys["DQ"] > keys["IQ"] > 0
    assert 0 < sum(row["result"] == "HIT" for row in rows) / len(rows) < 0.1
    assert {row["origin"] for row in rows} == {"person", "machine"}
    assert any(row["on_behalf_of"] for row in rows)
    assert any(row["subject_id"] is None and row["subject_term"] for row in rows)


def test_criminal_history_carries_its_purpose(exchange: Exchange) -> None:
    """As the rules would have refused it otherwise."""
    for row in exchange.tables["transactions"].to_pylist():
        assert (row["purpose_code"] == "C") == (row["message_key"] in {"IQ", "FQ"})


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["generate", *arguments])
    return result.exit_code, result.stdout, result.stderr


SMALL = ("--seed", "5", "--agencies", "8", "--operators", "50", "--persons", "1000", "--days", "2")


def test_the_command_writes_a_world_and_says_its_digest(tmp_path: Path) -> None:
    """One JSON document, which agrees with the manifest beside the tables."""
    code, out, _ = run("--out", str(tmp_path / "w"), *SMALL, "--json")
    assert code == 0
    said = json.loads(out)
    assert said["sha256"] == json.loads((tmp_path / "w" / "world.json").read_text())["sha256"]
    assert read_folder(tmp_path / "w").tables["transactions"].num_rows == said["rows"]["transactions"]


def test_a_folder_with_something_in_it_is_not_touched_unless_asked(tmp_path: Path) -> None:
    """And when asked, only what a generator wrote is replaced."""
    (tmp_path / "notes.txt").write_text("mine")
    code, _, said = run("--out", str(tmp_path), *SMALL)
    assert (code, sorted(path.name for path in tmp_path.iterdir())) == (2, ["notes.txt"])
    assert "--force" in said
    assert run("--out", str(tmp_path), *SMALL, "--csv", "--force")[0] == 0
    assert run("--out", str(tmp_path), *SMALL, "--force")[0] == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not list(tmp_path.glob("*.csv"))


def test_every_fault_of_a_request_comes_at_once(tmp_path: Path) -> None:
    """Wrong usage is exit code 2, with each fault and its remedy."""
    (tmp_path / "file").write_text("")
    code, out, _ = run(
        "--out",
        str(tmp_path / "file"),
        "--seed",
        "1",
        "--persons",
        "3",
        "--days",
        "0",
        "--until",
        "soon",
        "--json",
    )
    assert code == 2
    faults = json.loads(out)["error"]["faults"]
    assert [fault["field"] for fault in faults] == ["--persons", "--days", "--operators", "--until", "--out"]
    assert all(fault["remedy"] for fault in faults)
