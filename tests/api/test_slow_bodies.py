"""A body that does not come to its end is not waited for, and its connection is closed."""

from __future__ import annotations

import threading

from running_demo import EXEMPT, RunningDemo
from wrong.raw_http import Heard, request, send

PLATE = {"message_key": "QPS", "fields": {"LIC": "0ABC123"}, "reason": "stop"}


def test_half_a_body_is_answered_408_after_ten_seconds(running_demo: RunningDemo) -> None:
    """In JSON and in keyed text, even where bytes drip; others go on, and nothing is entered."""
    heard: dict[str, Heard] = {}
    operator = "SDAI001"
    since = running_demo.size()

    def half(path: str) -> None:
        head = request("POST", path, {**running_demo.bearer(operator), "Content-Type": "application/json"})
        head = head.replace(b"Content-Length: 0", b"Content-Length: 5000")
        drops = [b'{"message_key":', *[b" "] * 16]
        heard[path] = send(running_demo.address, head, *drops, pause_s=0.7, wait_s=16)

    paths = ("/api/v1/inquiries", "/api/v1/messages")
    slow = [threading.Thread(target=half, args=(path,)) for path in paths]
    for one in slow:
        one.start()
    assert running_demo.ask(PLATE, EXEMPT).status_code == 200
    for one in slow:
        one.join()
    for path in paths:
        assert heard[path].code == 408, heard[path]
        assert 9 < heard[path].took_s < 13
    assert heard["/api/v1/inquiries"].error["code"] == "BODY_TIMEOUT"
    assert heard["/api/v1/messages"].body.startswith(b"ER .22.")
    assert running_demo.of_operator(operator, since) == []
