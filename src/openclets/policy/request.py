"""A request for the rules, read from JSON or TOML: for vectors and for people who ask what the rules would
say.

The switch builds its requests itself, from values it already holds.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from openclets.foundation.errors import BadInput, Fault
from openclets.policy.decision import PolicyRequest

_FIELDS = {field.name: field for field in msgspec.structs.fields(PolicyRequest)}
_WORDS = {str: "text", bool: "true or false", int: "a whole number"}


def read_request(text: str) -> PolicyRequest:
    """The request in the JSON object `text`. Raises BadInput with every fault at once."""
    try:
        document = json.loads(text)
    except ValueError as error:
        remedy = "Give one JSON object."
        raise BadInput(
            (Fault("", f"is not JSON: {error}", remedy, "JSON_INVALID"),), "JSON_INVALID"
        ) from error
    if not isinstance(document, dict):
        raise BadInput((Fault("", "is no JSON object", "Give one JSON object."),))
    return make_request(document)


def make_request(values: Mapping[str, Any]) -> PolicyRequest:
    """The request of these values, by field name. Raises BadInput with every fault at once."""
    faults = [_unknown(name) for name in values if name not in _FIELDS]
    for name, field in _FIELDS.items():
        kind = field.type
        if name not in values:
            if field.required:
                faults.append(Fault(name, "is missing", f"Give {_WORDS[kind]}.", "FIELD_MISSING"))
        elif type(values[name]) is not kind:
            faults.append(Fault(name, "is of the wrong type", f"Give {_WORDS[kind]}.", "FIELD_TYPE"))
    if faults:
        raise BadInput(tuple(faults))
    return PolicyRequest(**values)


def _unknown(name: str) -> Fault:
    near = difflib.get_close_matches(name, _FIELDS, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(_FIELDS)}."
    return Fault(name, "is not known", remedy, "FIELD_UNKNOWN")
