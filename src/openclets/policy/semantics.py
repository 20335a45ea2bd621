"""What Cedar's operators do with values, in Python: types kept apart, numbers of 64 bits, errors of three
kinds.

Follows the reference evaluator: both operands are evaluated before either's type is looked at; equality never
errs; truth values are no numbers. It knows no policy; `compile.py` writes the calls.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple, TypeAlias


class EntityUid(NamedTuple):
    """An entity by type and id, e.g. `RecordClass::"vehicle"`."""

    type: str
    id: str


Value: TypeAlias = "bool | int | str | EntityUid | frozenset[Any]"
"""A flat Cedar value. Sets hold truth values as marks of their own, since Python takes True for 1 (see
`make_set`).
"""

MISSING_ATTRIBUTE: Final = "missing attribute"
TYPE: Final = "type error"
OVERFLOW: Final = "overflow"

_LONG_MIN: Final = -(2**63)
_LONG_MAX: Final = 2**63 - 1


class EvaluationError(Exception):
    """A policy could not be evaluated. `kind` is `type error` or `overflow`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class _Mark:
    """A truth value inside a set."""


_MARKS: Final = {True: _Mark(), False: _Mark()}


def truth(value: Value) -> bool:
    """`value` where Cedar demands a truth value."""
    if value is True or value is False:
        return value
    raise EvaluationError(TYPE)


def equal(left: Value, right: Value) -> bool:
    """Cedar's `==`: values of different types differ, and True is not 1."""
    return left == right and (type(left) is bool) is (type(right) is bool)


def less(left: Value, right: Value) -> bool:
    return _long(left) < _long(right)


def less_or_equal(left: Value, right: Value) -> bool:
    return _long(left) <= _long(right)


def greater(left: Value, right: Value) -> bool:
    return _long(left) > _long(right)


def greater_or_equal(left: Value, right: Value) -> bool:
    return _long(left) >= _long(right)


def add(left: Value, right: Value) -> int:
    return _bounded(_long(left) + _long(right))


def subtract(left: Value, right: Value) -> int:
    return _bounded(_long(left) - _long(right))


def multiply(left: Value, right: Value) -> int:
    return _bounded(_long(left) * _long(right))


def negate(value: Value) -> int:
    return _bounded(-_long(value))


def make_set(*members: Value) -> frozenset[Any]:
    """A Cedar set of `members`."""
    return frozenset(_member(m) for m in members)


def contains(container: Value, member: Value) -> bool:
    return _member(member) in _set(container)


def contains_all(container: Value, members: Value) -> bool:
    outer, inner = _set(container), _set(members)
    return inner <= outer


def contains_any(container: Value, members: Value) -> bool:
    outer, inner = _set(container), _set(members)
    return not outer.isdisjoint(inner)


def is_empty(container: Value) -> bool:
    return not _set(container)


def is_type(value: Value, entity_type: str) -> bool:
    if type(value) is not EntityUid:
        raise EvaluationError(TYPE)
    return value.type == entity_type


def is_in(value: Value, ancestors: Value) -> bool:
    """Cedar's `in` where no entity has parents: equality with the one, or with any member of the set."""
    if type(value) is not EntityUid:
        raise EvaluationError(TYPE)
    if type(ancestors) is EntityUid:
        return value == ancestors
    if type(ancestors) is not frozenset or any(type(a) is not EntityUid for a in ancestors):
        raise EvaluationError(TYPE)
    return value in ancestors


def wildcard_pattern(parts: list[Any]) -> re.Pattern[str]:
    """The pattern of a `like`, from its JSON form: literal texts and `Wildcard`."""
    return re.compile("".join(".*" if p == "Wildcard" else re.escape(p["Literal"]) for p in parts), re.DOTALL)


def like(value: Value, pattern: re.Pattern[str]) -> bool:
    if type(value) is not str:
        raise EvaluationError(TYPE)
    return pattern.fullmatch(value) is not None


def _long(value: Value) -> int:
    if type(value) is not int:
        raise EvaluationError(TYPE)
    return value


def _bounded(value: int) -> int:
    if not _LONG_MIN <= value <= _LONG_MAX:
        raise EvaluationError(OVERFLOW)
    return value


def _set(value: Value) -> frozenset[Any]:
    if type(value) is not frozenset:
        raise EvaluationError(TYPE)
    return value


def _member(value: Value) -> Any:
    return _MARKS[value] if value is True or value is False else value
