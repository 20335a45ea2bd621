"""Keyed text, in and out: `KEY.FIELD/value.FIELD/value`, and the full form with sender and destinations.

Only cuts the text apart; values are read by `read.py`. Field names and codes are in any case on input. A
line break is taken where it separates two fields and nowhere else, so that one message can never be read as
two. Shape: Nlets' keyed text (input `KEY.SENDER.DEST[,DEST...][.*CONTROL].TXT`, then fields); the short form
is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from openclets.foundation.errors import BadInput, Fault
from openclets.messages.characters import named, refused_in_free_text_at, shown
from openclets.messages.fault_text import fault
from openclets.messages.field import SEVERAL
from openclets.messages.ori import edit_ori
from openclets.messages.read import FIELDS_MAX
from openclets.messages.vocabulary import Vocabulary, nearest

TEXT_MAX = 65_536
"""Longest message read, in characters; the longest legal inquiry has a few hundred."""

_FIELD = re.compile(r"(?:^|\.)([A-Z][A-Z0-9]{1,3})/", re.IGNORECASE)
_TEXT_MARK = re.compile(r"\.TXT(?:\r?\n|$)", re.IGNORECASE)
_BREAK = re.compile(r"\.\r?\n(?=[A-Z][A-Z0-9]{1,3}/|$)", re.IGNORECASE)
_FIELD_LIKE = re.compile(r"\.(?=[A-Z][A-Z0-9]{1,3}/)", re.IGNORECASE)
_CONTROL = re.compile(r"[A-Z0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class KeyedMessage:
    """A message cut apart. `sender` is an ORI, or empty in the short form; `control` the reference, without
    its `*`.

    `fields` hold values as typed, without surrounding spaces; PUR, ATN, OCA and RSN are among them. A value
    never holds a period directly before something that reads as a field (`.LIC/`): a space is put between.
    """

    message_key: str
    sender: str = ""
    destinations: tuple[str, ...] = ()
    control: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def parse(text: str, vocabulary: Vocabulary) -> KeyedMessage:
    """Cut `text` apart. Raises BadInput with all faults of header, characters, keys and repeated fields;
    empty and faulty values are left for `read_fields`, which reports them together with what is missing."""
    if len(text) > TEXT_MAX:
        raise BadInput((fault("MESSAGE_TOO_LONG", "text", length=len(text), most=TEXT_MAX),))
    faults: list[Fault] = []
    header, body = _parted(text.strip(" \r\n"), faults)
    faults += _character_faults(header, "header") + _character_faults(body, "text")
    if faults:
        # What hides characters is not read any further: it may not be what it looks like.
        raise BadInput(tuple(faults))
    message_key, sender, destinations, control = _header(header, vocabulary, faults)
    fields = _fields(body, vocabulary, faults)
    if faults:
        raise BadInput(tuple(faults))
    return KeyedMessage(message_key, sender, destinations, control, fields)


def print_full(message: KeyedMessage) -> str:
    """The full form, without a period after the last field. `parse` of it gives the message again."""
    parts = [message.message_key]
    if message.sender or message.destinations:
        parts.append(message.sender)
    if message.destinations:
        parts.append(",".join(message.destinations))
    if message.control:
        parts.append("*" + message.control)
    header = ".".join((*parts, "TXT"))
    body = ".".join(f"{code}/{_kept_apart(value)}" for code, value in message.fields.items())
    return f"{header}\n{body}" if body else header


def _kept_apart(value: str) -> str:
    return _FIELD_LIKE.sub(". ", value)


def _parted(text: str, faults: list[Fault]) -> tuple[str, str]:
    """Header and fields, line breaks between fields taken out. Any other break is left in, to be refused."""
    mark, first = _TEXT_MARK.search(text), _FIELD.search(text)
    if mark and (first is None or mark.start() < first.start()):
        return text[: mark.start()], _BREAK.sub(".", text[mark.end() :])
    if first is None:
        header, body = text, ""
    else:
        header, body = text[: first.start()], text[first.start() :].removeprefix(".")
    if "\n" in header:
        faults.append(fault("TEXT_MARK_MISSING", "header"))
        header = header.replace("\r", "").replace("\n", "")
    if header.upper().endswith(".TXT"):
        header = header[: -len(".TXT")]
    return header, _BREAK.sub(".", body)


def _character_faults(text: str, where: str) -> list[Fault]:
    position = refused_in_free_text_at(text)
    if not position:
        return []
    remedy = "leave control and hidden characters out; break a line only after the period between two fields"
    character = named(text[position - 1])
    return [fault("CHARACTER_INVALID", where, position=position, character=character, remedy=remedy)]


def _header(text: str, vocabulary: Vocabulary, faults: list[Fault]) -> tuple[str, str, tuple[str, ...], str]:
    """Key, sender, destinations and reference, by their shapes: two characters are a state, nine an
    agency."""
    first, *rest = text.upper().split(".")
    key = first.strip()
    try:
        vocabulary.resolve(key)
    except BadInput as bad:
        faults += bad.faults
    sender: str | None = None
    destinations: tuple[str, ...] = ()
    control = ""
    if len(rest) > FIELDS_MAX:
        faults.append(fault("FIELDS_TOO_MANY", "fields", most=FIELDS_MAX))
        rest = []
    for part in (each.strip() for each in rest):
        if "/" in part:
            faults.append(_unknown_field(part.partition("/")[0], vocabulary))
        elif part.startswith("*") and not control:
            control = part[1:]
            if not _CONTROL.fullmatch(control):
                faults.append(fault("CONTROL_INVALID", "header"))
        elif sender is None and len(part) != 2 and "," not in part:
            sender = part
        elif not destinations and all(part.split(",")):
            destinations = tuple(part.split(","))
        else:
            faults.append(fault("HEADER_INVALID", "header"))
    if sender:
        faults += edit_ori(sender, vocabulary.ori_states, "sender")[1]
    return key, sender or "", destinations, control


def _fields(body: str, vocabulary: Vocabulary, faults: list[Fault]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for count, (code, value) in enumerate(_cut(body, vocabulary), 1):
        if count > FIELDS_MAX:
            faults.append(fault("FIELDS_TOO_MANY", "fields", most=FIELDS_MAX))
            break
        if not code:
            faults.append(fault("BODY_INVALID", "text", found=shown(value)))
        elif code in fields and _holds_several(code, vocabulary):
            fields[code] += SEVERAL + value
        elif code in fields:
            faults.append(fault("FIELD_DUPLICATE", code))
        else:
            fields[code] = value
    return fields


def _holds_several(code: str, vocabulary: Vocabulary) -> bool:
    row = vocabulary.fields.get(code)
    return row is not None and row.repeat_max > 1


def _cut(body: str, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Codes and values in order; what stands before the first field comes under an empty code.

    Cut wherever a period is followed by something that reads as a field, so that an unknown field is seen;
    in free text only before a known one, and the rest stays words.
    """
    code, start = "", 0
    for match in _FIELD.finditer(body):
        name = match[1].upper()
        known = vocabulary.fields.get(code)
        if known is not None and known.free_text and name not in vocabulary.fields:
            continue
        if code or body[start : match.start()].strip(" ."):
            yield code, _value(body[start : match.start()], code, vocabulary)
        code, start = name, match.end()
    if code or body[start:].strip(" ."):
        last = body[start:]
        yield code, _value(last if _is_free_text(code, vocabulary) else last.rstrip(" ."), code, vocabulary)


def _value(text: str, code: str, vocabulary: Vocabulary) -> str:
    return _kept_apart(text.strip(" ")) if _is_free_text(code, vocabulary) else text.strip(" ")


def _is_free_text(code: str, vocabulary: Vocabulary) -> bool:
    row = vocabulary.fields.get(code)
    return row is not None and row.free_text


def _unknown_field(code: str, vocabulary: Vocabulary) -> Fault:
    near = nearest(code, tuple(vocabulary.fields), slips_max=1)
    remedy = f"did you mean {near[0]}?" if near else "field codes have two to four letters, such as LIC/"
    return fault("FIELD_UNKNOWN", shown(code) or "fields", remedy=remedy)
