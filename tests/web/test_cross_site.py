"""A form is taken only from our own pages."""

from __future__ import annotations

import pytest

from openclets.foundation.errors import Refused
from openclets.web.counter import Session
from openclets.web.cross_site import check_form_token, check_origin

_SESSION = Session(
    "c", "q4471", "R VANCE", "Synth PD", "CA9010100", "SC12", (), "America/Los_Angeles", "token-of-q4471"
)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://state.example", "host": "state.example"},
        {"referer": "https://state.example/terminal/", "host": "state.example"},
        {"host": "state.example"},
    ],
)
def test_a_form_of_our_own_is_taken(headers: dict[str, str]) -> None:
    """Our own pages, and clients that are no browsers."""
    check_origin(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://state.example", "host": "state.example"},
        {"origin": "https://elsewhere.example", "host": "state.example"},
        {"origin": "null", "host": "state.example"},
        {"referer": "https://elsewhere.example/state.example", "host": "state.example"},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    """Each of the browser's three ways to say so is heeded."""
    with pytest.raises(Refused) as refusal:
        check_origin(headers)
    assert refusal.value.code == "CROSS_SITE"


def test_a_form_needs_the_token_of_its_own_session() -> None:
    """No token, an empty one and another session's are all refused."""
    check_form_token({"form_token": "token-of-q4471"}, _SESSION)
    for form in ({}, {"form_token": ""}, {"form_token": "token-of-q4472"}, {"form_token": "é"}):
        with pytest.raises(Refused):
            check_form_token(form, _SESSION)
