"""The frames of old terminals: round trip, any split, and a reader that goes on after every fault."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.line.legacy_frames import (
    ETX,
    STX,
    TEXT_MAX,
    LegacyFault,
    LegacyReader,
    encode_legacy,
    encode_long,
)

TEXTS = st.binary(max_size=400).map(lambda text: text.replace(STX, b"").replace(ETX, b""))
COUNTED = st.booleans()


@given(st.lists(TEXTS, max_size=6), COUNTED, st.data())
def test_pieces_of_any_size_give_the_same_texts(texts: list[bytes], counted: bool, draw: st.DataObject):
    """What is encoded is read, however it is cut on the way."""
    line = b"".join(encode_legacy(text, counted=counted) for text in texts)
    reader, found, at = LegacyReader(counted=counted), [], 0
    while at < len(line):
        size = draw.draw(st.integers(1, len(line) - at))
        read = reader.feed(line[at : at + size])
        assert read.faults == ()
        found += read.texts
        at += size
    assert found == texts


@given(st.binary(max_size=300), TEXTS, COUNTED)
def test_a_good_frame_after_garbage_is_read_once(garbage: bytes, text: bytes, counted: bool):
    """Other than CLX/1 there is a mark to begin anew from, so one bad frame costs one frame."""
    read = LegacyReader(counted=counted).feed(garbage + encode_legacy(text, counted=counted))
    assert read.texts[-1:] == (text,)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_changed_length_is_found(text: bytes, at: int, change: int):
    """A byte that is lost or added does not pass for a shorter or longer message."""
    text = text.replace(STX, b"").replace(ETX, b"") or b"A"
    at %= len(text)
    for broken in (text[:at] + text[at + 1 :], text[:at] + b"?" + text[at:]):
        frame = STX + f"{len(text):04d}".encode() + broken + ETX
        read = LegacyReader().feed(frame)
        assert read.texts == () and read.faults == (LegacyFault.LENGTH,)


@given(st.lists(st.binary(max_size=300), max_size=60))
def test_no_more_is_held_than_one_frame(blocks: list[bytes]):
    """A terminal that never ends its frame fills no memory."""
    reader = LegacyReader()
    for block in (*blocks, STX, b"x" * 30_000):
        reader.feed(block)
        assert len(reader._held) <= TEXT_MAX + 4


def test_a_frame_that_never_ends_is_dropped_once():
    """It is one fault, not one a byte; the next frame is read."""
    read = LegacyReader().feed(STX + b"9" * 50_000 + ETX + encode_legacy(b"RQ.LIC/0ABC123"))
    assert read.faults == (LegacyFault.TOO_LONG,)
    assert read.texts == (b"RQ.LIC/0ABC123",)


@pytest.mark.parametrize("digits", [b"12", b"abcd", b"+012", b" 012", b"0013"])
def test_the_length_is_four_digits_that_fit(digits: bytes):
    """`0012` is the length of twelve bytes and nothing else is."""
    read = LegacyReader().feed(STX + digits + b"RQ.LIC/0ABC1" + ETX)
    assert read.texts == () and read.faults == (LegacyFault.LENGTH,)
    assert LegacyReader().feed(STX + b"0012RQ.LIC/0ABC1" + ETX).texts == (b"RQ.LIC/0ABC1",)


@given(st.binary(max_size=40_000))
def test_a_long_answer_comes_whole_in_several_frames(text: bytes):
    """Four digits count to 9999; nothing of a longer answer is lost, and each part but the last says so."""
    reader = LegacyReader()
    read = reader.feed(b"".join(encode_long(text)))
    assert read.faults == ()
    assert all(part.endswith(b"\n*MORE*") for part in read.texts[:-1])
    joined = b"\n".join(part.removesuffix(b"\n*MORE*") for part in read.texts)
    wanted = text.replace(STX, b"?").replace(ETX, b"?")
    assert joined.replace(b"\n", b"") == wanted.replace(b"\n", b"")


def test_a_text_with_a_mark_in_it_is_not_framed():
    """It would be read as two."""
    for text in (b"A\x02B", b"A\x03B", b"x" * (TEXT_MAX + 1)):
        with pytest.raises(ValueError):
            encode_legacy(text)
