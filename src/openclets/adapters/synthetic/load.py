"""Filling the invented record systems: records and their search keys, by COPY.

For the demo and tests; no inquiry passes here.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import msgspec
import psycopg

from openclets.adapters.synthetic.keys import search_keys
from openclets.adapters.synthetic.systems import system_row
from openclets.foundation.errors import BadInput, Fault
from openclets.records.answer import Record

_CHUNK = 20_000
_COPY_RECORD = "COPY synthetic.record (system, ref, kind, body) FROM STDIN"
_COPY_KEY = "COPY synthetic.search_key (system, key, ref) FROM STDIN"


def load(connection: psycopg.Connection[tuple[object, ...]], records: Iterable[tuple[str, Record]]) -> int:
    """Add records, each with the name of its system; returns how many. One transaction: all or none.

    `connection` has role openclets_records. Raises BadInput for a record filed in a system that does not keep
    its kind, psycopg.errors.UniqueViolation for a reference that is there already.
    """
    encoder = msgspec.json.Encoder()
    remaining = iter(records)
    count = 0
    with connection.transaction(), connection.cursor() as cursor:
        while chunk := list(islice(remaining, _CHUNK)):
            _refuse_misfiled(chunk)
            with cursor.copy(_COPY_RECORD) as copy:
                for system, record in chunk:
                    copy.write_row((system, record.ref, record.kind, encoder.encode(record).decode()))
            with cursor.copy(_COPY_KEY) as copy:
                for system, record in chunk:
                    for key in search_keys(system, record):
                        copy.write_row((system, key, record.ref))
            count += len(chunk)
        cursor.execute("ANALYZE synthetic.record, synthetic.search_key")
    return count


def clear(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Empty every invented record system."""
    with connection.transaction():
        connection.execute("TRUNCATE synthetic.record, synthetic.search_key")


def _refuse_misfiled(chunk: list[tuple[str, Record]]) -> None:
    faults = tuple(
        Fault(f"{system} {record.ref}", f"{system} keeps no {record.kind}", "file it where systems.toml says")
        for system, record in chunk
        if record.kind not in system_row(system).kinds
    )
    if faults:
        raise BadInput(faults)
