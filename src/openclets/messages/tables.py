"""The tables of the vocabulary, made from the checked rows of `catalog/`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openclets.messages.catalog_rows import CatalogRows, FieldRow, KeyRow, PurposeRow
from openclets.messages.field import Field
from openclets.messages.key import FieldSet, MessageKey
from openclets.messages.purpose import Purpose
from openclets.messages.record_file import RecordFile, keys_of, record_file


@dataclass(frozen=True, slots=True)
class ResponseKey:
    """A key that only answers: the inquiries it answers, on its network."""

    key: str
    network: str
    answers: tuple[str, ...]
    meaning: str
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of the catalogue, read and checked, in their order."""

    keys: tuple[MessageKey, ...]
    files: tuple[RecordFile, ...]
    responses: tuple[ResponseKey, ...]
    fields: tuple[Field, ...]
    purposes: tuple[Purpose, ...]
    states: frozenset[str]
    destinations: frozenset[str]
    ori_states: frozenset[str]


def build_tables(rows: CatalogRows) -> Tables:
    """The tables from such rows."""
    on = [group for group in rows.states if group.carried]
    return Tables(
        keys=(
            *(_message_key(row) for row in rows.keys),
            *(key for row in rows.files for key in keys_of(row)),
        ),
        files=tuple(record_file(row) for row in rows.files),
        responses=tuple(
            ResponseKey(row.key, row.network, tuple(row.answers), row.meaning, row.evidence, row.source)
            for row in rows.responses
        ),
        fields=tuple(_field(row) for row in rows.fields),
        purposes=tuple(_purpose(row) for row in rows.purposes),
        states=frozenset(code for group in on if group.state for code in group.codes),
        destinations=frozenset(code for group in on if group.destination for code in group.codes),
        ori_states=frozenset(code for group in on if group.ori for code in group.codes),
    )


def _message_key(row: KeyRow) -> MessageKey:
    return MessageKey(
        key=row.key,
        network=row.network,
        meaning=row.meaning,
        record_class=row.record_class,
        response_key=row.response_key,
        field_sets=tuple(FieldSet(tuple(each.required), tuple(each.optional)) for each in row.field_sets),
        optional=tuple(row.optional),
        needs_purpose="purpose" in row.needs,
        needs_attention="attention" in row.needs,
        needs_case="case" in row.needs,
        person=row.person,
        evidence=row.evidence,
        source=row.source,
        example=dict(row.example),
        carried=row.carried,
        not_carried=row.not_carried,
        destinations_max=row.destinations_max,
        kind=row.kind,
        wildcards=tuple(row.wildcards),
        is_on=row.on_by_default,
    )


def _field(row: FieldRow) -> Field:
    return Field(
        code=row.code,
        name=row.name,
        edit=row.edit,
        min_length=row.min,
        max_length=row.max,
        form=row.form,
        example=row.example,
        evidence=row.evidence,
        source=row.source,
        pattern=re.compile(row.pattern) if row.pattern else None,
        values=dict(row.values),
        letters=dict(row.letters),
        placeholders=frozenset(row.placeholders),
        default=row.default,
        member=row.member,
        free_text=row.free_text,
        repeat_max=row.repeat_max,
    )


def _purpose(row: PurposeRow) -> Purpose:
    return Purpose(
        code=row.code,
        meaning=row.meaning,
        use=row.use,
        sender_classes=tuple(row.sender_classes),
        keys=tuple(row.keys),
        must_have=row.must_have,
        evidence=row.evidence,
        source=row.source,
    )
