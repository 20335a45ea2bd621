"""The form spoken with outside systems: round trips, and everything that is not in it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.samples import history, order, query, wanted
from openclets.adapters.http_json.wire import Message, Reading, message, printable, write_answer
from openclets.records.answer import Answer, LegState, Subject

NO_HIT = msgspec.structs.replace(order(), hit=False)
ANSWERS = (
    Answer(LegState.HIT, (wanted(), NO_HIT), "MKE/WANTED PERSON\nMATCHED ON: name exact"),
    Answer(LegState.RECORD, (history(),), "MKE/CRIMINAL HISTORY"),
    Answer(LegState.NO_RECORD, text="NO NCIC WANT  NAM/DOE,SAM"),
    Answer(LegState.DENIED, text="DENIED", detail="not authorized for this file"),
    Answer(LegState.NOT_ASKED, text="NOT SEARCHED", detail="cannot be searched by LIC"),
    Answer(LegState.TRUNCATED, (wanted(),), "1 MORE NOT SENT", "1 more record matches"),
)


def read(body: bytes, query_id: str = "q.1", step: int = 4096, asked: bytes = b"") -> Reading:
    reading = Reading(query_id, asked)
    for start in range(0, len(body), step):
        reading.feed(body[start : start + step])
    return reading


@given(st.sampled_from(ANSWERS), st.integers(1, 60))
def test_an_answer_read_in_any_pieces_is_the_answer_written(written: Answer, step: int) -> None:
    """Blocks fall where the network likes."""
    assert read(write_answer("q.1", written), step=step).answer() == written


def test_a_message_reads_back_as_the_query_it_was() -> None:
    """What the switch asks is what the outside system's code is given."""
    asked = query("ncic.wanted_person", {"NAM": "O'BRIEN,MAE", "DOB": "19790101"}, sweep=True)

    sent = msgspec.json.encode(message(asked, "q.1", asked.deadline_s))

    assert msgspec.json.decode(sent, type=Message).query() == asked


@given(st.sampled_from(ANSWERS), st.data())
def test_an_answer_cut_anywhere_is_never_whole(written: Answer, data: st.DataObject) -> None:
    """Every beginning of an answer short of its end is no answer; only records read whole remain."""
    body = write_answer("q.1", written)
    cut = data.draw(st.integers(0, len(body) - 2))

    reading = read(body[:cut])

    assert reading.answer() is None
    assert reading.records == written.records[: len(reading.records)]


@given(st.binary(max_size=300))
def test_garbage_is_never_an_answer(body: bytes) -> None:
    """Whatever the bytes: no answer, and no failure of ours."""
    assert read(body + b"\n").answer() is None


@given(st.sampled_from(ANSWERS), st.data())
def test_no_bit_of_message_or_answer_may_change_on_its_way(written: Answer, data: st.DataObject) -> None:
    """A search term or a record garbled by a line would be somebody else's answer: the digest says so."""
    asked = b'{"fields":{"NAM":"DOE,SAM"}}'
    body = write_answer("q.1", written, asked)
    assert read(body, asked=asked).answer() == written
    assert read(body, asked=asked.replace(b"SAM", b"SAL")).answer() is None
    at, bit = data.draw(st.integers(0, len(body) - 2)), data.draw(st.integers(0, 7))
    garbled = bytearray(body)
    garbled[at] ^= 1 << bit
    assert read(bytes(garbled), asked=asked).answer() is None


def line(**fields: object) -> bytes:
    return msgspec.json.encode(fields) + b"\n"


END = line(end=True, text="NO NCIC WANT", sha256="0" * 64)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (line(query_id="q.2", state="NO_RECORD", records=0) + END, "answers another question"),
        (line(query_id="q.1", state="HIT", records=0) + END, "says HIT and holds 0 records"),
        (line(query_id="q.1", state="NO_RECORD", records=1) + END, "promised 1 records and holds 0"),
        (line(query_id="q.1", state="LATE", records=0) + END, "does not say LATE"),
        (line(query_id="q.1", state="PENDING", records=0) + END, "does not say PENDING"),
        (line(query_id="q.1", state="CLEAR", records=0) + END, "not in the form agreed"),
        (line(query_id="q.1", state="NO_RECORD", records=0) + END + END, "lines after the end"),
        (b'{"query_id":"q.1","state":"NO_RECORD","records":0}\xff\n' + END, "not in the form agreed"),
        (b"NO RECORD\n", "not in the form agreed"),
        (b'{"x":' + b"[" * 200_000 + b"\n", "not in the form agreed"),
        (b'{"query_id":"\\ud800"}\n', "not in the form agreed"),
        (
            write_answer("q.1", Answer(LegState.HIT, (wanted(MIS="\x1b[2J"),), "HIT")),
            "characters that cannot be printed",
        ),
        (
            line(query_id="q.1", state="RECORD", records=1)
            + msgspec.json.encode({"record": wanted()})
            + b"\n"
            + END,
            "says RECORD and holds 1 records",
        ),
    ],
)
def test_an_answer_that_contradicts_itself_is_none_and_says_why(body: bytes, why: str) -> None:
    """Nothing is guessed: the fault names what is wrong."""
    reading = read(body)

    assert reading.answer() is None
    assert why in reading.fault
    assert reading.records == ()


def test_text_from_outside_cannot_steer_a_terminal() -> None:
    """Escape sequences and direction marks are taken out; lines stay lines."""
    assert printable("HIT\n\x1b[2JNO RECORD\u202e") == "HIT\n [2JNO RECORD "
    assert printable("PLAIN\nTEXT") == "PLAIN\nTEXT"


@pytest.mark.parametrize(
    "subject",
    [
        Subject("x" * 201, "subject"),
        Subject("", "subject"),
        Subject("P\x001", "subject"),
        Subject("P1", ""),
        Subject("P1", "subject", 1001),
        Subject("P1", "subject", -1),
    ],
)
def test_a_person_named_in_a_form_that_cannot_be_kept_makes_the_answer_unreadable(subject: Subject) -> None:
    """What cannot be entered with the reply must not fail the reply: its leg alone is unreadable."""
    odd = msgspec.structs.replace(wanted(), subjects=(subject,))
    reading = read(write_answer("q.1", Answer(LegState.HIT, (odd,), "HIT")))
    assert reading.answer() is None
    assert "cannot be kept" in reading.fault
