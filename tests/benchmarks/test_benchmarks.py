"""The benchmarks run and say everything they promise. How fast is no test's affair."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

REPOSITORY = Path(__file__).parents[2]


def run(*arguments: str) -> dict[str, dict[str, object]]:
    """The rows of a run, by what they measure."""
    command = [sys.executable, "-m", "benchmarks", "--json", "--seconds", "0.5", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, timeout=240)
    report = msgspec.json.decode(done.stdout)
    assert {"cores", "system", "python", "postgresql", "load_before", "load_after"} == set(report["machine"])
    return {row["measure"]: row for row in report["rows"]}


def test_the_load_through_the_real_way_in_is_answered_whole() -> None:
    """Closed and open loop, the empty request beside them; every answer is a 200."""
    rows = run("inquiries")
    closed = rows["inquiries, 64 connections"]
    assert closed["mark"] == "≥ 3,000/s"
    assert "of empty requests" in str(closed["beside"])
    opened = rows["inquiries, open loop at 70% of that, p99"]
    assert opened["mark"] == "≤ 40 ms"
    for measure, row in rows.items():
        if measure.endswith("not answered 200"):
            assert row["value"] == 0, rows
        else:
            assert row["value"], rows


def test_the_journal_and_plain_postgresql_are_measured_beside_it() -> None:
    """Each number of callers, each size of batch."""
    rows = run("commits", "journal")
    assert [m for m in rows if m.startswith("plain PostgreSQL")] == [
        f"plain PostgreSQL, rows of {batch} inquiries a commit" for batch in (1, 32, 128)
    ]
    assert [m for m in rows if m.endswith("appended and published")] == [
        f"journal, {callers} callers, appended and published" for callers in (64, 8, 1)
    ]
    assert all(row["value"] for row in rows.values())


def test_lines_are_measured_beside_the_same_messages_over_http() -> None:
    """One line and sixteen; every message is answered, and none with an error."""
    rows = run("line")
    for measure, row in rows.items():
        if measure.endswith(("not answered 200", "answered with an error")):
            assert row["value"] == 0, rows
        else:
            assert row["value"], rows
    assert "of HTTP" in str(rows["16 lines, 2 messages at a time each, answered"]["beside"])


def test_an_unknown_benchmark_is_named() -> None:
    """A slip of the pen runs nothing."""
    command = [sys.executable, "-m", "benchmarks", "jurnal"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "no benchmark jurnal" in done.stderr
