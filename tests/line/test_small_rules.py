"""The line's pure rules: signs of life, the window, back-off, the CAD header, HELLO, what an answer means."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.foundation.errors import BadInput, BrokenInvariant, Refused, Unavailable, catalogue
from openclets.line.answers import exit_of
from openclets.line.asking import fitted
from openclets.line.backoff import Backoff
from openclets.line.cad_header import CadMessage, read_cad
from openclets.line.enrolled import read_enrolment
from openclets.line.hello import Hello, no_of, read_hello, read_no
from openclets.line.limits import limits
from openclets.line.liveness import Duty, Liveness
from openclets.line.network_door import _with_key
from openclets.line.room import Room
from openclets.line.sealing import Sealer
from openclets.switch.keyed_reply import print_error

IDLE, DEAD = limits().ping_idle_s, limits().dead_s


def test_a_silent_peer_is_asked_after_thirty_seconds_and_given_up_after_ninety():
    """PING after 30 s idle, dead after 90 s; time is given."""
    life = Liveness(0.0, IDLE, DEAD)
    assert life.due(29.9) is Duty.NOTHING
    assert life.due(30.0) is Duty.PING
    assert life.due(31.0) is Duty.NOTHING
    assert life.due(60.0) is Duty.PING
    assert life.due(89.9) is Duty.NOTHING
    assert life.due(90.0) is Duty.GIVE_UP


def test_whatever_is_heard_is_a_sign_of_life():
    """A busy line is never asked."""
    life = Liveness(0.0, IDLE, DEAD)
    for second in range(0, 1000, 29):
        life.heard(float(second))
        assert life.due(second + 28.0) is Duty.NOTHING


@given(st.lists(st.floats(0, 40), max_size=40))
def test_a_peer_is_never_given_up_without_having_been_asked(steps: list[float]):
    """However the checks fall, a PING comes before the end, unless no check fell between."""
    life, now, asked = Liveness(0.0, IDLE, DEAD), 0.0, False
    for step in steps:
        now += step
        duty = life.due(now)
        asked = asked or duty is Duty.PING
        if duty is Duty.GIVE_UP:
            assert now >= DEAD and (asked or step > DEAD - IDLE)
            return


def test_a_line_has_no_more_open_than_its_window():
    """Taken messages and answers nobody acknowledged count alike; one always fits where nothing is open."""
    room = Room(3, 1000)
    assert room.has(3, 900) and not room.has(4, 4) and not room.has(2, 1001)
    assert room.has(1, 5000)
    for _ in range(3):
        room.take(100)
    assert not room.has(1, 1)
    room.answered(100)
    assert not room.has(1, 1)
    room.acknowledged()
    assert room.has(1, 1)


@given(st.binary(min_size=1, max_size=1), st.floats(0, 100))
def test_waits_grow_to_a_bound(byte: bytes, asked_s: float):
    """Back-off doubles, heeds what the other side asks, and keeps to its bound, but for its spread."""
    backoff = Backoff(0.25, 15, lambda n: byte * n)
    waits = [backoff.wait_s() for _ in range(12)]
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert 0.18 <= waits[0] <= 0.32 and 11 < waits[-1] < 19
    assert Backoff(0.25, 15, lambda n: byte * n).wait_s(asked_s) < 19


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "SPD0F01.CAD77.SPDO001.RQ.LIC/0ABC123",
            CadMessage("RQ.LIC/0ABC123", "SPDO001", "CAD77"),
        ),
        ("spd0f01.a.spdo001.rq.LIC/0ABC123", CadMessage("rq.LIC/0ABC123", "SPDO001", "a")),
        ("OTHER01.CAD77.SPDO001.RQ.LIC/0ABC123", CadMessage("OTHER01.CAD77.SPDO001.RQ.LIC/0ABC123")),
        ("RQ.LIC/0ABC123", CadMessage("RQ.LIC/0ABC123")),
        ("SPD0F01.CAD77.ABC.RQ.LIC/0ABC123", CadMessage("SPD0F01.CAD77.ABC.RQ.LIC/0ABC123")),
        ("", CadMessage("")),
    ],
)
def test_the_header_of_a_dispatch_system_is_taken_off_where_it_is_one(text: str, message: CadMessage):
    """Terminal, reference, user; another terminal's header is left, to be refused by the network."""
    assert read_cad(text, "SPD0F01") == message


@given(st.text(max_size=60))
def test_no_text_makes_the_header_reader_lose_a_character(text: str):
    """What is not taken off stays."""
    found = read_cad(text, "SPD0F01")
    assert text.endswith(found.text)
    assert found.on_behalf_of or found.text == text


def test_hello_is_read_as_it_was_sent():
    """Round trip, with and without a memory."""
    for hello in (Hello("SPDCAD", "cad 4.2"), Hello("SPDCAD", "cad 4.2", "json", 2**63)):
        assert read_hello(msgspec.json.encode(hello)) == hello


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"\xff",
        b"[" * 3000,
        b'{"line":"A","software":"x","skin":"xml"}',
        b'{"line":"A","software":"x","skin":"keyed","last_seq_received":-1}',
        b'{"line":"A","software":"x","last_seq_received":true}',
        b'{"line":"A","software":"x","is_admin":true}',
        b'{"line":"A","line":"B","software":"x"}',
        b'{"line":1,"software":"x"}',
        b'{"line":"A","software":"' + b"x" * 65 + b'"}',
        b'{"line":"A","software":"a\\nb"}',
    ],
)
def test_a_hello_with_a_fault_names_it(payload: bytes):
    """Field, fault, remedy; nothing is guessed."""
    with pytest.raises(BadInput) as caught:
        read_hello(payload)
    assert all(fault.field and fault.fault and fault.remedy for fault in caught.value.faults)


def test_a_no_says_when_to_come_again():
    """Reason and retry time travel; an unreadable one is still a no."""
    no = no_of(Unavailable("DATABASE_UNAVAILABLE", "away", retry_after_s=3))
    assert read_no(msgspec.json.encode(no)) == no and no.retry_after_s == 3
    assert read_no(b"\xff").code == "LINE_FRAME"


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_the_exit_code_of_an_error_is_that_of_its_row(code: str):
    """`line send` ends as `inquire` does."""
    assert exit_of(print_error(Refused(code, catalogue()[code].text))) == catalogue()[code].exit


def test_an_answer_without_a_source_is_incomplete():
    """Exit code 5 whenever a source is silent, 0 when all answered."""
    block = "NO RECORD FROM THOSE THAT ANSWERED.\n\n-- DMV (dmv.vehicle): {}\n\nTRANSACTION x FINAL\n"
    assert exit_of(block.format("NO RECORD")) == 0
    for words in (
        "NO ANSWER - TIMED OUT - no answer within 15 s",
        "NO ANSWER - UNAVAILABLE",
        "STILL WAITING",
    ):
        assert exit_of(block.format(words)) == 5
    assert exit_of("*CAD77\n" + block.format("NO RECORD")) == 0
    assert exit_of("*CAD77\n" + print_error(Refused("REFUSED_BY_RULE", "no"))) == 3


def test_a_sealed_text_opens_in_its_own_row_alone():
    """A row that is moved, or changed, opens nowhere."""
    sealer = Sealer(b"key", lambda n: b"\x07" * n)
    sealed = sealer.seal(b"RQ.LIC/0ABC123", "inbox A 1")
    assert b"0ABC123" not in sealed
    assert sealer.open(sealed, "inbox A 1") == b"RQ.LIC/0ABC123"
    for wrong in (
        lambda: sealer.open(sealed, "inbox A 2"),
        lambda: sealer.open(sealed[:-1] + b"x", "inbox A 1"),
    ):
        with pytest.raises(BrokenInvariant):
            wrong()


def test_the_key_of_a_json_message_is_put_in_as_text():
    """The network's own door judges every byte the line sent: nothing is parsed and made again on the way."""
    assert _with_key(b'{"message_key":"RQ"} \n', "k") == b'{"message_key":"RQ","idempotency_key":"k"}'
    assert _with_key(b"{}", "k") == b'{"idempotency_key":"k"}'
    for odd in (b"", b"[1]", b"null", b'{"a":1'):
        assert _with_key(odd, "k") == odd


def test_an_answer_too_long_for_a_frame_says_that_it_is_cut():
    """It is never cut without a word."""
    most = limits().image_payload_bytes_max
    assert fitted(b"x" * most, "keyed", "T1") == b"x" * most
    cut = fitted("é".encode() * most, "keyed", "T1")
    assert len(cut) <= most and b"CUT HERE" in cut and b"T1" in cut
    assert cut.decode()
    assert b"T1" in fitted(b"x" * (most + 1), "json", "T1")


def test_an_enrolment_names_every_fault():
    """All at once: name, fingerprint, operator, terminal."""
    with pytest.raises(BadInput) as caught:
        read_enrolment("a b", "xyz", " ", "", machine=False, images=False)
    assert {fault.field for fault in caught.value.faults} == {"line", "fingerprint", "operator", "terminal"}
    made = read_enrolment(" spd1", "AB:" * 31 + "AB", "spdo001", "spd0f01", machine=False, images=False)
    assert (made.line, made.fingerprint, made.operator_id) == ("SPD1", "ab" * 32, "SPDO001")
