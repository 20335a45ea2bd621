"""Run the benchmarks named, or all, and print the table.

python -m benchmarks [NAME…] [--json] [--seconds N]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

import msgspec

from benchmarks import commits, inquiries, journal, line, start, verify
from benchmarks.row import Report, Row, machine, print_table

BENCHMARKS: dict[str, Callable[[float], list[Row]]] = {
    "inquiries": inquiries.rows,
    "line": line.rows,
    "commits": commits.rows,
    "journal": journal.rows,
    "verify": verify.rows,
    "start": start.rows,
}


def main() -> None:
    """Run what the command line names."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast openclets is.")
    arguments.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default"
    )
    arguments.add_argument("--json", action="store_true", help="print one JSON document")
    arguments.add_argument("--seconds", type=float, default=8.0, help="how long each rate is measured")
    chosen = arguments.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        arguments.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    facts = machine()
    rows: list[Row] = []
    for name in chosen.names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += BENCHMARKS[name](chosen.seconds)
    facts["load_after"] = f"{os.getloadavg()[0]:.2f}"
    report = Report(facts, tuple(rows))
    if chosen.json:
        print(msgspec.json.encode(report).decode())
    else:
        print_table(report)


if __name__ == "__main__":
    main()
