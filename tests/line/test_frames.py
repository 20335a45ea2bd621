"""The frames of CLX/1: round trip, any split, any corruption found, no more held than a frame."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclets.line.frames import (
    OVERHEAD,
    SEQ_MAX,
    Frame,
    FrameFault,
    FrameProblem,
    FrameReader,
    FrameType,
    decode,
    encode,
)

MOST = 4096
REFS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=16)
FRAMES = st.builds(
    Frame,
    st.sampled_from(FrameType),
    st.integers(0, SEQ_MAX),
    REFS,
    st.binary(max_size=300),
)


def problem(text: bytes, most: int = MOST) -> FrameProblem:
    with pytest.raises(FrameFault) as caught:
        decode(text, most)
    return caught.value.problem


def test_the_bytes_are_those_of_the_page():
    """Magic, version, type, seq, ref, length in network byte order, payload, CRC-32 over all before it."""
    frame = encode(Frame(FrameType.DATA, 0x0102030405060708, "A1", b"hello"))
    head = b"CX\x01\x10" + bytes(range(1, 9)) + b"A1" + b" " * 14 + b"\x00\x00\x00\x05" + b"hello"
    assert frame == head + zlib.crc32(head).to_bytes(4, "big")
    assert len(frame) == OVERHEAD + 5


@given(FRAMES)
def test_what_is_encoded_is_decoded(frame: Frame):
    """A codec loses nothing."""
    assert decode(encode(frame), MOST) == frame


@given(st.lists(FRAMES, max_size=8), st.data())
def test_pieces_of_any_size_give_the_same_frames(frames: list[Frame], draw: st.DataObject):
    """TCP knows no messages: bytes come as they come."""
    text = b"".join(encode(frame) for frame in frames)
    reader, found, at = FrameReader(MOST), [], 0
    while at < len(text):
        size = draw.draw(st.integers(1, len(text) - at))
        found += reader.feed(text[at : at + size])
        at += size
    assert found == frames
    assert reader.waiting == 0


@given(FRAMES, st.data())
def test_a_changed_byte_is_found(frame: Frame, draw: st.DataObject):
    """Whatever byte is changed to whatever, the frame is refused and never read as another one."""
    text = bytearray(encode(frame))
    at = draw.draw(st.integers(0, len(text) - 1))
    text[at] ^= draw.draw(st.integers(1, 255))
    reader = FrameReader(MOST)
    try:
        found = reader.feed(bytes(text))
    except FrameFault:
        return
    # A length that grew only waits for bytes that never come.
    assert found == [] and 28 <= at < 32


@given(FRAMES, st.integers(0, 10_000))
def test_a_frame_that_is_cut_is_waited_for(frame: Frame, at: int):
    """Half a frame is no frame and no fault."""
    text = encode(frame)
    reader = FrameReader(MOST)
    assert reader.feed(text[: at % len(text)]) == []


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=50))
@settings(max_examples=200)
def test_garbage_never_makes_the_reader_hold_more_than_a_frame(blocks: list[bytes]):
    """Nobody fills our memory by sending what is no frame."""
    reader = FrameReader(MOST)
    for block in blocks:
        try:
            reader.feed(block)
        except FrameFault:
            break
        assert reader.waiting <= MOST + OVERHEAD


def test_a_payload_that_is_too_long_is_refused_by_its_head():
    """Four megabytes are not waited for when 64 KiB are allowed."""
    text = encode(Frame(FrameType.DATA, 1, "A", b"x" * (MOST + 1)))
    reader = FrameReader(MOST)
    assert reader.feed(text[:31]) == []
    with pytest.raises(FrameFault) as caught:
        reader.feed(text[31:32])
    assert caught.value.problem is FrameProblem.LENGTH
    assert decode(encode(Frame(FrameType.DATA, 1, "A", b"x" * MOST)), MOST)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"GET / HTTP/1.1\r\n", FrameProblem.MAGIC),
        (b"\x16\x03\x01", FrameProblem.MAGIC),
        (b"CX\x02", FrameProblem.VERSION),
        (b"CX\x01\x13", FrameProblem.TYPE),
        (b"CX\x01\x10", FrameProblem.CUT),
        (b"", FrameProblem.CUT),
    ],
)
def test_each_way_to_be_no_frame_has_its_name(text: bytes, expected: FrameProblem):
    """A fault is told as soon as the byte that makes it one is there."""
    assert problem(text) is expected


@pytest.mark.parametrize("ref", [b"A\x00" + b" " * 14, b"\xe9" + b" " * 15, b"A\nB" + b" " * 13])
def test_a_reference_is_printable_ascii(ref: bytes):
    """What reaches a log line or a screen holds no control character."""
    head = b"CX\x01\x10" + (1).to_bytes(8, "big") + ref + (0).to_bytes(4, "big")
    assert problem(head + zlib.crc32(head).to_bytes(4, "big")) is FrameProblem.REF


@pytest.mark.parametrize(
    "wrong", [{"ref": "x" * 17}, {"ref": "é"}, {"ref": "A "}, {"seq": -1}, {"seq": 2**64}, {"ref": "A\n"}]
)
def test_a_frame_that_cannot_be_is_not_made(wrong: dict[str, object]):
    """Our own side never sends what it would refuse."""
    with pytest.raises(ValueError):
        Frame(FrameType.DATA, **{"seq": 1, "ref": "A", **wrong})  # type: ignore[arg-type]
