"""What travels beside the fields: purpose, reason, incident, attention, destinations.

Says what a key needs and whether what came has its form. Whether the purpose is permitted is the rules' to
decide; whether the reason is a good one is for those who read the journal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from openclets.foundation.errors import Fault
from openclets.messages.characters import fold, named, refused_at, refused_in_free_text_at, shown
from openclets.messages.fault_text import fault
from openclets.messages.field import Field
from openclets.messages.key import MessageKey
from openclets.messages.vocabulary import Vocabulary

OWED = "owed"
"""The reason of somebody whose safety cannot wait; it is owed until given."""

_GENERIC_ADDRESS = re.compile(r"([A-Z]{2})(?:LIC0000|OLN0000|BAS0000|BOAT000|SNOW000|SIR0000)")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Normalised; empty where nothing was sent. `reason` keeps the case and alphabet in which it was typed.

    `destinations` are two-character codes, each once. `warnings` are sentences for the asker.
    """

    purpose_code: str = ""
    reason: str = ""
    incident: str = ""
    attention: str = ""
    destinations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_envelope(
    vocabulary: Vocabulary,
    key: MessageKey,
    *,
    purpose_code: object,
    reason: object,
    incident: object,
    attention: object,
    destinations: object,
) -> tuple[Envelope, tuple[Fault, ...]]:
    """The envelope of an inquiry by `key`, and all its faults; what a fault names is empty."""
    faults: list[Fault] = []
    warnings: list[str] = []
    envelope = Envelope(
        purpose_code=_purpose(vocabulary, key, purpose_code, faults),
        reason=_reason(vocabulary.fields["RSN"], reason, faults),
        incident=_incident(vocabulary.fields["OCA"], key, incident, faults),
        attention=_attention(vocabulary.fields["ATN"], key, attention, faults, warnings),
        destinations=_destinations(vocabulary, key, destinations, faults),
    )
    if warnings:
        envelope = Envelope(
            envelope.purpose_code,
            envelope.reason,
            envelope.incident,
            envelope.attention,
            envelope.destinations,
            tuple(warnings),
        )
    return envelope, tuple(faults)


def _words(typed: object, field: Field, faults: list[Fault]) -> str | None:
    """The text on one line, composed; empty where nothing came, None where a fault was added."""
    if typed is None:
        return ""
    if not isinstance(typed, str):
        faults.append(fault("FIELD_TYPE", field.member, found="not text", example=field.example))
        return None
    text = " ".join(unicodedata.normalize("NFC", typed).split()) if field.free_text else typed.strip(" ")
    position = (refused_in_free_text_at if field.free_text else refused_at)(text)
    if position:
        remedy = "leave hidden and control characters out"
        faults.append(
            fault(
                "CHARACTER_INVALID",
                field.member,
                position=position,
                character=named(text[position - 1]),
                remedy=remedy,
            )
        )
        return None
    if len(text) > field.max_length:
        faults.append(fault("FIELD_LENGTH", field.member, length=len(text), form=field.form))
        return None
    return text


def _purpose(vocabulary: Vocabulary, key: MessageKey, typed: object, faults: list[Fault]) -> str:
    if typed is not None and not isinstance(typed, str):
        faults.append(fault("FIELD_TYPE", "purpose_code", found="not text", example="C"))
        return ""
    code = typed.strip(" ").upper() if typed else ""
    if code in vocabulary.purposes or (not code and not key.needs_purpose):
        return code
    known = ", ".join(f"{each.code} {each.meaning.lower()}" for each in vocabulary.purposes.values())
    if code:
        faults.append(fault("PURPOSE_UNKNOWN", "purpose_code", purposes=known))
    else:
        faults.append(fault("PURPOSE_MISSING", "purpose_code", key=key.key, purposes=known))
    return ""


def _reason(field: Field, typed: object, faults: list[Fault]) -> str:
    text = _words(typed, field, faults) or ""
    return OWED if text.casefold() == OWED else text


def _incident(field: Field, key: MessageKey, typed: object, faults: list[Fault]) -> str:
    text = _words(typed, field, faults)
    if text is None:
        return ""
    if not text:
        if key.needs_case:
            faults.append(fault("CASE_MISSING", field.member, key=key.key, example=field.example))
        return ""
    number = text.upper()
    if text.isascii() and field.pattern is not None and field.pattern.fullmatch(number):
        return number
    faults.append(fault("FIELD_FORM", field.member, form=field.form, example=field.example))
    return ""


def _attention(field: Field, key: MessageKey, typed: object, faults: list[Fault], warnings: list[str]) -> str:
    text = _words(typed, field, faults)
    if text is None:
        return ""
    if not text:
        if key.needs_attention:
            faults.append(fault("ATTENTION_MISSING", field.member, key=key.key, example=field.example))
        return ""
    folded = fold(text)
    if folded.odd or field.pattern is None or not field.pattern.fullmatch(folded.text):
        faults.append(fault("FIELD_FORM", field.member, form=field.form, example=field.example))
        return ""
    if folded.text in field.placeholders:
        warnings.append(
            f"{field.member}: {folded.text} names nobody; it is entered as it stands and may be asked about"
        )
    return folded.text


def _destinations(
    vocabulary: Vocabulary, key: MessageKey, typed: object, faults: list[Fault]
) -> tuple[str, ...]:
    if not typed:
        return ()
    if isinstance(typed, str) or not isinstance(typed, Sequence):
        faults.append(fault("FIELD_TYPE", "destinations", found="not a list", example="NV"))
        return ()
    if len(typed) > key.destinations_max:
        said = f"{len(typed)} destinations are more than {key.key} takes"
        faults.append(_destination_fault(said, f"send at most {key.destinations_max}"))
        return ()
    codes = dict.fromkeys(_destination(vocabulary, key, each, faults) for each in typed)
    return tuple(code for code in codes if code)


def _destination(vocabulary: Vocabulary, key: MessageKey, typed: object, faults: list[Fault]) -> str:
    """The two characters of one destination; a generic nine-character address counts as its state."""
    text = typed.strip().upper() if isinstance(typed, str) else ""
    generic = _GENERIC_ADDRESS.fullmatch(text)
    code = generic[1] if generic and key.record_class != "criminal_history" else text
    if key.network != "NLETS" and code != vocabulary.home_state:
        faults.append(
            _destination_fault(
                f"{key.key} does not travel between states", "leave destinations out, or send the state"
            )
        )
    elif code in vocabulary.destinations:
        return code
    elif len(code) == 9:
        faults.append(
            _destination_fault("an inquiry goes to a state, not to an agency", f"send {shown(code[:2])}")
        )
    else:
        said = f"{shown(text, 12)} is no destination known here" if text else "a destination is not text"
        faults.append(_destination_fault(said, "send two-letter state codes, or NL for all states"))
    return ""


def _destination_fault(said: str, remedy: str) -> Fault:
    return fault("DESTINATION_INVALID", "destinations", fault=said, remedy=remedy)
