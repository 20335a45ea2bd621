"""What is said of each fault, from `catalog/faults.toml`: one text, one remedy, one keyed-text code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant, Fault


@dataclass(frozen=True, slots=True)
class FaultText:
    """A row of the table. `keyed` is the code of the keyed-text error message, as `.14.`."""

    code: str
    fault: str
    remedy: str
    keyed: str
    evidence: str


@cache
def fault_texts() -> dict[str, FaultText]:
    """Every fault by code. Raises BrokenInvariant for a code named twice, TypeError for an incomplete row."""
    text = (files("openclets.messages") / "catalog" / "faults.toml").read_text("utf-8")
    rows = tomllib.loads(text)["fault"]
    texts = {row["code"]: FaultText(**row) for row in rows}
    if len(texts) != len(rows):
        raise BrokenInvariant("faults.toml names one code twice")
    return texts


def fault(code: str, field: str, **words: object) -> Fault:
    """The fault of that code at `field`, its texts filled with `words`; typed text is never a template."""
    row = fault_texts()[code]
    return Fault(field, row.fault.format(**words), row.remedy.format(**words), code)
