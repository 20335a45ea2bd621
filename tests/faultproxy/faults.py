"""What may go wrong on a line, as values: one `Fault` for each direction, and how it is written on a command
line.

`down:delay=0.5~0.2` delays what the server says by 0.5 s, give or take 0.2 s. Times in seconds, sizes in
bytes, chances from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

UP, DOWN = "up", "down"
"""From the one who connected to the server; and back."""


@dataclass(frozen=True)
class Fault:
    """How one direction of a line misbehaves. The value of each member that says nothing is falsy."""

    delay: float = 0.0
    """Seconds that each block is held back."""
    jitter: float = 0.0
    """Seconds either way that the delay varies by."""
    drop: bool = False
    """Swallow everything and say nothing: a hole in the network."""
    reset: bool = False
    """Answer the next block with a reset of both ends."""
    cut: int = 0
    """Let so many bytes through, then close both ends."""
    half_open: bool = False
    """At the next block, close the receiver's end alone; whoever sends is never told."""
    drip: float = 0.0
    """Bytes a second."""
    duplicate: float = 0.0
    """The chance that a block is sent twice."""
    reorder: float = 0.0
    """The chance that a block is held back until the next one has passed."""
    corrupt: float = 0.0
    """The chance that one byte of a block is changed."""
    cross: float = 0.0
    """The chance that a block goes to whoever connected last before this line: somebody else's answer."""

    @property
    def works_on_messages(self) -> bool:
        """Whether it acts on whole messages, so that blocks sent together are gathered first."""
        return bool(self.duplicate or self.reorder or self.cross)


NONE = Fault()


@dataclass(frozen=True)
class Manners:
    """Both directions, and whether anybody is let in at all."""

    up: Fault = NONE
    down: Fault = NONE
    refuse: bool = False
    """Nobody is let in: a new connection is reset at once."""

    def of(self, direction: str) -> Fault:
        """The fault of a direction."""
        return self.up if direction == UP else self.down


class Unreadable(ValueError):
    """What was written is no fault; the message says what would be."""


def parse(words: str, before: Manners | None = None) -> Manners:
    """`before`, with the faults of `words` added: `down:delay=0.5~0.2,drip=100 up:drop`, `refuse`, `clear`.

    Raises Unreadable.
    """
    manners = before or Manners()
    for word in words.split():
        if word == "clear":
            manners = Manners()
        elif word == "refuse":
            manners = replace(manners, refuse=True)
        else:
            direction, colon, members = word.partition(":")
            if not colon or direction not in (UP, DOWN):
                raise Unreadable(f"{word!r}: write up:FAULT or down:FAULT, refuse or clear")
            changed = replace(manners.of(direction), **_members(members))
            manners = replace(manners, up=changed) if direction == UP else replace(manners, down=changed)
    return manners


def _members(text: str) -> Mapping[str, float | bool | int]:
    kinds = {field.name: type(field.default) for field in fields(Fault)}
    found: dict[str, float | bool | int] = {}
    for member in text.split(","):
        name, given, value = member.partition("=")
        kind = kinds.get(name)
        if kind is None or bool(given) == (kind is bool):
            known = ", ".join(n if k is bool else f"{n}=N" for n, k in kinds.items())
            raise Unreadable(f"{member!r} is no fault; there are {known}")
        if kind is bool:
            found[name] = True
            continue
        value, varies, jitter = value.partition("~")
        try:
            found[name] = kind(value)
            if varies:
                found["jitter"] = float(jitter)
        except ValueError:
            raise Unreadable(f"{member!r}: a number is missing") from None
        if found[name] < 0:
            raise Unreadable(f"{member!r}: a number below 0")
    return found
