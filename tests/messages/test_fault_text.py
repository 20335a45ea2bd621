"""The table of faults, and the code that cites it."""

from __future__ import annotations

import re
from pathlib import Path

import openclets.messages
from openclets.messages.fault_text import fault, fault_texts

SLICE = Path(openclets.messages.__file__).parent
CITED = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')


def cited() -> set[str]:
    """Every upper-case code that the slice's modules name."""
    return {code for path in SLICE.glob("*.py") for code in CITED.findall(path.read_text("utf-8"))}


def test_every_fault_in_the_code_has_its_row_and_every_row_its_use():
    """A fault without words and words without a fault are slips."""
    assert cited() - {"FIELDS_MAX"} == set(fault_texts())


def test_typed_text_is_never_a_template():
    """Braces that somebody typed are shown as they are."""
    said = fault("BODY_INVALID", "text", found="{0.__class__}")
    assert "{0.__class__}" in said.fault


def test_every_keyed_code_is_one_that_the_network_has():
    """.01. to .22. are Nlets'; .50. to .99. are ours."""
    assert all(re.fullmatch(r"\.(0[1-9]|1\d|2[0-2]|[5-9]\d)\.", row.keyed) for row in fault_texts().values())
