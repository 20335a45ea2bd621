"""Keyed text asks what JSON asks, and is answered in keyed text, errors too."""

from __future__ import annotations

import re

import pytest

from running_demo import EXEMPT, RunningDemo

LOGGED = re.compile(r"^LOGGED (\S+) ENTRY (\d+) SHA256 ([0-9a-f]{64})$", re.M)
PLATE = "RQ.LIC/0ABC123.LIS/CA.RSN/TRAFFIC STOP"


def test_the_short_form_is_sent_by_whom_the_token_names(running_demo: RunningDemo) -> None:
    """The receipt in the last lines is that of the reply's entry."""
    answer = running_demo.ask_keyed(PLATE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    found = LOGGED.search(answer.text)
    assert found
    (entry,) = [e for e in running_demo.entries(int(found[2])) if e.index == int(found[2])]
    assert (entry.kind, entry.leaf_hex) == ("ReplyReleased", found[3])
    assert answer.text.rstrip().endswith("FINAL")


def test_the_full_form_means_the_same(running_demo: RunningDemo) -> None:
    """Sender, destinations and fields on their lines; the same systems answer with the same words."""
    short = running_demo.ask_keyed(PLATE)
    full = running_demo.ask_keyed("RQ.CA9010100.CA.TXT\r\nLIC/0ABC123.LIS/CA.RSN/TRAFFIC STOP")
    assert full.status_code == 200, full.text
    heads = [
        [line for line in answer.text.splitlines() if line.startswith("-- ")] for answer in (short, full)
    ]
    assert heads[0] == heads[1] != []


def test_json_and_keyed_text_find_the_same(running_demo: RunningDemo) -> None:
    """One corridor, two skins."""
    operator, body = running_demo.example("criminal_history")
    fields = ".".join(f"{code}/{value}" for code, value in body["fields"].items())
    text = f"IQ.{fields}.PUR/C.ATN/{body['attention']}.OCA/{body['incident']}.RSN/{body['reason']}"
    keyed, reply = running_demo.ask_keyed(text, operator), running_demo.ask(body, operator).json()
    assert keyed.status_code == 200, keyed.text
    volatile = re.compile(r"REF\w+|TIME:\d\d:\d\d")
    for leg in reply["legs"]:
        assert volatile.sub("", leg["text"]) in volatile.sub("", keyed.text)


def test_a_hit_is_the_first_thing_read(running_demo: RunningDemo) -> None:
    """Banners first, and that a hit alone is no cause to arrest."""
    _, body = running_demo.example("stolen_plate")
    answer = running_demo.ask_keyed(f"QV.LIC/{body['fields']['LIC']}.LIS/CA.RSN/PLATE READER HIT")
    first = answer.text.splitlines()
    assert first[0].startswith("*** HIT: stolen vehicle or plate")
    assert "A HIT ALONE IS NOT CAUSE TO ARREST. CONFIRM FIRST." in first


@pytest.mark.parametrize(
    ("text", "code", "number"),
    [
        ("XYZ.LIC/0ABC123.RSN/STOP", 422, ".22."),
        ("RQ.LIC/.RSN/STOP", 422, ".22."),
        ("RQ.CA9020300.CA.TXT\nLIC/0ABC123.RSN/STOP", 403, ".53."),
        ("QW.NAM/DOE,SAM.DOB/19790101.RSN/IMMIGRATION ENFORCEMENT", 403, ".50."),
        ("", 422, ".22."),
        ("\x02RQ.LIC/0ABC123\x03", 422, ".22."),
    ],
)
def test_an_error_is_said_in_keyed_text_and_entered(
    running_demo: RunningDemo, text: str, code: int, number: str
) -> None:
    """`ER`, number, words, remedy, and where the refusal stands in the log."""
    since = running_demo.size()
    answer = running_demo.ask_keyed(text)
    assert (answer.status_code, answer.text[:8].rstrip()) == (code, f"ER {number}"[:8].rstrip()), answer.text
    assert "LOGGED" in answer.text
    assert [e.kind for e in running_demo.of_operator(EXEMPT, since)] == ["InquiryRefused"]


def test_a_system_sending_keyed_text_must_name_somebody_too(running_demo: RunningDemo) -> None:
    """Keyed text has no word for it, so a system uses JSON; what it sends here is refused in words."""
    answer = running_demo.ask_keyed(PLATE, "CADSYS01")
    assert answer.status_code == 422
    assert "on_behalf_of" in answer.text


def test_a_wait_is_said_in_the_header_too(running_demo: RunningDemo) -> None:
    """A quota refuses keyed text with the same Retry-After."""
    answers = [running_demo.ask_keyed(PLATE, "SSUO002") for _ in range(34)]
    (refused, *_) = [answer for answer in answers if answer.status_code == 429]
    assert refused.text.startswith("ER .55.")
    assert int(refused.headers["retry-after"]) >= 1
