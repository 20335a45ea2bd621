"""What travels beside the fields."""

from __future__ import annotations

import pytest

from openclets.messages.envelope import Envelope, read_envelope
from openclets.messages.vocabulary import load

NOTHING = {"purpose_code": None, "reason": None, "incident": None, "attention": None, "destinations": None}
WHOLE = {"purpose_code": "C", "incident": "26-0417-003", "attention": "OFC R VANCE 4471"}


def envelope(key: str = "RQ", **sent: object) -> tuple[Envelope, dict[str, str]]:
    """The envelope, and fault codes by member."""
    vocabulary = load()
    read, faults = read_envelope(vocabulary, vocabulary.resolve(key), **(NOTHING | sent))
    assert all(fault.fault and fault.remedy for fault in faults)
    return read, {fault.field: fault.code for fault in faults}


@pytest.mark.parametrize("key", ["IQ", "FQ", "QH", "QR"])
def test_criminal_history_needs_purpose_attention_and_case(key):
    """All three are named at once when they are not there, or hold nothing."""
    missing = {
        "purpose_code": "PURPOSE_MISSING",
        "attention": "ATTENTION_MISSING",
        "incident": "CASE_MISSING",
    }
    assert envelope(key)[1] == missing
    assert envelope(key, purpose_code="", attention=" ", incident="  ")[1] == missing
    assert envelope(key, **WHOLE)[1] == {}


def test_firearm_ownership_needs_purpose_and_case():
    """Attention is not asked for there."""
    assert set(envelope("QGN")[1]) == {"purpose_code", "incident"}


def test_an_ordinary_key_needs_nothing_beside_its_fields():
    """Whether some reason is due is not a matter of form."""
    assert envelope("RQ") == (Envelope(), {})


def test_what_is_sent_is_brought_to_its_form():
    """Codes in capitals; the reason as it was said, on one line."""
    read, faults = envelope(
        "IQ",
        purpose_code=" c ",
        incident="26-0417-003a",
        attention="Ofc R. Vańce",
        reason=" Traffic\n stop ",
        destinations=["nv", "NV", "OR"],
    )
    assert faults == {}
    assert read == Envelope("C", "Traffic stop", "26-0417-003A", "OFC R. VANCE", ("NV", "OR"))


@pytest.mark.parametrize("typed", ["owed", "OWED", " Owed "])
def test_a_reason_that_is_owed_is_one_word(typed):
    """Typed in any case, it reads the same."""
    assert envelope(reason=typed)[0].reason == "owed"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"purpose_code": "Q"}, "PURPOSE_UNKNOWN"),
        ({"purpose_code": "CC"}, "PURPOSE_UNKNOWN"),
        ({"purpose_code": ["C"]}, "FIELD_TYPE"),
        ({"incident": "26/0417"}, "FIELD_FORM"),
        ({"incident": "9" * 21}, "FIELD_LENGTH"),
        ({"incident": "26\x00"}, "CHARACTER_INVALID"),
        ({"incident": True}, "FIELD_TYPE"),
        ({"attention": "<b>VANCE</b>"}, "FIELD_FORM"),
        ({"attention": "V" * 31}, "FIELD_LENGTH"),
        ({"reason": "stop\u202egnp"}, "CHARACTER_INVALID"),
        ({"reason": "x" * 201}, "FIELD_LENGTH"),
        ({"reason": {}}, "FIELD_TYPE"),
        ({"destinations": "NV"}, "FIELD_TYPE"),
        ({"destinations": ["QQ"]}, "DESTINATION_INVALID"),
        ({"destinations": [1]}, "DESTINATION_INVALID"),
        ({"destinations": ["NV9020200"]}, "DESTINATION_INVALID"),
        ({"destinations": ["NV", "OR", "AZ", "UT", "ID", "WA"]}, "DESTINATION_INVALID"),
    ],
)
def test_what_has_not_the_form_is_refused_by_member(sent, code):
    """Each fault names the member it is about."""
    assert envelope(**sent)[1] == {next(iter(sent)): code}


def test_a_picture_and_other_alphabets_are_words_in_a_reason():
    """A narrative says what was seen, in the writer's own letters."""
    assert envelope(reason="граффити \U0001f4a9 на стене")[1] == {}


def test_an_attention_that_names_nobody_is_taken_and_said():
    """ASDF is entered as it stands; those who read the journal may ask."""
    read, faults = envelope("IQ", **(WHOLE | {"attention": "asdf"}))
    assert faults == {}
    assert "ASDF names nobody" in read.warnings[0]


def test_a_generic_address_counts_as_its_state():
    """Nlets' addresses of a state's files lead to the state; criminal history takes two characters only."""
    assert envelope("RQ", destinations=["NVLIC0000"])[0].destinations == ("NV",)
    assert envelope("IQ", **WHOLE, destinations=["NVSIR0000"])[1] == {"destinations": "DESTINATION_INVALID"}


def test_a_full_record_is_asked_of_one_state():
    """FQ goes to one destination."""
    assert envelope("FQ", **WHOLE, destinations=["NV"])[1] == {}
    assert envelope("FQ", **WHOLE, destinations=["NV", "OR"])[1] == {"destinations": "DESTINATION_INVALID"}


@pytest.mark.parametrize("key", ["QW", "PKQ"])
def test_a_key_that_does_not_travel_between_states_takes_only_the_home_state(key):
    """National and local keys have one way to go."""
    assert envelope(key, destinations=["CA"])[0].destinations == ("CA",)
    assert envelope(key, destinations=["NV"])[1] == {"destinations": "DESTINATION_INVALID"}
