"""What was typed becomes normalised fields and an envelope, or every fault at once.

Pure: values in, values out. Which rules apply and who is asked come later. Contract with the switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openclets.foundation.errors import BadInput, Fault
from openclets.messages.characters import named, refused_at, shown
from openclets.messages.edit import Edit
from openclets.messages.edited import Circumstances, Edited
from openclets.messages.envelope import Envelope, read_envelope
from openclets.messages.fault_text import fault
from openclets.messages.field import SEVERAL, Field
from openclets.messages.key import RECORD_ACTS, MessageKey
from openclets.messages.layout import nearest_set, sets_in_words
from openclets.messages.vocabulary import Vocabulary, nearest

__all__ = ["Envelope", "FIELDS_MAX", "ReadFields", "read_envelope", "read_fields"]

FIELDS_MAX = 100
TYPED_MAX = 200
"""Longest value looked at; every field's own limit is far below it."""


@dataclass(frozen=True, slots=True)
class ReadFields:
    """The fields of an inquiry as they go on: normalised, in printed order, with defaults filled in.

    `field_set` is which of the key's field sets they are, from 0. `warnings` are sentences for the asker.
    """

    key: MessageKey
    fields: dict[str, str]
    field_set: int
    warnings: tuple[str, ...]


def read_fields(
    vocabulary: Vocabulary,
    message_key: str,
    fields: Mapping[str, object],
    network: str | None = None,
    *,
    day: date | None = None,
) -> ReadFields:
    """Read `fields` by the message key's row. `day` is the asker's legal day (None: the machine's, in UTC).

    Raises BadInput with all faults: of the key, of the combination of fields, and of every value.
    """
    key = vocabulary.resolve(message_key, network)
    name = (key.network, key.key)
    layout = vocabulary.layouts[name].get(frozenset(fields))
    if layout is None:
        fields, faults = _sorted_out(vocabulary, key, fields)
        layout = vocabulary.layouts[name].get(frozenset(fields))
    else:
        faults = []
    circumstances = Circumstances(
        key.key,
        key.record_class,
        vocabulary.training,
        vocabulary.states,
        _model_year(fields.get("VYR")),
        vocabulary.ori_states,
        key.wildcards,
        key.kind in RECORD_ACTS,
        day,
    )
    values: dict[str, str] = dict(layout.filled) if layout else {}
    warnings: tuple[str, ...] = ()
    edits = vocabulary.edits
    for code, typed in fields.items():
        field, edit = edits[code]
        read = _read_value if field.repeat_max == 1 else _read_values
        value, wrong, warned = read(typed, field, edit, circumstances)
        values[code] = value
        if wrong:
            faults += wrong
        if warned:
            warnings += warned
    if faults or layout is None:
        raise BadInput(tuple(faults))
    return ReadFields(key, {code: values[code] for code in layout.order}, layout.field_set, warnings)


def _read_values(typed: object, field: Field, edit: Edit, circumstances: Circumstances) -> Edited:
    """Several values of one field, as a list or joined by `;`: each through the edit, each once."""
    if isinstance(typed, list):
        parts: list[object] = list(typed)
    elif type(typed) is str:
        parts = list(typed.split(SEVERAL))
    else:
        return Edited("", (_type_fault(typed, field),))
    if len(parts) > field.repeat_max:
        return Edited("", (fault("FIELD_REPEATED", field.code, count=len(parts), most=field.repeat_max),))
    read = [_read_value(part, field, edit, circumstances) for part in parts or [""]]
    return Edited(
        SEVERAL.join(dict.fromkeys(one.value for one in read)),
        tuple(dict.fromkeys(wrong for one in read for wrong in one.faults)),
        tuple(dict.fromkeys(warned for one in read for warned in one.warnings)),
    )


def _read_value(typed: object, field: Field, edit: Edit, circumstances: Circumstances) -> Edited:
    """One value through its edit. Only the edit of names sees other alphabets and the case as typed."""
    if type(typed) is not str:
        return Edited("", (_type_fault(typed, field),))
    text = typed.strip(" ")
    if not text:
        return Edited("", (fault("FIELD_EMPTY", field.code, form=field.form),))
    if len(text) > max(TYPED_MAX, field.max_length):
        return Edited("", (fault("FIELD_LENGTH", field.code, length=len(text), form=field.form),))
    if field.edit == "name":
        return edit(text, field, circumstances)
    if not (text.isascii() and text.isprintable()):
        return Edited("", (_character_fault(text, field),))
    return edit(text.upper(), field, circumstances)


def _character_fault(text: str, field: Field) -> Fault:
    position = refused_at(text) or next(p for p, c in enumerate(text, 1) if not c.isascii())
    remedy = "write plain letters, digits and punctuation on one line"
    return fault(
        "CHARACTER_INVALID", field.code, position=position, character=named(text[position - 1]), remedy=remedy
    )


def _type_fault(typed: object, field: Field) -> Fault:
    found = {bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "an object"}
    said = "nothing" if typed is None else found.get(type(typed), "something else")
    return fault("FIELD_TYPE", field.code, found=said, example=field.example)


def _sorted_out(
    vocabulary: Vocabulary, key: MessageKey, fields: Mapping[str, object]
) -> tuple[dict[str, object], list[Fault]]:
    """The fields that are known, under their codes in capitals, and the faults of the combination."""
    if len(fields) > FIELDS_MAX:
        raise BadInput((fault("FIELDS_TOO_MANY", "fields", most=FIELDS_MAX),))
    known: dict[str, object] = {}
    faults: list[Fault] = []
    taken = _taken(key)
    for typed_code, value in fields.items():
        code = typed_code.strip().upper()
        field = vocabulary.fields.get(code)
        if code in known:
            faults.append(fault("FIELD_DUPLICATE", code))
        elif field is None:
            faults.append(_unknown_field(typed_code, key))
        elif field.member or code in taken:
            known[code] = value
        else:
            named_field = f"{code} ({field.name.lower()})"
            faults.append(
                fault("FIELD_NOT_TAKEN", code, key=key.key, name=named_field, sets=sets_in_words(key))
            )
    asked = {code for code in known if code in taken}
    if frozenset(asked) not in vocabulary.layouts[key.network, key.key]:
        faults.append(_combination_fault(key, asked))
    return known, faults


def _taken(key: MessageKey) -> tuple[str, ...]:
    """Every field that some field set of `key` takes."""
    sets = [code for each in key.field_sets for code in (*each.required, *each.optional)]
    return tuple(dict.fromkeys((*sets, *key.optional)))


def _unknown_field(typed_code: str, key: MessageKey) -> Fault:
    near = nearest(typed_code.strip().upper(), _taken(key), slips_max=1)
    remedy = f"did you mean {near[0]}?" if near else f"leave it out; {key.key} takes {sets_in_words(key)}"
    return fault("FIELD_UNKNOWN", shown(typed_code) or "fields", remedy=remedy)


def _combination_fault(key: MessageKey, asked: set[str]) -> Fault:
    """What is wrong with known fields that make no legal set: something missing, or two ways to ask mixed."""
    chosen = nearest_set(key, asked)
    sets = sets_in_words(key)
    if chosen is None:
        missing = [code for code in _closest(key, asked) if code not in asked]
        return fault("FIELD_MISSING", ", ".join(missing), key=key.key, sets=sets)
    field_set = key.field_sets[chosen]
    extra = sorted(asked - {*field_set.required, *field_set.optional, *key.optional})
    mixed = ", ".join(field_set.required) + " with " + ", ".join(extra)
    return fault("FIELD_CONFLICT", ", ".join(extra), mixed=mixed, sets=sets)


def _closest(key: MessageKey, asked: set[str]) -> tuple[str, ...]:
    """The required fields of the set that lacks least, the first of equals."""
    best = max(
        key.field_sets, key=lambda each: (bool(asked & set(each.required)), -len(set(each.required) - asked))
    )
    return best.required


def _model_year(typed: object) -> str:
    return typed.strip() if isinstance(typed, str) else ""
