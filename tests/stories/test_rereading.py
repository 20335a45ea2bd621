"""A look-up is shown again to whom it was shown, and to nobody else; each time is an entry."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from running_demo import EXEMPT, RunningDemo

PLATE: dict[str, Any] = {"message_key": "RQ", "fields": {"LIC": "0ABC123"}, "reason": "traffic stop"}
OWNER, COLLEAGUE, STRANGER = "SCSD001", "SCSD002", "EBPD001"


def asked(demo: RunningDemo, operator: str = OWNER, **more: object) -> dict[str, Any]:
    """One answered look-up."""
    answer = demo.ask({**PLATE, **more}, operator)
    assert answer.status_code == 200, answer.text
    reply: dict[str, Any] = answer.json()
    return reply


def fresh_key() -> str:
    """An idempotency key nobody has used."""
    return f"story-{time.monotonic_ns()}"


def test_ones_own_look_up_is_shown_again_as_it_was(running_demo: RunningDemo) -> None:
    """The same legs, the same receipt; one entry names what was opened."""
    first, since = asked(running_demo), running_demo.size()
    again = running_demo.get(f"/api/v1/transactions/{first['transaction']}", OWNER)
    assert again.status_code == 200
    assert again.json() == first
    assert [e.kind for e in running_demo.of_operator(OWNER, since)] == ["TransactionReread"]


@pytest.mark.parametrize("path", ["", "/proof", "/events"])
def test_what_is_not_ones_own_is_not_there(running_demo: RunningDemo, path: str) -> None:
    """A colleague's, another agency's and one that never was get one answer, byte for byte, and an entry."""
    transaction = asked(running_demo)["transaction"]
    heard: list[httpx.Response] = []
    for operator, number in (
        (COLLEAGUE, transaction),
        (STRANGER, transaction),
        (OWNER, "01a2048a-0000-7000-8000-000000000000"),
        (OWNER, "no-number"),
    ):
        since = running_demo.size()
        heard.append(running_demo.get(f"/api/v1/transactions/{number}{path}", operator))
        kinds = [entry.kind for entry in running_demo.of_operator(operator, since)]
        assert kinds == ["RereadRefused"]
    assert {answer.status_code for answer in heard} == {404}
    assert len({answer.content for answer in heard}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in heard}) == 1


def test_a_look_up_is_read_by_nobody_without_a_credential(running_demo: RunningDemo) -> None:
    """The number of a transaction is no key."""
    transaction = asked(running_demo)["transaction"]
    assert running_demo.get(f"/api/v1/transactions/{transaction}").status_code == 401


def test_the_same_key_shows_the_reply_again(running_demo: RunningDemo) -> None:
    """A retry asks nothing: it is the first answer, with an entry that it was delivered again."""
    key = fresh_key()
    first, since = asked(running_demo, idempotency_key=key), running_demo.size()
    second = asked(running_demo, idempotency_key=key)
    assert second == first
    assert [e.kind for e in running_demo.of_operator(OWNER, since)] == ["TransactionReread"]


def test_the_same_key_for_another_inquiry_is_refused(running_demo: RunningDemo) -> None:
    """409, entered, and the first answer stands unchanged."""
    key = fresh_key()
    first = asked(running_demo, idempotency_key=key)
    since = running_demo.size()
    other = running_demo.ask({**PLATE, "fields": {"LIC": "0ABC124"}, "idempotency_key": key}, OWNER)
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert [e.kind for e in running_demo.of_operator(OWNER, since)] == ["InquiryRefused"]
    assert asked(running_demo, idempotency_key=key) == first


def test_a_key_is_its_operators_own(running_demo: RunningDemo) -> None:
    """The same key of a colleague is a new inquiry and shows nothing of the first."""
    key = fresh_key()
    first = asked(running_demo, idempotency_key=key)
    second = asked(running_demo, COLLEAGUE, idempotency_key=key)
    assert first["transaction"] != second["transaction"]


def test_twenty_retries_at_once_ask_once(running_demo: RunningDemo) -> None:
    """Whoever comes second while the first is answered is told to wait, or gets the first's answer."""
    import concurrent.futures

    body = {**PLATE, "idempotency_key": fresh_key()}
    since = running_demo.size()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: running_demo.ask(body, EXEMPT), range(20)))
    told = {answer.status_code for answer in answers}
    assert told <= {200, 409}
    assert {a.json()["error"]["code"] for a in answers if a.status_code == 409} <= {"IN_PROGRESS"}
    assert all(a.headers["retry-after"] for a in answers if a.status_code == 409)
    assert len({a.json()["transaction"] for a in answers if a.status_code == 200}) == 1
    kinds = [entry.kind for entry in running_demo.of_operator(EXEMPT, since)]
    assert kinds.count("InquiryPermitted") == kinds.count("ReplyReleased") == 1


def test_a_reply_that_is_final_at_once_has_one_event(running_demo: RunningDemo) -> None:
    """The stream of a finished look-up tells the reply, then its end."""
    first = asked(running_demo)
    answer = running_demo.get(f"/api/v1/transactions/{first['transaction']}/events", OWNER)
    assert answer.headers["content-type"].startswith("text/event-stream")
    reply, end = answer.text.strip().split("\n\n")
    assert reply.startswith("event: reply\ndata: ")
    assert json.loads(reply.partition("data: ")[2]) == first
    assert end.startswith("event: end")


def test_a_refused_look_up_has_no_answer_to_show(running_demo: RunningDemo) -> None:
    """Its number is the operator's own, and the words say why there is nothing."""
    operator, body = running_demo.example("own_record")
    transaction = running_demo.ask(body, operator).json()["error"]["receipt"]["transaction"]
    again = running_demo.get(f"/api/v1/transactions/{transaction}", operator)
    assert again.status_code == 404
    assert "refused" in again.json()["error"]["message"]
