"""Methods, addresses and what surrounds an answer: programs get JSON, people get words."""

from __future__ import annotations

import pytest

from running_demo import EXEMPT, RunningDemo
from wrong.raw_http import request, send

PLATE = {"message_key": "QPS", "fields": {"LIC": "0ABC123"}, "reason": "stop"}
PROGRAMS = (
    "/api/v1/inquiries",
    "/api/v1/messages",
    "/api/v1/feeds/duty",
    "/log/state/checkpoint",
    "/healthz",
)


@pytest.mark.parametrize("path", PROGRAMS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_is_not_offered_is_said_in_json_with_those_that_are(
    running_demo: RunningDemo, path: str, method: str
) -> None:
    """405, the one error shape, and Allow."""
    answer = running_demo.http.request(method, running_demo.base + path)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert set(answer.headers["allow"].split(", ")) & {"GET", "POST"}


@pytest.mark.parametrize("path", ["/", "/verify", "/terminal/log-in"])
def test_a_method_that_a_page_does_not_offer_is_said_in_words(running_demo: RunningDemo, path: str) -> None:
    """People who got there read why."""
    answer = running_demo.http.request("DELETE", running_demo.base + path)
    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/nothing", "/log/nothing", "/data/nothing", "/api/v2/x"]
)
def test_an_address_of_nothing_is_said_in_json_to_programs(running_demo: RunningDemo, path: str) -> None:
    """404 in the one shape, with a next step."""
    answer = running_demo.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["remedy"]


@pytest.mark.parametrize("path", ["/nothing", "/terminal/nothing", "/agency/"])
def test_an_address_of_nothing_is_said_in_words_to_people(running_demo: RunningDemo, path: str) -> None:
    """404 as a page, which runs nothing."""
    answer = running_demo.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/log/state/checkpoint", "/", "/api/openapi.json"])
def test_head_is_get_without_its_body(running_demo: RunningDemo, path: str) -> None:
    """What watches the network asks with HEAD."""
    got, head = running_demo.get(path), running_demo.http.head(running_demo.base + path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    raw = send(running_demo.address, request("HEAD", path), wait_s=1, first_only=False)
    assert raw.body == b""


def test_options_names_the_methods_and_opens_nothing_to_other_origins(running_demo: RunningDemo) -> None:
    """No Access-Control header, whatever the origin."""
    answer = running_demo.http.options(
        f"{running_demo.base}/api/v1/inquiries",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 204
    assert "POST" in answer.headers["allow"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_an_answer_is_not_kept_and_not_guessed_at(running_demo: RunningDemo) -> None:
    """Personal data is not stored by whoever passes it on, and a browser takes it for what it says it is."""
    answered = running_demo.ask(PLATE)
    refused = running_demo.ask({**PLATE, "message_key": "XX"})
    keyed = running_demo.ask_keyed("QPS.LIC/0ABC123.RSN/STOP")
    again = running_demo.get(f"/api/v1/transactions/{answered.json()['transaction']}", EXEMPT)
    for answer in (answered, refused, keyed, again):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_trailing_slash_is_the_same_door(running_demo: RunningDemo) -> None:
    """The router's own copy of the hot path answers and enters as the hot path does."""
    since = running_demo.size()
    url, headers = f"{running_demo.base}/api/v1/inquiries/", running_demo.bearer(EXEMPT)
    assert running_demo.http.post(url, json=PLATE, headers=headers).json()["final"]
    bad = running_demo.http.post(url, content=b"{", headers=headers)
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "JSON_INVALID")
    assert running_demo.http.post(url, json=PLATE).status_code == 401
    kinds = [entry.kind for entry in running_demo.of_operator(EXEMPT, since)]
    assert kinds == ["InquiryPermitted", "ReplyReleased"]


def test_health_says_which_part_is_not_in_order(running_demo: RunningDemo) -> None:
    """Ready, and each part by name."""
    assert running_demo.get("/healthz").json() == {"state": "alive"}
    ready = running_demo.get("/readyz")
    assert ready.status_code == 200
    told = ready.json()
    assert told["ready"] and told["journal_writable"] and told["directory_current"] and told["log_published"]


def test_what_is_turned_away_is_in_the_security_log_without_what_was_sent(running_demo: RunningDemo) -> None:
    """One line each: the code and who, never the body or the token."""
    secret = "SECRET-IN-A-BODY"
    headers = running_demo.bearer("SBII002")
    running_demo.http.post(
        f"{running_demo.base}/api/v1/inquiries", content=f'{{"{secret}"'.encode(), headers=headers
    )
    running_demo.http.post(
        f"{running_demo.base}/api/v1/inquiries", json=PLATE, headers={"Authorization": "Bearer oc_guess\t1"}
    )
    printed = running_demo.printed()
    assert "turned away: JSON_INVALID from SBII002 at SBI0F02" in printed
    assert "not authenticated: unknown token, from 127.0.0.1" in printed
    assert secret not in printed and "oc_guess" not in printed
    for operator in running_demo.operators.values():
        assert operator["token"] not in printed or operator["id"] in ("SPDO001",)
