"""One line of the table: what was measured, what came out, what was aimed at, what ran beside it."""

from __future__ import annotations

import os
import platform
import sys

import msgspec

from openclets.foundation.postgres.binaries import find_binaries


class Row(msgspec.Struct, frozen=True):
    """`value` in `unit`; `mark` is what was aimed at; `beside` puts the value in proportion."""

    measure: str
    value: float
    unit: str
    mark: str = ""
    beside: str = ""


class Report(msgspec.Struct, frozen=True):
    """The rows, and the machine they were measured on. Load averages say who else was at work."""

    machine: dict[str, str]
    rows: tuple[Row, ...]


def machine() -> dict[str, str]:
    """What figures depend on."""
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": find_binaries(None).version,
        "load_before": f"{os.getloadavg()[0]:.2f}",
    }


def print_table(report: Report) -> None:
    """The report as Markdown."""
    print(
        ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.machine.items()), end="\n\n"
    )
    print("| measure | result | mark | beside |\n|---|---|---|---|")
    for row in report.rows:
        figure = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:,.1f}"
        print(f"| {row.measure} | {figure} {row.unit} | {row.mark} | {row.beside} |")
    sys.stdout.flush()
