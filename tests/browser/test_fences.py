"""Every form address of the sites, asked without a browser: foreign forms, missing tokens, odd bodies.

The list of addresses is read from the routers, so that a new form is tested from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from browser.demo_process import RunningDemo
from openclets.web.public.routes import public_router
from openclets.web.site import Site
from openclets.web.terminal.routes import terminal_router

pytestmark = pytest.mark.browser

OPERATOR = "SPDO006"
_NOBODY = Site(cast(Any, None), cast(Any, None), cast(Any, None))
_FILLED = {"transaction": "t", "position": "0", "link": "some-link"}
_WITHOUT_LOG_IN = {"/theme", "/verify", "/terminal/log-in", "/terminal/log-in/some-link"}


def _posted() -> list[str]:
    app = Litestar([terminal_router(_NOBODY), public_router(_NOBODY)], openapi_config=None)
    paths = {route.path for route in app.routes if "POST" in getattr(route, "methods", ())}
    return sorted(re.sub(r"\{(\w+):\w+\}", lambda found: _FILLED[found[1]], path) for path in paths)


_POSTED = _posted()


@pytest.fixture(scope="module")
def client(demo: RunningDemo) -> Iterator[httpx.Client]:
    """Somebody logged in, without a browser."""
    with httpx.Client(base_url=demo.base, timeout=30) as opened:
        answer = opened.post(
            "/terminal/log-in",
            data={"operator_id": OPERATOR, "password": demo.operators[OPERATOR]["password"]},
        )
        assert answer.status_code == 303, answer.text
        yield opened


def test_the_list_of_form_addresses_is_the_whole_of_them() -> None:
    """The check itself: routes are found by their method, not by a list kept here."""
    assert {"/terminal/run", "/terminal/keyed", "/terminal/hit/t/0/read", "/terminal/log-out"} <= set(_POSTED)


@pytest.mark.parametrize("path", _POSTED)
def test_a_form_that_another_site_sends_is_refused(client: httpx.Client, path: str) -> None:
    """By what the browser says of where it came from, log-in or not (security.md 4.3)."""
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = client.post(path, data={"theme": "night"}, headers=headers)
        assert answer.status_code == 403
        assert "another site" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", [path for path in _POSTED if path not in _WITHOUT_LOG_IN])
def test_a_form_without_the_token_of_the_session_does_nothing(client: httpx.Client, path: str) -> None:
    """The cookie alone is not enough."""
    answer = client.post(
        path, data={"form_token": "of-somebody-else"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 403
    assert client.get("/terminal/").status_code == 200, "still logged in"


@pytest.mark.parametrize("path", [path for path in _POSTED if path not in _WITHOUT_LOG_IN])
def test_a_form_without_a_log_in_is_answered_by_the_page_to_log_in(demo: RunningDemo, path: str) -> None:
    """Nothing is done, and what was typed waits in the form."""
    answer = httpx.post(demo.base + path, data={"field.LIC": "0ABC123"})
    assert answer.status_code == 401
    assert 'name="kept.field.LIC" value="0ABC123"' in answer.text


@pytest.mark.parametrize("path", _POSTED)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=%ff%fe", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"a=1&a=2", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 400_000, "application/x-www-form-urlencoded"),
        (b'{"a": 1}', "application/json"),
        (b"--nothing", "multipart/form-data; boundary=elsewhere"),
        (b"", "multipart/form-data"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "text/xml"),
    ],
)
def test_an_odd_body_is_answered_in_words(client: httpx.Client, path: str, body: bytes, kind: str) -> None:
    """Never a failure of ours, never a stack trace (the corpus's pass rule)."""
    answer = client.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text and 'File "' not in answer.text


def test_no_link_sends_a_browser_elsewhere(demo: RunningDemo) -> None:
    """The page to go on to after logging in is one of ours."""
    for onward in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        answer = httpx.post(
            f"{demo.base}/terminal/log-in",
            data={"operator_id": OPERATOR, "password": demo.operators[OPERATOR]["password"], "next": onward},
        )
        assert answer.headers["location"] == "/terminal/"


def test_the_session_cookie_is_out_of_reach(demo: RunningDemo) -> None:
    """Unreadable to scripts, and never sent with a request that another site caused."""
    answer = httpx.post(
        f"{demo.base}/terminal/log-in",
        data={"operator_id": OPERATOR, "password": demo.operators[OPERATOR]["password"]},
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


def test_every_page_carries_the_headers(client: httpx.Client) -> None:
    """Also those that say no."""
    for path in (
        "/",
        "/verify",
        "/terminal/",
        "/terminal/log-in",
        "/terminal/returns/x",
        "/nowhere",
        "/api/v1/nowhere",
    ):
        answer = client.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        if path.startswith(("/terminal", "/api")):
            assert answer.headers["cache-control"] == "no-store", path


def test_an_address_of_nothing_is_words_for_people_and_an_error_for_programs(client: httpx.Client) -> None:
    """One 404, two readers."""
    people, programs = client.get("/nowhere"), client.get("/api/v1/nowhere")
    assert people.status_code == programs.status_code == 404
    assert "There is nothing here" in people.text
    assert programs.json()["error"]["code"] == "NOT_FOUND"


def test_a_proof_file_checks_itself(client: httpx.Client) -> None:
    """What /verify lets you keep is what /verify accepts, pasted or as a file; a changed one is not."""
    kept = client.get("/verify/proof/0")
    assert kept.headers["content-disposition"].endswith('.tlog-proof"')
    as_file = client.post("/verify", files={"file": ("entry.tlog-proof", kept.content)})
    assert "In the log" in as_file.text
    pasted = client.post("/verify", data={"receipt": kept.text})
    assert "In the log" in pasted.text
    lines = kept.text.split("\n")
    changed = "\n".join("index 1" if line == "index 0" else line for line in lines)
    assert changed != kept.text
    assert "In the log" not in client.post("/verify", data={"receipt": changed}).text


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0",
        "99999999999999",
        "-1",
        "0" * 64,
        "<script>alert(1)</script>",
        "c2sp.org/tlog-proof@v1\n",
        "\u202e123",
        "a" * 9000,
    ],
)
def test_whatever_is_pasted_gets_a_sentence(client: httpx.Client, typed: str) -> None:
    """And is shown back as text."""
    answer = client.post("/verify", data={"receipt": typed})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
