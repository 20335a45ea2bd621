"""The HTTP/JSON connector passes the kit, over real sockets to a real process, in every trouble a line can
have.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from adapters.line import Line
from adapters.samples import FILED, GATE_KEY, query
from openclets.adapters.connectors import limits_for
from openclets.adapters.http_json.outside import write_records
from openclets.adapters.http_json.outside_process import OutsideProcess, start_outside
from openclets.adapters.http_json.system import HttpJsonSystem
from openclets.foundation.clock import SystemClock
from openclets.records.conformance import CHECKS, Check, Trouble
from openclets.records.query import Query


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideProcess]:
    """A running national system that holds the sample records."""
    folder: Path = tmp_path_factory.mktemp("outside")
    write_records(folder / "ncic.jsonl", [filed for filed in FILED if filed[0].startswith("ncic.")])
    (folder / "gate.key").write_text(GATE_KEY.hex() + "\n")
    process = start_outside("ncic", folder / "ncic.jsonl", folder / "gate.key")
    yield process
    process.stop()


class HttpBench:
    """A `records.conformance.Workbench` over the national protection orders."""

    def __init__(self, line: Line) -> None:
        self._line = line
        # A short rest, so that a check need not wait for the breaker to try again.
        limits = dataclasses.replace(
            limits_for("ncic.protection_order"), breaker_rest_s=0.2, breaker_trial_s=0.0
        )
        self.system = HttpJsonSystem("ncic.protection_order", line.url, GATE_KEY, limits, SystemClock())

    def hit(self) -> Query:
        return query("ncic.protection_order", {"NAM": "VANCE,RILEY J", "DOB": "19880417"}, "QPO")

    def record(self) -> Query:
        return query("ncic.protection_order", {"PNO": "20DV00001"}, "QPO")

    def nothing(self) -> Query:
        return query("ncic.protection_order", {"NAM": "SYNTHE,NOBODY", "DOB": "19700101"}, "QPO")

    async def received(self) -> int:
        return self._line.received

    def in_trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]:
        return self._line.in_trouble(trouble)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_http_json_connector_keeps_the_ports_promise(check: Check, outside: OutsideProcess) -> None:
    """Every check of the kit, with a fresh connector."""

    async def run() -> None:
        line = Line(int(outside.url.rpartition(":")[2]))
        await line.start()
        bench = HttpBench(line)
        try:
            await check(bench)
        finally:
            await bench.system.close()
            await line.stop()

    asyncio.run(run())
