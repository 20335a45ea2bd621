"""The rows of `catalog/`: their shapes, and what makes a row wrong.

A row that names an unknown field, edit or network, lacks its evidence, or has a part nobody reads would make
the switch accept or refuse what nobody decided, so nothing is read until every row is right.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec

from openclets.foundation.errors import BrokenInvariant
from openclets.messages.edit import EDITS
from openclets.messages.key import KeyKind
from openclets.messages.record_file import VERBS, FileRow

NETWORKS = frozenset({"NLETS", "NCIC", "LOCAL"})
RECORD_CLASSES = frozenset(
    {
        "vehicle",
        "driver",
        "vessel",
        "off_highway",
        "parking",
        "wanted",
        "stolen",
        "restraining_order",
        "criminal_history",
        "firearm",
        "supervision",
        "composite",
        "driver_history",
        "missing",
        "registrant",
        "identity_theft",
        "gang",
        "confirmation",
        "message",
    }
)
_BETWEEN_AGENCIES = frozenset({KeyKind.ADMINISTRATIVE, KeyKind.CONFIRMATION})
EVIDENCE = ("found", "recalled", "second-hand", "design")


class _Row(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    evidence: str
    source: str


class FieldSetRow(msgspec.Struct, forbid_unknown_fields=True):
    required: list[str]
    optional: list[str] = []


class KeyRow(_Row):
    key: str
    network: str
    meaning: str
    record_class: str
    response_key: str
    field_sets: list[FieldSetRow]
    example: dict[str, str]
    optional: list[str] = []
    needs: list[str] = []
    person: bool = True
    destinations_max: int = 5
    kind: KeyKind = KeyKind.INQUIRY
    wildcards: list[str] = []
    on_by_default: bool = True
    carried: bool = True
    not_carried: str = ""


class ResponseRow(_Row):
    key: str
    network: str
    answers: list[str]
    meaning: str


class FieldRow(_Row):
    code: str
    name: str
    edit: str
    min: int
    max: int
    form: str
    example: str
    pattern: str = ""
    values: dict[str, str] = {}
    letters: dict[str, str] = {}
    placeholders: list[str] = []
    default: str = ""
    member: str = ""
    free_text: bool = False
    repeat_max: int = 1


class PurposeRow(_Row):
    code: str
    meaning: str
    use: str
    sender_classes: list[str]
    keys: list[str]
    must_have: str


class StateRow(_Row):
    name: str
    codes: list[str]
    state: bool
    destination: bool
    ori: bool
    carried: bool


@dataclass(frozen=True, slots=True)
class CatalogRows:
    """Every row, checked, by table and in order."""

    keys: list[KeyRow]
    files: list[FileRow]
    responses: list[ResponseRow]
    fields: list[FieldRow]
    purposes: list[PurposeRow]
    states: list[StateRow]


def read_catalog() -> dict[str, Any]:
    """The rows as they stand, by table: `key`, `file`, `response`, `field`, `purpose`, `group`."""
    folder = files("openclets.messages") / "catalog"
    rows: dict[str, Any] = {"key": []}
    for name in ("record_files", "responses", "fields", "purposes", "states"):
        rows |= tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    for page in sorted((folder / "keys").iterdir(), key=lambda each: each.name):
        rows["key"] += tomllib.loads(page.read_text("utf-8"))["key"]
    return rows


def check_rows(rows: dict[str, Any]) -> CatalogRows:
    """The rows in their shapes. Raises BrokenInvariant naming every row that is wrong."""
    wrong: list[str] = []
    read = CatalogRows(
        keys=_convert(rows["key"], KeyRow, wrong),
        files=_convert(rows["file"], FileRow, wrong),
        responses=_convert(rows["response"], ResponseRow, wrong),
        fields=_convert(rows["field"], FieldRow, wrong),
        purposes=_convert(rows["purpose"], PurposeRow, wrong),
        states=_convert(rows["group"], StateRow, wrong),
    )
    if not wrong:
        wrong += _field_faults(read.fields)
        wrong += _key_faults(read.keys, read.responses, read.fields)
        wrong += _file_faults(read.files, read.fields)
        wrong += _purpose_faults(read.purposes, read.keys)
    if wrong:
        raise BrokenInvariant("the catalogue is refused: " + "; ".join(wrong))
    return read


def _convert(rows: list[dict[str, Any]], kind: type[Any], wrong: list[str]) -> list[Any]:
    read = []
    for row in rows:
        name = f"{kind.__name__[:-3].lower()} {row.get('key') or row.get('code') or row.get('name')}"
        try:
            made = msgspec.convert(row, kind)
        except msgspec.ValidationError as reason:
            wrong.append(f"{name}: {reason}")
            continue
        if not made.source or not made.evidence.startswith(EVIDENCE):
            wrong.append(f"{name}: says neither how it is known nor from where")
        if made.evidence.startswith("recalled") and _is_on(made):
            wrong.append(f"{name}: a recalled row must be switched off")
        read.append(made)
    return read


def _is_on(made: Any) -> bool:
    return getattr(made, "carried", True) and getattr(made, "on_by_default", True)


def _file_faults(rows: list[FileRow], fields: list[FieldRow]) -> list[str]:
    codes = {row.code for row in fields if not row.member}
    wrong = []
    for row in rows:
        named = {*row.required, *row.optional, *row.example, *(code for each in row.any_of for code in each)}
        wrong += [f"file {row.code}: no field is named {code}" for code in sorted(named - codes)]
        if row.record_class not in RECORD_CLASSES:
            wrong.append(f"file {row.code}: unknown record class")
        if set(row.verbs) - set(VERBS):
            wrong.append(f"file {row.code}: has a verb that nobody reads")
        if not row.carried and not row.not_carried:
            wrong.append(f"file {row.code}: does not say why it is not carried")
    return wrong


def _field_faults(fields: list[FieldRow]) -> list[str]:
    wrong = [f"field {row.code}: no edit is named {row.edit}" for row in fields if row.edit not in EDITS]
    wrong += [
        f"field {row.code}: an envelope field needs its member"
        for row in fields
        if row.edit == "envelope" and not row.member
    ]
    if len({row.code for row in fields}) != len(fields):
        wrong.append("two fields share a code")
    for row in fields:
        try:
            re.compile(row.pattern)
        except re.error as reason:
            wrong.append(f"field {row.code}: {reason}")
        if not re.fullmatch(r"[A-Z][A-Z0-9]{1,3}", row.code):
            wrong.append(f"field {row.code}: a code has two to four capitals and digits")
    return wrong


def _key_faults(keys: list[KeyRow], responses: list[ResponseRow], fields: list[FieldRow]) -> list[str]:
    codes = {row.code for row in fields if not row.member}
    # A message between agencies is answered by another such message, which is no answer's key.
    answers = {(row.network, row.key) for row in responses}
    answers |= {(row.network, row.key) for row in keys if row.kind in _BETWEEN_AGENCIES}
    wrong = []
    for row in keys:
        where = f"key {row.network} {row.key}"
        named = {code for each in row.field_sets for code in (*each.required, *each.optional)} | set(
            row.optional
        )
        wrong += [f"{where}: no field is named {code}" for code in sorted((named | set(row.example)) - codes)]
        if row.network not in NETWORKS or row.record_class not in RECORD_CLASSES:
            wrong.append(f"{where}: unknown network or record class")
        if row.carried and (row.network, row.response_key) not in answers:
            wrong.append(f"{where}: no response is named {row.response_key}")
        if set(row.wildcards) - named:
            wrong.append(f"{where}: a wildcard in a field it does not take")
        if not row.field_sets or not all(each.required for each in row.field_sets):
            wrong.append(f"{where}: a field set needs a required field")
        if set(row.needs) - {"purpose", "attention", "case"}:
            wrong.append(f"{where}: needs something nobody reads")
        if not row.carried and not row.not_carried:
            wrong.append(f"{where}: does not say why it is not carried")
    if len({(row.network, row.key) for row in keys}) != len(keys):
        wrong.append("one network has a key twice")
    return wrong


def _purpose_faults(purposes: list[PurposeRow], keys: list[KeyRow]) -> list[str]:
    known = {row.key for row in keys}
    wrong = [f"purpose {row.code}: names a key not in the table" for row in purposes if set(row.keys) - known]
    if len({row.code for row in purposes}) != len(purposes):
        wrong.append("two purposes share a code")
    return wrong
