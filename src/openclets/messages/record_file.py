"""Files that agencies enter records into, and the keys made from them (`catalog/record_files.toml`).

One row of a file stands for up to eight keys: its entries, plain and with caution, and the keys that modify,
cancel, clear and locate what was entered (messages.md 2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from openclets.messages.key import FieldSet, KeyKind, MessageKey

NETWORK = "NCIC"
CAUTION = "C"
"""Stands after an entry's key where the record carries a caution."""

VERBS = {
    "M": (KeyKind.MODIFY, "Modify"),
    "X": (KeyKind.CANCEL, "Cancel, entered in error:"),
    "C": (KeyKind.CLEAR, "Clear"),
    "L": (KeyKind.LOCATE, "Locate"),
}
_REMOVAL = ("RPS", "HIT", "VRC", "NPA", "NPF")
_ACTS = {
    KeyKind.CANCEL: FieldSet(("NIC",), ("RPS", "DOC")),
    KeyKind.CLEAR: FieldSet(("NIC", "DCL"), _REMOVAL),
    KeyKind.LOCATE: FieldSet(("NIC", "DOL"), ("LCA", "DIS", *_REMOVAL)),
}
_EXAMPLES = {KeyKind.CANCEL: {}, KeyKind.CLEAR: {"DCL": "20260403"}, KeyKind.LOCATE: {"DOL": "20260402"}}
NIC_EXAMPLE = "990000417"


class EnterRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that enters a record: what of, and whether it has a form with caution."""

    key: str
    meaning: str
    caution: bool


class FileRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of the table."""

    code: str
    letter: str
    name: str
    record_class: str
    systems: list[str]
    enter: list[EnterRow]
    verbs: list[str]
    required: list[str]
    any_of: list[list[str]]
    optional: list[str]
    example: dict[str, str]
    carried: bool = True
    not_carried: str = ""
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file as others use it: its record systems, the state's own first, and all the fields it may hold.

    `letter` begins the numbers of its records.
    """

    code: str
    letter: str
    name: str
    record_class: str
    systems: tuple[str, ...]
    fields: frozenset[str]
    evidence: str
    source: str


def record_file(row: FileRow) -> RecordFile:
    """The file of that row."""
    return RecordFile(
        row.code,
        row.letter,
        row.name,
        row.record_class,
        tuple(row.systems),
        _fields(row),
        row.evidence,
        row.source,
    )


def keys_of(row: FileRow) -> Iterator[MessageKey]:
    """Every key of the file, entries first."""
    entry_sets = _entry_sets(row)
    for enter in row.enter:
        meaning = f"Enter a {row.name}: {enter.meaning}"
        yield _key(row, enter.key, KeyKind.ENTER, meaning, entry_sets, row.example)
        if enter.caution:
            example = {**row.example, "CMC": "00"}
            named = f"{meaning}; with caution"
            yield _key(
                row,
                enter.key + CAUTION,
                KeyKind.ENTER,
                named,
                _with_caution(entry_sets),
                example,
                caution=True,
            )
    for letter in row.verbs:
        kind, word = VERBS[letter]
        nic = row.letter + NIC_EXAMPLE
        if kind is KeyKind.MODIFY:
            changeable = tuple(sorted(_fields(row) | {"DEL"}))
            sets = (FieldSet(("NIC",), changeable),)
            example = {"NIC": nic, "MIS": "CORRECTED"} if "MIS" in changeable else {"NIC": nic}
        else:
            sets, example = (_ACTS[kind],), {"NIC": nic, **_EXAMPLES[kind]}
        yield _key(row, letter + row.code, kind, f"{word} a {row.name} record", sets, example)


def _fields(row: FileRow) -> frozenset[str]:
    return frozenset([*row.required, *row.optional, *(code for each in row.any_of for code in each)])


def _entry_sets(row: FileRow) -> tuple[FieldSet, ...]:
    every = _fields(row)
    return tuple(
        FieldSet(required, tuple(sorted(every.difference(required))))
        for required in ((*row.required, *more) for more in (row.any_of or [[]]))
    )


def _with_caution(sets: tuple[FieldSet, ...]) -> tuple[FieldSet, ...]:
    return tuple(
        FieldSet((*each.required, "CMC"), tuple(code for code in each.optional if code != "CMC"))
        for each in sets
    )


def _key(
    row: FileRow,
    key: str,
    kind: KeyKind,
    meaning: str,
    sets: tuple[FieldSet, ...],
    example: dict[str, str],
    *,
    caution: bool = False,
) -> MessageKey:
    return MessageKey(
        key=key,
        network=NETWORK,
        meaning=meaning,
        record_class=row.record_class,
        response_key="ACK",
        field_sets=sets,
        optional=(),
        needs_purpose=False,
        needs_attention=False,
        needs_case=True,
        person="NAM" in row.required,
        evidence=row.evidence,
        source=row.source,
        example=example,
        carried=row.carried,
        not_carried=row.not_carried,
        destinations_max=0,
        kind=kind,
        record_file=row.code,
        caution=caution,
    )
