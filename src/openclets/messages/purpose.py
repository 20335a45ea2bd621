"""A purpose code: why criminal history is asked, who may send it, and with what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purpose:
    """A row of the purpose table. Permission is the rules' to decide; this is what they decide by.

    `sender_classes` are last characters of an ORI (`0-9` any digit, `-` nobody) or `repository`, `federal`;
    `keys` the message keys it may be sent with; `must_have` what must come with it, in words.
    """

    code: str
    meaning: str
    use: str
    sender_classes: tuple[str, ...]
    keys: tuple[str, ...]
    must_have: str
    evidence: str
    source: str
