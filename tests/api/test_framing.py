"""Framings that two readers could read in two ways: refused, or read as one message and no more.

A proxy before us and we must see the same number of messages (corpus B208, B211). Counted by entries: an
inquiry hidden in another's body would leave one.
"""

from __future__ import annotations

import json

import pytest

from running_demo import RunningDemo
from wrong.raw_http import Heard, send

ASKER = "SBII001"
BODY = json.dumps({"message_key": "RQ", "fields": {"LIC": "0ABC123"}, "reason": "stop"}).encode()


def start(demo: RunningDemo, *more: str, path: str = "/api/v1/inquiries") -> bytes:
    """Request line and headers up to what the case adds."""
    token = demo.bearer(ASKER)["Authorization"]
    lines = [f"POST {path} HTTP/1.1", "Host: openclets.invalid", f"Authorization: {token}", *more]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def hidden(demo: RunningDemo) -> bytes:
    """A whole second inquiry, to be smuggled behind the first."""
    return start(demo, f"Content-Length: {len(BODY)}") + b"\r\n" + BODY


def chunked(body: bytes) -> bytes:
    """A body in one chunk."""
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


LENGTH = f"Content-Length: {len(BODY)}"
CASES: dict[str, tuple[tuple[str, ...], bytes]] = {
    "two lengths that differ": ((LENGTH, "Content-Length: 3"), BODY),
    "a list of lengths": ((f"{LENGTH}, 3",), BODY),
    "a signed length": ((f"Content-Length: +{len(BODY)}",), BODY),
    "a negative length": (("Content-Length: -1",), BODY),
    "a hexadecimal length": ((f"Content-Length: 0x{len(BODY):x}",), BODY),
    "a length beyond numbers": (("Content-Length: 99999999999999999999999",), BODY),
    "a space before the colon": ((f"Content-Length : {len(BODY)}",), BODY),
    "a folded header": (("X-A: 1\r\n b", LENGTH), BODY),
    "a NUL in a header": (("X-A: 1\x002", LENGTH), BODY),
    "a bare line feed in a header": (("X-A: 1\nContent-Length: 3", LENGTH), BODY),
    "a bare carriage return in a header": (("X-A: 1\rX-B: 2", LENGTH), BODY),
    "an unknown transfer coding": (("Transfer-Encoding: xchunked",), chunked(BODY)),
    "chunked not last": (("Transfer-Encoding: chunked, identity",), chunked(BODY)),
    "a length and chunks": ((LENGTH, "Transfer-Encoding: chunked"), chunked(BODY)),
    "chunks and a length": (("Transfer-Encoding: chunked", LENGTH), chunked(BODY)),
    "a short length and chunks": (("Content-Length: 4", "Transfer-Encoding: chunked"), chunked(BODY)),
    "a coding in odd case": (("Transfer-Encoding: cHuNkEd",), chunked(BODY)),
    "a coding after a tab": (("Transfer-Encoding:\tchunked",), chunked(BODY)),
    "a chunk length with a sign": (("Transfer-Encoding: chunked",), b"+" + chunked(BODY)),
    "a chunk length beyond numbers": (("Transfer-Encoding: chunked",), b"f" * 20 + b"\r\n" + BODY),
}


@pytest.mark.parametrize("case", CASES)
def test_a_doubtful_framing_hides_no_message(running_demo: RunningDemo, case: str) -> None:
    """Refused with the connection closed, or one message; what lies behind a refused one is never read."""
    headers, body = CASES[case]
    since = running_demo.size()
    heard = send(
        running_demo.address, start(running_demo, *headers) + b"\r\n" + body, wait_s=1.5, first_only=True
    )
    seen = [e.kind for e in running_demo.of_operator(ASKER, since)]
    if heard.code == 200:
        assert seen == ["InquiryPermitted", "ReplyReleased"]
    else:
        assert heard.code in (0, 400, 413, 431), heard
        assert seen in ([], ["InquiryRefused"])
    assert_one_each(running_demo, case)


def assert_one_each(demo: RunningDemo, case: str) -> None:
    """With a second inquiry behind it, at most the messages that were answered exist."""
    headers, body = CASES[case]
    since = demo.size()
    sent = start(demo, *headers) + b"\r\n" + body + hidden(demo)
    heard: Heard = send(demo.address, sent, wait_s=1.0, first_only=False)
    inquiries = [
        e for e in demo.of_operator(ASKER, since) if e.kind in ("InquiryPermitted", "InquiryRefused")
    ]
    assert len(inquiries) <= heard.answers
    if heard.code == 400:
        assert inquiries == []
        assert heard.closed


def test_two_messages_in_one_segment_are_both_answered_in_order(running_demo: RunningDemo) -> None:
    """Pipelining is honest."""
    heard = send(running_demo.address, hidden(running_demo) * 2, wait_s=2, first_only=False)
    assert (heard.code, heard.answers) == (200, 2)


def test_a_message_that_comes_byte_by_byte_is_answered(running_demo: RunningDemo) -> None:
    """A slow but honest sender is served."""
    whole = hidden(running_demo)
    head, body = whole[:-20], whole[-20:]
    heard = send(running_demo.address, head, *[bytes([b]) for b in body], pause_s=0.02, wait_s=5)
    assert heard.code == 200


def test_a_body_that_never_ends_is_cut(running_demo: RunningDemo) -> None:
    """Half a body and a hung-up line is no inquiry, and no entry."""
    since = running_demo.size()
    sent = start(running_demo, "Content-Length: 5000") + b"\r\n" + BODY
    heard = send(running_demo.address, sent, wait_s=0.5)
    assert heard.code == 0
    assert [e.kind for e in running_demo.of_operator(ASKER, since)] == []


def test_http_2_is_not_offered(running_demo: RunningDemo) -> None:
    """A client that begins with the preface of HTTP/2 is turned away."""
    heard = send(running_demo.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", wait_s=2)
    assert heard.code in (0, 400, 405, 505)
    assert heard.closed or heard.code
