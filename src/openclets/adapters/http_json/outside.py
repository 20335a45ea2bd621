"""An outside organization's own side: its records in memory, its own check of receipts, its own count and
log.

It shares with the invented state's systems only how records are filed, judged and printed. Its log is what
ours is reconciled with: every message that reached it, by our transaction and entry.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from openclets.adapters.gate import may_pass
from openclets.adapters.synthetic.answering import answer, cannot_be_searched
from openclets.adapters.synthetic.keys import keys_for, search_keys
from openclets.adapters.synthetic.systems import system_row
from openclets.adapters.synthetic.texts.printing import MomentOf
from openclets.foundation.clock import Clock, rfc3339
from openclets.foundation.errors import BadInput, Fault
from openclets.records.answer import Answer, LegState, Record
from openclets.records.query import Query

LOG_KEPT = 100_000
"""How many messages its own log holds."""


class FiledRecord(msgspec.Struct, frozen=True):
    """A line of a records file."""

    system: str
    record: Record


def write_records(path: Path, records: Iterable[tuple[str, Record]]) -> int:
    """Write a records file, a JSON line for each record; returns how many."""
    count = 0
    with path.open("wb") as file:
        for system, record in records:
            file.write(msgspec.json.encode(FiledRecord(system, record)) + b"\n")
            count += 1
    return count


def read_records(path: Path) -> Iterator[tuple[str, Record]]:
    """The records of a file. Raises BadInput naming the first line that holds none."""
    decoder = msgspec.json.Decoder(FiledRecord)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                filed = decoder.decode(line)
            except msgspec.DecodeError as broken:
                where = f"{path.name} line {number}"
                raise BadInput((Fault(where, str(broken), "write one record a line"),)) from broken
            yield filed.system, filed.record


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One message that reached the outside system, as its own log keeps it. No search term, no record."""

    at: str
    query_id: str
    transaction: str
    system: str
    message_key: str
    agency_ori: str
    operator_id: str
    terminal_id: str
    purpose_code: str
    entry_index: int
    entry_sha256: str
    state: LegState


class OutsideRecords:
    """One outside organization: its records, the count of its messages, the log of the last LOG_KEPT."""

    def __init__(self, gate_key: bytes, clock: Clock) -> None:
        self._gate_key = gate_key
        self._clock = clock
        self._moment = MomentOf(clock)
        self._filed: dict[tuple[str, str], list[Record]] = {}
        self._systems: set[str] = set()
        self._transactions: set[str] = set()
        self.messages = 0
        self.log: deque[LoggedMessage] = deque(maxlen=LOG_KEPT)

    def load(self, records: Iterable[tuple[str, Record]]) -> int:
        """File records; returns how many."""
        count = 0
        for system, record in records:
            self._systems.add(system)
            for key in search_keys(system, record):
                self._filed.setdefault((system, key), []).append(record)
            count += 1
        return count

    @property
    def asked(self) -> int:
        """How many different transactions reached it with a receipt that verifies."""
        return len(self._transactions)

    def answer(self, query_id: str, query: Query) -> Answer:
        """What it says to one message, entered in its own log."""
        said = self._answer(query)
        self.messages += 1
        if said.state is not LegState.DENIED:
            self._transactions.add(query.transaction)
        receipt, asker = query.receipt, query.asker
        self.log.append(
            LoggedMessage(
                rfc3339(self._clock.now()),
                query_id,
                query.transaction,
                query.system,
                query.message_key,
                asker.agency_ori,
                asker.operator_id,
                asker.terminal_id,
                asker.purpose_code,
                receipt.index,
                receipt.entry_sha256,
                said.state,
            )
        )
        return said

    def _answer(self, query: Query) -> Answer:
        if not may_pass(query, self._gate_key):
            return Answer(
                LegState.DENIED, text="DENIED - RECEIPT", detail="the journal receipt does not verify"
            )
        if query.system not in self._systems:
            return Answer(LegState.DENIED, text="DENIED - SYSTEM", detail=f"{query.system} is not held here")
        row = system_row(query.system)
        keys = keys_for(row, query)
        if not keys:
            return cannot_be_searched(row, query)
        found = {record.ref: record for key in keys for record in self._filed.get((query.system, key), ())}
        return answer(row, query, found.values(), self._moment())
