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
    """Every fault by code. Raises BrokenInvariant when two rows share a code, TypeError when one is
    incomplete."""
    text = (files("openclets.messages") / "catalog" / "faults.toml").read_text("utf-8")
    rows = tomllib.loads(text)["fault"]
    texts = {row["code"]: FaultText(**row) for row in rows}
    if len(texts) != len(rows):
        raise BrokenInvariant("faults.toml names one code twice")
    return texts


def fault(code: str, field: str, **words: object) -> Fault:
    """The fault of that code at `field`, its texts filled with `words`. Typed text is never used as a
    template."""
    row = fault_texts()[code]
    return Fault(field, row.fault.format(**words), row.remedy.format(**words), code)
