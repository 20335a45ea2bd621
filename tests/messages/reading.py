"""How the tests of this folder read one value, and which faults came of it."""

from __future__ import annotations

from datetime import date

from openclets.foundation.errors import BadInput
from openclets.messages.read import ReadFields, read_fields
from openclets.messages.vocabulary import Vocabulary, load

TODAY = date(2026, 11, 22)


def read(fields: dict[str, object], key: str = "QW", vocabulary: Vocabulary | None = None) -> ReadFields:
    """The fields as read on a given day in a training installation."""
    return read_fields(vocabulary or load(), key, fields, day=TODAY)


def faults(
    fields: dict[str, object], key: str = "QW", vocabulary: Vocabulary | None = None
) -> dict[str, str]:
    """Fault codes by field; empty where all was taken."""
    try:
        read(fields, key, vocabulary)
    except BadInput as bad:
        return {fault.field: fault.code for fault in bad.faults}
    return {}


def remedies(fields: dict[str, object], key: str = "QW") -> dict[str, str]:
    """Remedies by field."""
    try:
        read(fields, key)
    except BadInput as bad:
        return {fault.field: fault.remedy for fault in bad.faults}
    return {}
