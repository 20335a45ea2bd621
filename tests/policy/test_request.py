"""Requests read from JSON: every fault at once."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import asdict

from openclets.foundation.errors import BadInput
from openclets.policy.request import read_request
from policy.requests import ORDINARY


def test_a_request_survives_its_json() -> None:
    """What is written is what is read."""
    assert read_request(json.dumps(asdict(ORDINARY))) == ORDINARY


def test_every_fault_is_said_at_once_with_a_remedy() -> None:
    """A missing field, a wrong type and a misspelling are three faults, and the misspelling has its
    suggestion.
    """
    values = asdict(ORDINARY)
    del values["reason"]
    values["own_record"] = "no"
    values["reson"] = "stop"
    with pytest.raises(BadInput) as refused:
        read_request(json.dumps(values))
    faults = {f.field: f for f in refused.value.faults}
    assert faults.keys() == {"reason", "own_record", "reson"}
    assert "reason" in faults["reson"].remedy


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "3"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    """The door takes one JSON object and nothing else."""
    with pytest.raises(BadInput):
        read_request(text)
