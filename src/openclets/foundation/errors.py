"""Three failures, three ways: refused (with reasons), unavailable (try later), broken invariant (stop).

Each carries a code of `errors.toml`, which says once what HTTP, keyed text, the shell and a page make of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent: where, what, and what to do about it."""

    field: str
    fault: str
    remedy: str
    code: str = "FIELD_INVALID"


@dataclass(frozen=True, slots=True)
class RuleCited:
    """A rule that decided, as people read it: its id, its sentence, the law or policy it stands on."""

    id: str
    text: str
    citation: str


class Refused(Exception):
    """The answer is no, and why. `rules` names what decided; `receipt` the entry, where one was made.

    `retry_after_s` is set where waiting helps (a quota), in seconds.
    """

    def __init__(
        self, code: str, message: str, *, rules: tuple[RuleCited, ...] = (), retry_after_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.rules = rules
        self.retry_after_s = retry_after_s
        self.receipt: dict[str, object] | None = None


class BadInput(Refused):
    """What was sent cannot be read: every fault at once."""

    def __init__(self, faults: tuple[Fault, ...], code: str = "INPUT_INVALID") -> None:
        message = "; ".join(f"{f.field}: {f.fault}" for f in faults[:3])
        super().__init__(code, message)
        self.faults = faults


class Unavailable(Exception):
    """Something needed is not there now; the same request may succeed later."""

    def __init__(self, code: str, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


class BrokenInvariant(Exception):
    """What can never be, is. The process must stop before it does harm."""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """One row of the catalogue: what each surface makes of a code."""

    code: str
    http: int
    keyed: str
    exit: int
    text: str
    remedy: str


@cache
def catalogue() -> dict[str, ErrorText]:
    """Every error code, by code. Raises BrokenInvariant when a row is incomplete."""
    rows = tomllib.loads((files("openclets.foundation") / "errors.toml").read_text("utf-8"))["error"]
    texts = {row["code"]: ErrorText(**{k: v for k, v in row.items() if k != "evidence"}) for row in rows}
    if len(texts) != len(rows):
        raise BrokenInvariant("errors.toml names one code twice")
    return texts
