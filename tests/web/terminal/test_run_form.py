"""What is typed on the form is what is asked, and comes back as typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.foundation.errors import Fault
from openclets.web.counter import IncidentChoice
from openclets.web.terminal.run_form import blank_form, explained_as, fault_places, typed_form
from openclets.web.terminal.topics import topic_named

_INCIDENTS = (IncidentChoice("26-104417", "Traffic stop", datetime(2026, 11, 22, tzinfo=UTC), True),)


@pytest.mark.parametrize(
    ("why", "words", "incident", "reason"),
    [
        ("incident:26-104417", "", "26-104417", None),
        ("incident:26-104417", "second vehicle", "26-104417", "second vehicle"),
        ("typed", " 26-104500 ", "26-104500", None),
        ("words", "traffic stop", None, "traffic stop"),
        ("owed", "", None, "owed"),
        ("owed", "stray text", None, "owed"),
        ("words", "", None, None),
    ],
)
def test_each_way_to_say_why_becomes_incident_or_reason(
    why: str, words: str, incident: str | None, reason: str | None
) -> None:
    """Nothing is invented: an empty reason stays empty and the switch says so."""
    raw = typed_form({"look": "plate", "field.LIC": "0abc123", "why": why, "words": words}).as_inquiry()
    assert (raw.incident, raw.reason) == (incident, reason)
    assert (raw.message_key, raw.network, raw.fields) == ("QPL", "LOCAL", {"LIC": "0abc123"})


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_was_typed_is_kept_to_the_letter(plate: str, words: str) -> None:
    """A fault never costs anybody their typing."""
    form = typed_form({"look": "plate", "field.LIC": plate, "words": words})
    assert form.values["LIC"] == plate and form.words == words


def test_a_birth_date_may_be_typed_with_dashes() -> None:
    """As the hint shows it; anything else goes to the switch as typed, to be judged there."""
    fields = {"look": "wanted", "field.NAM": "DOE,SAM"}
    assert typed_form({**fields, "field.DOB": "1979-01-01"}).as_inquiry().fields["DOB"] == "19790101"
    assert typed_form({**fields, "field.DOB": "1/1/1979"}).as_inquiry().fields["DOB"] == "1/1/1979"


def test_the_present_incident_explains_the_next_look_up() -> None:
    """The accountable path is the fast path: nothing to choose at a stop."""
    topic = topic_named("plate")
    assert blank_form(topic, topic.ways[0], _INCIDENTS, "k").incident == "26-104417"
    assert blank_form(topic, topic.ways[0], (), "k").incident == ""


def test_the_next_form_is_explained_as_the_last() -> None:
    """A listed incident is chosen again, another is typed again, a debt stays a debt."""
    assert explained_as("26-104417", "", _INCIDENTS) == ("incident:26-104417", "")
    assert explained_as("26-9", "", _INCIDENTS) == ("typed", "26-9")
    assert explained_as("", "owed", _INCIDENTS) == ("owed", "")
    assert explained_as("", "welfare check", _INCIDENTS) == ("words", "welfare check")


def test_a_fault_stands_beside_the_control_it_is_about() -> None:
    """Those of no control on this form stand at the top alone."""
    form = typed_form({"look": "plate"})
    faults = [
        Fault("LIC", "is missing", "type it"),
        Fault("incident", "x", "y"),
        Fault("purpose_code", "x", "y"),
    ]
    places = fault_places(faults, form)
    assert list(places) == ["field-LIC", "words", ""]
