"""What a matched record says today under the key it was asked by: in force, current and in reach, or not.

Rules: messages.md 5.2 (out-of-limit misdemeanors are kept out of a sweep, labeled otherwise) and 5.3 (an
order that is over answers QPO alone, as INACTIVE, and is no hit). Withholding by role is the switch's affair.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from openclets.records.answer import Record
from openclets.records.query import Query

NOT_EXTRADITABLE = "NOT EXTRADITABLE TO YOUR LOCATION"
_NEVER = "NONEXP"


def as_entitled(record: Record, query: Query, today: str) -> Record | None:
    """The record as this inquiry may see it; None where it stays out. `today` is the legal day, CCYYMMDD."""
    if record.kind == "protection_order":
        return _order(record, query.sweep, today)
    if record.kind == "wanted_person":
        return _warrant(record, query)
    if "RVT" in record.facts:
        return _registration(record, today)
    return record


def is_in_force(order: Record, today: str) -> bool:
    """Whether a protection order holds on `today`: not made inactive, and not past its last day."""
    if "INACTIVE" in order.codes.get("STA", ()) or order.facts.get("STA") == "INACTIVE":
        return False
    expires = order.facts.get("EXP")
    return not isinstance(expires, str) or expires == _NEVER or expires >= today


def _registration(register: Record, today: str) -> Record:
    valid_to = register.facts["RVT"]
    if "STA" in register.facts or not isinstance(valid_to, str):
        return register
    return Record(
        register.kind,
        register.ref,
        {**register.facts, "STA": "CURRENT" if valid_to >= today else "EXPIRED"},
        register.subjects,
        register.codes,
        register.matched_on,
        register.identifiers,
        register.hit,
    )


def _order(order: Record, sweep: bool, today: str) -> Record | None:
    if is_in_force(order, today):
        return order
    if sweep:
        return None
    expires = order.facts.get("EXP")
    expired = isinstance(expires, str) and expires != _NEVER and expires < today
    # What was ordered no longer binds, so the codes that banners come from go with it.
    return Record(
        order.kind,
        order.ref,
        {**order.facts, "STA": "INACTIVE - EXPIRED" if expired else "INACTIVE"},
        order.subjects,
        {**order.codes, "STA": ["INACTIVE"], "PCO": [], "BRD": ["N"]},
        order.matched_on,
        order.identifiers,
        hit=False,
    )


def _warrant(warrant: Record, query: Query) -> Record | None:
    if _is_within_limit(warrant, query.asker.agency_ori[:2]):
        return warrant
    if query.sweep:
        return None
    return Record(
        warrant.kind,
        warrant.ref,
        {**warrant.facts, "LIM": NOT_EXTRADITABLE},
        warrant.subjects,
        warrant.codes,
        warrant.matched_on,
        warrant.identifiers,
        warrant.hit,
    )


def _is_within_limit(warrant: Record, asking_state: str) -> bool:
    limits, surrounding = _limits()
    owner, limit = warrant.facts.get("ORI"), warrant.facts.get("EXL")
    if not isinstance(owner, str) or not isinstance(limit, str) or owner[:2] == asking_state:
        return True
    reaches = limits.get(limit)
    if reaches == "home":
        return False
    neighbors = surrounding.get(owner[:2])
    return reaches != "surrounding" or neighbors is None or asking_state in neighbors


@cache
def _limits() -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    text = tomllib.loads((files("openclets.records") / "extradition.toml").read_text("utf-8"))
    return (
        {r["code"]: r["reaches"] for r in text["limit"]},
        {r["state"]: frozenset(r["neighbors"]) for r in text["surrounding"]},
    )
