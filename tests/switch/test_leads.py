"""What an answer leads to: further legs, decided and entered before they are asked, shown with cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from openclets.directory.identity import digests_in
from openclets.foundation.errors import Unavailable
from openclets.journal.simulated_store import WriteOutcome
from openclets.messages.vocabulary import load
from openclets.records.answer import Answer, LegState, Record, Subject
from openclets.switch.inquiry import RawInquiry
from openclets.switch.leads import led_to, load_leads
from openclets.switch.routing import PlannedLeg, load_routes
from switch.corridor import IDENTITY_KEY, Corridor, answers, found, silent

LEADS = load_leads()
QPL = load().resolve("QPL")
PLATE = RawInquiry("QPL", {"LIC": "0ABC123"}, reason="traffic stop")
STOP = RawInquiry("QTS", {"LIC": "0ABC123", "OLN": "Q0000417"}, reason="traffic stop")
OWNER = {"NAM": "VANCE,RILEY J", "DOB": "19880417"}


def registration(**identifiers: str) -> Answer:
    """A registration, and what it holds of its owner."""
    record = Record(
        "vehicle", "V1", {"LIC": "0ABC123"}, (Subject("P1", "owner"),), identifiers=identifiers or OWNER
    )
    return Answer(LegState.RECORD, (record,), "A REGISTRATION")


def licence(**identifiers: str) -> Answer:
    """A licence, and its holder."""
    record = Record(
        "driver", "D1", {"OLN": "Q0000417"}, (Subject("P1", "holder"),), identifiers=identifiers or OWNER
    )
    return Answer(LegState.RECORD, (record,), "A LICENCE")


def caused(reply: Any) -> list[tuple[str, str, str]]:
    return [(leg.system, leg.state, leg.cause) for leg in reply.legs if leg.cause]


def test_a_plate_leads_to_wants_on_its_owner_with_the_cause() -> None:
    """The owner is asked about by name and birth date, and the page can say why."""
    corridor = Corridor({"dmv.vehicle": answers(registration()), "ncic.wanted_person": answers(found())})
    reply = corridor.ask(PLATE).reply
    cause = "registered owner of 0ABC123"
    assert caused(reply) == [
        ("doj.wanted_person", "NO_RECORD", cause),
        ("ncic.wanted_person", "RECORD", cause),
    ]
    assert [dict(query.fields) for query in corridor.systems["ncic.wanted_person"].asked] == [OWNER]


def test_what_is_asked_further_is_durable_before_it_is_asked() -> None:
    """Each further leg stands in an entry of its own, and carries that entry's receipt."""
    corridor = Corridor({"dmv.vehicle": answers(registration())})
    corridor.ask(PLATE)
    kinds = corridor.kinds()
    assert kinds.index("InquiryPermitted") < kinds.index("LegsAdded") < kinds.index("ReplyReleased")
    (added,) = corridor.entries("LegsAdded")
    (query,) = corridor.systems["ncic.wanted_person"].asked
    assert query.receipt.index == added.index


def test_a_journal_that_is_away_asks_nothing_further_and_lets_nothing_leave() -> None:
    """Rule 1 holds for what an answer leads to as well."""
    corridor = Corridor({"dmv.vehicle": answers(registration(), 1)})
    corridor.loop.call_at(0.5, setattr, corridor, "outcome", WriteOutcome.LOST)
    with pytest.raises(Unavailable):
        corridor.ask(PLATE)
    assert corridor.systems["ncic.wanted_person"].asked == []


def test_an_owner_who_is_the_driver_is_asked_about_once() -> None:
    """Two records of one person lead to one set of legs."""
    corridor = Corridor({"dmv.vehicle": answers(registration()), "dmv.driver": answers(licence())})
    legs = [leg.system for leg in corridor.ask(STOP).reply.legs if leg.cause]
    assert sorted(legs) == ["doj.restraining_order", "doj.wanted_person", "ncic.wanted_person"]


def test_an_answer_that_comes_after_the_first_parts_leads_nowhere() -> None:
    """What was released is not widened behind the asker's back; the legs are shown as they were planned."""
    corridor = Corridor({"dmv.vehicle": answers(registration(), 8)})
    seen = corridor.watched(PLATE)
    assert caused(seen[-1][1]) == []


def test_a_silent_leg_that_was_led_to_is_never_no_record() -> None:
    """It is pending, then given up, like any other."""
    corridor = Corridor({"dmv.vehicle": answers(registration()), "ncic.wanted_person": silent})
    seen = corridor.watched(PLATE)
    states = {leg.system: leg.state for leg in seen[-1][1].legs if leg.cause}
    assert states["ncic.wanted_person"] == "TIMED_OUT"
    assert "No record:" not in seen[-1][1].summary


def test_a_record_without_the_person_leads_nowhere() -> None:
    """A company's car has no birth date."""
    assert (
        caused(Corridor({"dmv.vehicle": answers(registration(NAM="SYNTH LEASING"))}).ask(PLATE).reply) == []
    )


def test_the_operators_own_kin_are_not_asked_about_by_way_of_a_plate() -> None:
    """Ties are looked at for the person a leg is about, not only for what was typed."""
    corridor = Corridor({"dmv.vehicle": answers(registration())})
    operators = dict(corridor.view.operators)
    ties = digests_in(OWNER, IDENTITY_KEY)
    operators["OFF1"] = replace(operators["OFF1"], tie_identifiers=ties)
    corridor.view = replace(corridor.view, operators=operators)
    reply = corridor.ask(PLATE).reply
    assert {(leg.state, leg.reason) for leg in reply.legs if leg.cause} == {("NOT_ASKED", "declared-tie")}
    assert corridor.systems["ncic.wanted_person"].asked == []


def test_chains_end_at_their_depth_and_number() -> None:
    """Depth 2 and six legs at most, whatever comes back."""
    plan = [PlannedLeg("dmv.vehicle", "DMV", "vehicle", "RQ")]
    for depth, expected in ((0, 2), (1, 2), (2, 0)):
        planned = [replace(plan[0], depth=depth)]
        assert len(led_to(LEADS, QPL, {}, planned, [(0, registration())])) == expected
    many = Answer(
        LegState.RECORD,
        tuple(
            Record("vehicle", f"V{n}", {"LIC": "0ABC123"}, identifiers={**OWNER, "DOB": f"1988041{n}"})
            for n in range(9)
        ),
        "MANY",
    )
    legs = led_to(LEADS, QPL, {}, plan, [(0, many)])
    assert len(legs) == LEADS.legs_max
    assert led_to(LEADS, QPL, {}, [*plan, *legs], [(0, many)]) == ()


def test_the_person_asked_about_is_not_asked_about_again() -> None:
    """A name that was typed was asked about already."""
    planned = [
        PlannedLeg("doj.wanted_person", "State", "wanted", "SWQ"),
        PlannedLeg("dmv.vehicle", "", "", ""),
    ]
    legs = led_to(LEADS, QPL, OWNER, planned, [(1, registration())])
    assert [leg.system for leg in legs] == ["ncic.wanted_person"]


def test_every_lead_names_systems_that_exist() -> None:
    """A chain to nowhere would be a promise nobody keeps."""
    systems = load_routes().systems
    assert {leg.system for leads in LEADS.by_key.values() for lead in leads for leg in lead.legs} <= set(
        systems
    )
