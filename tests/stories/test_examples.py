"""What a visitor is told to try works: every example of demo.json finds its record, and one is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from running_demo import RunningDemo

FOUND = {
    "plate": "RECORD",
    "driver": "RECORD",
    "vessel": "RECORD",
    "snowmobile": "RECORD",
    "parking_citations": "RECORD",
    "restraining_order_filed_by": "HIT",
    "restraining_order_filed_against": "HIT",
    "criminal_history": "RECORD",
    "criminal_history_full": "RECORD",
    "wanted_person": "HIT",
    "stolen_plate": "HIT",
    "national_wanted_person": "HIT",
    "other_state_plate": "RECORD",
    "plate_composite": "RECORD",
    "firearm": "RECORD",
    "traffic_stop": "RECORD",
    "driver_history": "RECORD",
    "missing_person": "HIT",
    "supervised_release": "HIT",
    "registrant": "RECORD",
    "stolen_gun": "HIT",
    "stolen_article": "HIT",
    "stolen_boat": "HIT",
    "load": "RECORD",
}
"""What each example finds; `own_record` is the one that is refused."""


def ask(demo: RunningDemo, name: str) -> httpx.Response:
    """Ask an example as its operator."""
    operator, body = demo.example(name)
    return demo.ask(body, operator)


def facts_of(reply: dict[str, Any]) -> str:
    """Everything the records of a reply say, in one text."""
    return " ".join(str(record["facts"]) for leg in reply["legs"] for record in leg["records"])


def test_every_example_is_known(running_demo: RunningDemo) -> None:
    """An example that nobody tries here could rot."""
    assert {*FOUND, "own_record"} == set(running_demo.examples)


@pytest.mark.parametrize("name", FOUND)
def test_an_example_finds_its_record(running_demo: RunningDemo, name: str) -> None:
    """Each question the demo offers is permitted to its operator and finds what it asks for."""
    answer = ask(running_demo, name)
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    assert reply["final"]
    assert FOUND[name] in {leg["state"] for leg in reply["legs"]}
    for leg in reply["legs"]:
        assert leg["state"] in ("HIT", "RECORD", "NO_RECORD"), leg
        assert bool(leg["records"]) == (leg["state"] in ("HIT", "RECORD"))
        assert leg["text"]
    asked = running_demo.examples[name]["fields"]
    for code in ("LIC", "OLN", "REG", "SID"):
        if code in asked:
            assert asked[code] in facts_of(reply)


@pytest.mark.parametrize("name", [name for name, state in FOUND.items() if state == "HIT"])
def test_a_hit_says_that_it_must_be_confirmed(running_demo: RunningDemo, name: str) -> None:
    """A hit alone is no cause to arrest, and its banner says so."""
    reply = ask(running_demo, name).json()
    hits = [banner for banner in reply["banners"] if banner["kind"] == "HIT"]
    assert hits and all(banner["confirm"] for banner in hits)
    assert reply["summary"].startswith("HIT from ")


def test_a_composite_asks_several_systems_of_several_organizations(running_demo: RunningDemo) -> None:
    """One plate, asked of the state's files and of the national ones at once."""
    reply = ask(running_demo, "plate_composite").json()
    assert {leg["system"] for leg in reply["legs"] if not leg["cause"]} == {
        "dmv.vehicle",
        "dmv.parking",
        "doj.stolen_vehicle",
        "ncic.vehicle",
        "doj.wanted_person",
    }
    assert [leg["system"] for leg in reply["legs"] if leg["cause"].startswith("registered owner of")] == [
        "doj.wanted_person",
        "ncic.wanted_person",
    ]


def test_a_look_up_of_oneself_is_refused_with_its_rule(running_demo: RunningDemo) -> None:
    """Nobody looks up their own record; the refusal names the rule, its citation and its entry."""
    answer = ask(running_demo, "own_record")
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["code"] == "REFUSED_BY_RULE"
    assert [rule["id"] for rule in error["rules"]] == ["own-record"]
    assert error["rules"][0]["citation"]
    newest = running_demo.entries(error["receipt"]["index"])[0]
    assert (newest.kind, newest.result_class, newest.transaction) == (
        "InquiryRefused",
        "REFUSED",
        error["receipt"]["transaction"],
    )


def test_every_look_up_is_two_entries_and_the_receipt_is_the_second(running_demo: RunningDemo) -> None:
    """The intent is in the book before anything is asked, the reply before it leaves."""
    reply = ask(running_demo, "plate").json()
    receipt = reply["receipt"]
    entries = [
        e for e in running_demo.entries(receipt["asked_index"]) if e.transaction == reply["transaction"]
    ]
    assert [entry.kind for entry in entries] == ["InquiryPermitted", "ReplyReleased"]
    assert [entry.index for entry in entries] == [receipt["asked_index"], receipt["index"]]
    assert entries[1].leaf_hex == receipt["entry_sha256"]
