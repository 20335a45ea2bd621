"""What may be looked up from the terminal, and the fields each look-up asks for.

Tables: `topics.toml` (what, by which message key) and `inputs.toml` (how a field is asked for).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from openclets.messages import vocabulary
from openclets.messages.key import MessageKey

PART_HINT = "At least three characters that are known together, and * for the rest: 0SYN*."


class _WayRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    label: str
    key: str
    network: str
    fields: list[str]
    optional: list[str]


class _TopicRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    group: str
    label: str
    asks: str
    evidence: str
    way: list[_WayRow]


class _InputRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    label: str
    hint: str
    evidence: str
    mono: bool = False
    short: bool = False
    choices: dict[str, str] = {}


class _Topics(msgspec.Struct, frozen=True):
    topic: list[_TopicRow]


class _Inputs(msgspec.Struct, frozen=True):
    input: list[_InputRow]


@dataclass(frozen=True, slots=True)
class FieldInput:
    """How one field is asked for. `choices` is empty for typed text, else code and words, in order.

    `usual` is what the vocabulary takes where the field may be left out.
    """

    code: str
    label: str
    hint: str
    required: bool
    mono: bool
    short: bool
    choices: tuple[tuple[str, str], ...]
    usual: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to identify what is looked up: one field set of one message key."""

    name: str
    label: str
    key: MessageKey
    inputs: tuple[FieldInput, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A thing to look up. `asks` says in words who will be asked."""

    name: str
    group: str
    label: str
    asks: str
    ways: tuple[Way, ...]

    def way(self, name: str) -> Way:
        """The way of that name, or the first."""
        return next((way for way in self.ways if way.name == name), self.ways[0])


@cache
def topics() -> dict[str, Topic]:
    """Every topic by name, in page order. Raises when a row names a key or a field that isn't there."""
    rows = msgspec.toml.decode(_text("topics.toml"), type=_Topics).topic
    return {
        row.name: Topic(row.name, row.group, row.label, row.asks, tuple(map(_way, row.way))) for row in rows
    }


def topic_named(name: str) -> Topic:
    """The topic of that name, or the first, so that a mistyped address still shows a form."""
    return topics().get(name) or next(iter(topics().values()))


def topic_asking(message_key: str, fields: frozenset[str]) -> tuple[Topic, Way]:
    """The topic and way that ask `message_key` by these fields, as nearly as may be; for "run again"."""
    asking = [(each, way) for each in topics().values() for way in each.ways if way.key.key == message_key]
    if not asking:
        first = topic_named("")
        return first, first.ways[0]
    return max(asking, key=lambda pair: len(fields & {one.code for one in pair[1].inputs}))


def grouped() -> dict[str, tuple[Topic, ...]]:
    """Topics by the group they are shown under."""
    groups: dict[str, list[Topic]] = {}
    for each in topics().values():
        groups.setdefault(each.group, []).append(each)
    return {name: tuple(members) for name, members in groups.items()}


@dataclass(frozen=True, slots=True)
class PurposeChoice:
    """A purpose code and what it is for."""

    code: str
    meaning: str


def purposes_of(key: MessageKey) -> tuple[PurposeChoice, ...]:
    """The purpose codes to choose from for a key; empty for a key that needs none."""
    if not key.needs_purpose:
        return ()
    known = vocabulary.load().purposes.values()
    return tuple(PurposeChoice(each.code, each.meaning) for each in known if key.key in each.keys)


def _way(row: _WayRow) -> Way:
    key = vocabulary.load().resolve(row.key, row.network)
    required = [_input(code, key, required=True) for code in row.fields]
    optional = [_input(code, key, required=False) for code in row.optional]
    return Way(row.name, row.label, key, (*required, *optional))


def _input(code: str, key: MessageKey, *, required: bool) -> FieldInput:
    row = _inputs()[code]
    hint = PART_HINT if code in key.wildcards else row.hint
    usual = vocabulary.load().fields[code].default
    return FieldInput(code, row.label, hint, required, row.mono, row.short, tuple(row.choices.items()), usual)


@cache
def _inputs() -> dict[str, _InputRow]:
    return {row.code: row for row in msgspec.toml.decode(_text("inputs.toml"), type=_Inputs).input}


def _text(name: str) -> bytes:
    return (files("openclets.web.terminal") / name).read_bytes()
