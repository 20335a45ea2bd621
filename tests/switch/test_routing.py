"""By key and destination: who is asked, in which words, and how long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openclets.foundation.errors import BrokenInvariant
from openclets.messages.key import KeyKind
from openclets.messages.vocabulary import load
from openclets.switch.routing import load_routes
from openclets.switch.ruling import linked

ROUTES = load_routes()
VOCABULARY = load()


def systems(key: str, fields: dict[str, str], destinations: tuple[str, ...] = ()) -> list[str]:
    """The systems an inquiry asks, in order."""
    plan = ROUTES.plan(VOCABULARY.resolve(key), fields, destinations)
    return [leg.system for leg in plan.legs]


def test_a_plate_without_a_state_is_asked_at_home() -> None:
    """The home state's file answers when no destination is named."""
    assert systems("RQ", {"LIC": "0ABC123"}) == ["dmv.vehicle", "doj.stolen_vehicle", "ncic.vehicle"]


def test_a_plate_of_another_state_is_asked_there() -> None:
    """The state of the plate is its destination; the wanted and stolen files are asked all the same."""
    assert systems("RQ", {"LIC": "0ABC123", "LIS": "NV"})[0] == "nv.vehicle"


def test_destinations_named_win_over_the_plates_state() -> None:
    """Each destination is a leg of its own, in the order named."""
    asked = systems("RQ", {"LIC": "0ABC123", "LIS": "CA"}, ("NV", "CA"))
    assert asked[:2] == ["nv.vehicle", "dmv.vehicle"]


def test_a_destination_without_a_link_is_a_leg_that_says_so() -> None:
    """Nobody is left out in silence."""
    plan = ROUTES.plan(VOCABULARY.resolve("RQ"), {"LIC": "0ABC123", "LIS": "TX"}, ())
    assert plan.legs[0].unlinked == "no link to TX carries RQ"
    assert [leg.unlinked for leg in plan.legs[1:]] == ["", ""]


def test_a_system_this_installation_does_not_reach_is_marked() -> None:
    """An installation without the national link says so in the leg, and asks the rest."""
    plan = ROUTES.plan(VOCABULARY.resolve("RQ"), {"LIC": "0ABC123"}, ())
    marked = linked(plan, {"dmv.vehicle", "doj.stolen_vehicle"})
    assert [leg.unlinked for leg in marked.legs] == ["", "", "this network has no link to ncic.vehicle"]
    assert linked(plan, ROUTES.systems) is plan


def test_every_key_carried_has_a_route() -> None:
    """A key that can be read and not be asked would be a promise nobody keeps."""
    carried = [key for key in VOCABULARY.keys.values() if key.carried and key.kind is KeyKind.INQUIRY]
    assert len(carried) >= 18
    for key in carried:
        assert ROUTES.plan(key, {}, ()).legs


def test_a_key_without_a_route_is_no_quiet_answer() -> None:
    """What can never be stops the inquiry rather than answer nothing."""
    with pytest.raises(BrokenInvariant):
        ROUTES.plan(replace(VOCABULARY.resolve("RQ"), key="ZZZ"), {}, ())


def test_profiles_wait_as_decided() -> None:
    """First parts at 5 s; a plate is given up at 15 s, a person at 20 s (messages.md 9)."""
    plate = ROUTES.plan(VOCABULARY.resolve("RQ"), {}, ()).profile
    person = ROUTES.plan(VOCABULARY.resolve("QW"), {}, ()).profile
    assert (plate.first_s, plate.deadline_s) == (5, 15)
    assert (person.first_s, person.deadline_s) == (5, 20)


def test_a_region_is_asked_state_by_state_and_nobody_is_left_out() -> None:
    """Members that no link reaches are legs that say so."""
    plan = ROUTES.plan(VOCABULARY.resolve("RQG"), {"LIC": "0ABC123"}, ("W1",))
    assert [leg.system for leg in plan.legs][:3] == ["nv.vehicle", "or.vehicle", "az.vehicle"]
    assert {leg.message_key for leg in plan.legs if not leg.unlinked} == {"RQ"}
    assert [leg.system for leg in plan.legs if leg.unlinked] == ["wa.vehicle", "id.vehicle", "ut.vehicle"]


def test_all_states_are_those_that_are_linked_and_home_each_once() -> None:
    """NL means every participating state; one named beside it is not asked twice."""
    assert systems("SWQ", {"NAM": "DOE,SAM"}, ("NL", "NV")) == [
        "doj.wanted_person",
        "nv.wanted_person",
        "or.wanted_person",
        "az.wanted_person",
    ]


def test_a_state_without_the_file_is_a_leg_that_says_so() -> None:
    """A link to a state is not a link to all its files."""
    plan = ROUTES.plan(VOCABULARY.resolve("KQ"), {"OLN": "Q0000417"}, ("AZ",))
    assert [leg.unlinked for leg in plan.legs] == ["no link to AZ carries KQ"]
