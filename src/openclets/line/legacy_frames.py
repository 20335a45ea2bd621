"""The frames of old terminals: `STX`, four digits of length, text, `ETX`; pure, and a reader that goes on
after faults.

The length counts the bytes of the text. A terminal that sends no length has frames without it (`counted`
false). Other than CLX/1 these frames have a mark to begin anew from: what does not fit is dropped up to the
next STX, and counted. Source: messages.md 4.5, legacy skin; corpus B003 and B004.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STX: Final = b"\x02"
ETX: Final = b"\x03"
LENGTH_DIGITS: Final = 4
TEXT_MAX: Final = 9_999


class LegacyFault(StrEnum):
    """Each way in which bytes are no frame of an old terminal."""

    NO_START = "an end mark or text without a start mark"
    NESTED_START = "a start mark within a frame"
    LENGTH = "a length that is no number or does not fit"
    TOO_LONG = "more text than four digits can count"


@dataclass(frozen=True, slots=True)
class LegacyRead:
    """What some bytes came to: texts in order, and a fault for each thing that was dropped."""

    texts: tuple[bytes, ...] = ()
    faults: tuple[LegacyFault, ...] = ()


def encode_legacy(text: bytes, *, counted: bool = True) -> bytes:
    """One frame. Raises ValueError for a text that is too long or holds a mark."""
    if len(text) > TEXT_MAX:
        raise ValueError(f"a frame of an old terminal holds {TEXT_MAX} bytes, not {len(text)}")
    if STX in text or ETX in text:
        raise ValueError("a text cannot hold the marks of its own frame")
    length = f"{len(text):04d}".encode() if counted else b""
    return STX + length + text + ETX


def encode_long(text: bytes, *, counted: bool = True, more: bytes = b"*MORE*") -> list[bytes]:
    """As many frames as `text` needs, cut between lines where that can be; all but the last end with a line
    `more`. Marks within the text become question marks.
    """
    text = text.replace(STX, b"?").replace(ETX, b"?")
    frames = []
    while len(text) > TEXT_MAX:
        room = TEXT_MAX - len(more) - 1
        at = text.rfind(b"\n", 1, room)
        at = at if at > 0 else room
        frames.append(encode_legacy(text[:at] + b"\n" + more, counted=counted))
        text = text[at:].removeprefix(b"\n")
    return [*frames, encode_legacy(text, counted=counted)]


class LegacyReader:
    """Takes bytes in whatever pieces they come. Holds at most one frame of the longest text."""

    def __init__(self, *, counted: bool = True) -> None:
        self._counted = counted
        self._held = bytearray()
        self._inside = False
        self._astray = False

    def feed(self, block: bytes) -> LegacyRead:
        """The texts that `block` completes, and the faults found on the way."""
        texts: list[bytes] = []
        faults: list[LegacyFault] = []
        for byte in block:
            if byte == STX[0]:
                if self._inside:
                    faults.append(LegacyFault.NESTED_START)
                self._begin()
            elif not self._inside:
                # One run of bytes outside a frame is one fault, however long; its end mark closes it.
                if not self._astray:
                    faults.append(LegacyFault.NO_START)
                self._astray = byte != ETX[0]
            elif byte == ETX[0]:
                self._end(texts, faults)
            elif len(self._held) >= TEXT_MAX + LENGTH_DIGITS:
                faults.append(LegacyFault.TOO_LONG)
                self._inside, self._astray = False, True
                self._held.clear()
            else:
                self._held.append(byte)
        return LegacyRead(tuple(texts), tuple(faults))

    def _begin(self) -> None:
        self._held.clear()
        self._inside, self._astray = True, False

    def _end(self, texts: list[bytes], faults: list[LegacyFault]) -> None:
        held = bytes(self._held)
        self._held.clear()
        self._inside = False
        if not self._counted:
            texts.append(held)
            return
        digits, text = held[:LENGTH_DIGITS], held[LENGTH_DIGITS:]
        if len(digits) == LENGTH_DIGITS and digits.isdigit() and int(digits) == len(text):
            texts.append(text)
        else:
            faults.append(LegacyFault.LENGTH)
