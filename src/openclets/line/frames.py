"""The frames of CLX/1: bytes to frames and back, pure, and a reader that takes bytes as they come.

    'CX' | version 1 | type 1 | seq 8 | ref 16 | length 4 | payload | CRC-32 4

Sizes in bytes, network byte order; the CRC (of zlib and Ethernet) covers everything before it. `ref` is
printable ASCII padded with spaces on the right. A stream with a fault in it cannot be read on: frames have no
mark to begin anew from, so the connection ends and what was not acknowledged is sent again on the next.
Source: messages.md 4.5.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

MAGIC: Final = b"CX"
VERSION: Final = 1
REF_LENGTH: Final = 16
SEQ_MAX: Final = 2**64 - 1
LENGTH_MAX: Final = 2**32 - 1
_HEAD: Final = struct.Struct("!2sBBQ16sI")
_CRC: Final = struct.Struct("!I")
OVERHEAD: Final = _HEAD.size + _CRC.size
"""Bytes of a frame beside its payload: 36."""


class FrameType(IntEnum):
    """What a frame is, as its fourth byte says."""

    HELLO = 0x01
    HELLO_OK = 0x02
    HELLO_NO = 0x03
    DATA = 0x10
    ACK = 0x11
    NAK = 0x12
    PING = 0x20
    PONG = 0x21
    BYE = 0x30
    ERR = 0x7F


class FrameProblem(StrEnum):
    """Each way in which bytes are no frame."""

    MAGIC = "magic"
    VERSION = "version"
    TYPE = "type"
    REF = "ref"
    LENGTH = "length"
    CRC = "crc"
    CUT = "cut"


_TEXTS = {
    FrameProblem.MAGIC: "the bytes do not begin with CX",
    FrameProblem.VERSION: "the version is not 1",
    FrameProblem.TYPE: "no frame has this type",
    FrameProblem.REF: "the reference is not printable ASCII padded with spaces",
    FrameProblem.LENGTH: "the payload is longer than this line may send",
    FrameProblem.CRC: "the checksum does not fit: bytes were changed on the way",
    FrameProblem.CUT: "the connection ended within a frame",
}


class FrameFault(Exception):
    """Bytes that are no frame. Nothing after them can be read."""

    def __init__(self, problem: FrameProblem, detail: str = "") -> None:
        super().__init__(_TEXTS[problem] + (f" ({detail})" if detail else ""))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `seq` is 0 where the type has none; `ref` is without its padding."""

    type: FrameType
    seq: int = 0
    ref: str = ""
    payload: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.seq <= SEQ_MAX:
            raise ValueError(f"a sequence number has 64 bits, not {self.seq}")
        if not is_ref(self.ref):
            raise ValueError("a reference has up to 16 printable ASCII characters and no space at its end")
        if len(self.payload) > LENGTH_MAX:
            raise ValueError("a payload has at most 2^32-1 bytes")


def is_ref(text: str) -> bool:
    """Whether `text` can stand as a frame's reference; the empty one can."""
    return len(text) <= REF_LENGTH and text.isascii() and text.isprintable() and not text.endswith(" ")


def encode(frame: Frame) -> bytes:
    """The bytes of `frame`."""
    ref = frame.ref.encode("ascii").ljust(REF_LENGTH)
    head = _HEAD.pack(MAGIC, VERSION, frame.type, frame.seq, ref, len(frame.payload))
    return head + frame.payload + _CRC.pack(zlib.crc32(frame.payload, zlib.crc32(head)))


def decode(text: bytes, payload_max: int) -> Frame:
    """The one frame that `text` is, whole and nothing else. Raises FrameFault."""
    reader = FrameReader(payload_max)
    frames = reader.feed(text)
    if len(frames) != 1 or reader.waiting:
        raise FrameFault(FrameProblem.CUT)
    return frames[0]


class FrameReader:
    """Takes bytes in whatever pieces they come and gives the frames they complete.

    Holds at most one frame of `payload_max` bytes besides what one call brings: a longer one is refused by
    its head, before its payload is waited for. After a FrameFault the reader is of no use any more.
    """

    def __init__(self, payload_max: int) -> None:
        self.payload_max = payload_max
        self._held = bytearray()

    @property
    def waiting(self) -> int:
        """How many bytes of an unfinished frame are held."""
        return len(self._held)

    def feed(self, text: bytes) -> list[Frame]:
        """The frames that `text` completes, in order. Raises FrameFault at the first that is none; frames
        before it in the same call are lost with it, and their sender sends them again.
        """
        held = self._held
        held += text
        frames: list[Frame] = []
        at = 0
        while (end := self._end(at)) is not None and end <= len(held):
            frames.append(self._frame(at, end))
            at = end
        del held[:at]
        return frames

    def _end(self, at: int) -> int | None:
        """Where the frame at `at` ends, as far as its head is here; each byte of it is judged as it comes."""
        held = self._held
        start = held[at : at + 4]
        if not MAGIC.startswith(bytes(start[:2])):
            raise FrameFault(FrameProblem.MAGIC)
        if len(start) > 2 and start[2] != VERSION:
            raise FrameFault(FrameProblem.VERSION, f"{start[2]}")
        if len(start) > 3 and start[3] not in _TYPES:
            raise FrameFault(FrameProblem.TYPE, f"{start[3]:#04x}")
        if len(held) - at < _HEAD.size:
            return None
        length = int(_HEAD.unpack_from(held, at)[5])
        if length > self.payload_max:
            raise FrameFault(FrameProblem.LENGTH, f"{length} bytes, at most {self.payload_max}")
        return at + OVERHEAD + length

    def _frame(self, at: int, end: int) -> Frame:
        body = bytes(self._held[at : end - _CRC.size])
        (crc,) = _CRC.unpack_from(self._held, end - _CRC.size)
        if crc != zlib.crc32(body):
            raise FrameFault(FrameProblem.CRC)
        _, _, kind, seq, ref, _ = _HEAD.unpack_from(body)
        try:
            text = ref.decode("ascii").rstrip(" ")
        except UnicodeDecodeError:
            raise FrameFault(FrameProblem.REF) from None
        if not is_ref(text):
            raise FrameFault(FrameProblem.REF)
        return Frame(FrameType(kind), seq, text, body[_HEAD.size :])


_TYPES = frozenset(int(kind) for kind in FrameType)
