"""How long `openclets demo` takes until it can answer: on an empty folder, and on one that is filled."""

from __future__ import annotations

from benchmarks.demo import bench_folder, demo
from benchmarks.row import Row


def rows(seconds: float) -> list[Row]:
    """Start it twice; `seconds` does not matter here."""
    with bench_folder() as folder:
        with demo(folder) as cold:
            pass
        with demo(folder) as warm:
            pass
    return [
        Row("`openclets demo`, first start", cold.started_s, "s", "≤ 180 s"),
        Row("`openclets demo`, next start", warm.started_s, "s", "≤ 15 s"),
    ]
