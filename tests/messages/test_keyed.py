"""Keyed text: cut apart, printed, and the same again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.foundation.errors import BadInput
from openclets.messages.keyed import TEXT_MAX, KeyedMessage, parse, print_full
from openclets.messages.vocabulary import load

VOCABULARY = load()
NAMES = VOCABULARY.key_names()
PLAIN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'-,", min_size=0, max_size=20)
WORDS = st.text("ABC abc019./,-'É\U0001f4a9", max_size=40).map(str.strip)


def cut(text: str) -> KeyedMessage:
    return parse(text, VOCABULARY)


def faults(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        cut(text)
    return [fault.code for fault in caught.value.faults]


def test_the_short_form_is_a_key_and_its_fields():
    """The sender is whoever is logged in."""
    assert cut("RQ.LIC/0ABC123.LIS/CA") == KeyedMessage("RQ", fields={"LIC": "0ABC123", "LIS": "CA"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "RQ.CA9010100.NV.TXT\nLIC/0SYN123.LIY/2027.LIT/PC",
            KeyedMessage("RQ", "CA9010100", ("NV",), "", {"LIC": "0SYN123", "LIY": "2027", "LIT": "PC"}),
        ),
        (
            "DQ.CA9010100.OR,NV.*A000012345.TXT\r\nNAM/VANCE,RILEY J.DOB/19880417.\r\nSEX/F\r\n",
            KeyedMessage(
                "DQ",
                "CA9010100",
                ("OR", "NV"),
                "A000012345",
                {"NAM": "VANCE,RILEY J", "DOB": "19880417", "SEX": "F"},
            ),
        ),
        ("rq.ca9010100.txt\nlic/0syn001.", KeyedMessage("RQ", "CA9010100", fields={"LIC": "0syn001"})),
        ("QW.CA9010100.NAM/DOE,SAM", KeyedMessage("QW", "CA9010100", fields={"NAM": "DOE,SAM"})),
        ("RQ.NV.LIC/0SYN001", KeyedMessage("RQ", "", ("NV",), "", {"LIC": "0SYN001"})),
        ("RQ..NVLIC0000.TXT\nLIC/0SYN001", KeyedMessage("RQ", "", ("NVLIC0000",), "", {"LIC": "0SYN001"})),
        ("RQ", KeyedMessage("RQ")),
        ("QW.CA9010100.NAM/", KeyedMessage("QW", "CA9010100", fields={"NAM": ""})),
        ("RQ.LIC/0A.FOO/BAR", KeyedMessage("RQ", fields={"LIC": "0A", "FOO": "BAR"})),
    ],
)
def test_a_message_is_cut_where_its_shape_says(text, message):
    """Header by shape, fields at periods; values are left for the reading."""
    assert cut(text) == message
    assert cut(print_full(message)) == message


def test_free_text_keeps_its_periods_and_what_looks_like_no_field_of_ours():
    """A reason is words; it ends where a known field begins."""
    message = cut("QH.ATN/R. VANCE.RSN/Saw it at 5.30. See A.B/C and X.ABC/1.NAM/DOE,SAM")
    assert message.fields["ATN"] == "R. VANCE"
    assert message.fields["RSN"] == "Saw it at 5.30. See A.B/C and X. ABC/1"
    assert message.fields["NAM"] == "DOE,SAM"


def test_a_reason_that_holds_a_field_is_printed_so_that_it_stays_a_reason():
    """Words cannot become a field on the way."""
    printed = print_full(
        KeyedMessage("RQ", "CA9010100", fields={"RSN": "NOTE.LIC/0AAA111", "LIC": "0SYN001"})
    )
    assert cut(printed).fields == {"RSN": "NOTE. LIC/0AAA111", "LIC": "0SYN001"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (".CA9010100.NAM/DOE,SAM", ["KEY_MISSING"]),
        ("", ["KEY_MISSING"]),
        ("LIC/0SYN001", ["KEY_MISSING"]),
        ("QQQ.NAM/DOE,SAM", ["KEY_UNKNOWN"]),
        ("RR.CA9010100.TXT", ["KEY_IS_RESPONSE"]),
        ("QW.CA9010100.PUR/C.PUR/J", ["FIELD_DUPLICATE"]),
        ("QW.CA9010100\x00.NAM/DOE,SAM", ["CHARACTER_INVALID"]),
        ("\x02QW.NAM/A\x02QW.NAM/B", ["CHARACTER_INVALID", "CHARACTER_INVALID"]),
        ("QV.CA9010100.LIC/1ABC234\r\nQW.CA9010100.NAM/DOE,SAM", ["CHARACTER_INVALID"]),
        ("QV.LIC/0SYN001.\nQW.NAM/DOE,SAM", ["CHARACTER_INVALID"]),
        ("QV.LIC/0SYN001\u2028.LIS/CA", ["CHARACTER_INVALID"]),
        ("RQ.CA9010100.NV\nLIC/0SYN001", ["TEXT_MARK_MISSING"]),
        ("RQ.CA901010.NV.TXT\nLIC/0SYN001", ["ORI_LENGTH"]),
        ("RQ.CA9010100.NV.*REF-1.TXT\nLIC/0SYN001", ["CONTROL_INVALID"]),
        ("RQ.CA9010100.NV.OR.TXT\nLIC/0SYN001", ["HEADER_INVALID"]),
        ("RQ.CA9010100.NV,,OR.TXT\nLIC/0SYN001", ["HEADER_INVALID"]),
        ("RQ.PLATE/0SYN001", ["FIELD_UNKNOWN"]),
        ("RQ.TXT\nGARBAGE.LIC/0SYN001", ["BODY_INVALID"]),
        ("QQQ.CA901010.TXT\nLIC/A.LIC/B", ["KEY_UNKNOWN", "ORI_LENGTH", "FIELD_DUPLICATE"]),
        ("QW." + ".".join(f"A{number:03}/1" for number in range(101)), ["FIELDS_TOO_MANY"]),
        ("QW." + ".".join(f"F{number:05}/1" for number in range(5000)), ["FIELDS_TOO_MANY"]),
        ("RQ.LIC/" + "0" * TEXT_MAX, ["MESSAGE_TOO_LONG"]),
    ],
)
def test_a_message_that_cannot_be_cut_is_refused_for_what_it_is(text, codes):
    """Every fault of the shape at once; what hides characters is not read on."""
    assert faults(text) == codes


@st.composite
def messages(draw):
    """Messages as parse or read can make them: any key, sender, destinations, reference, fields."""
    codes = draw(st.lists(st.sampled_from(tuple(VOCABULARY.fields)), unique=True, max_size=6))
    fields = {}
    for code in codes:
        value = draw(WORDS if VOCABULARY.fields[code].free_text else PLAIN)
        separated = print_full(KeyedMessage("RQ", fields={"RSN": value})).partition("RSN/")[2]
        fields[code] = separated.strip() if VOCABULARY.fields[code].free_text else value.strip()
    return KeyedMessage(
        draw(st.sampled_from(NAMES)),
        draw(st.sampled_from(("", "CA9010100", "NV9020200", "CA902015J"))),
        tuple(draw(st.lists(st.sampled_from(("NV", "OR", "CA", "NVLIC0000")), max_size=3))),
        draw(st.text("ABC0123456789", max_size=10)),
        fields,
    )


@given(messages())
def test_what_is_printed_parses_to_the_same_message(message):
    """Round trip, for every key."""
    assert cut(print_full(message)) == message


@pytest.mark.parametrize("name", NAMES)
def test_every_keys_example_survives_printing(name):
    """Round trip of a real inquiry of each key."""
    message = KeyedMessage(name, "CA9010100", (), "REF1", dict(VOCABULARY.resolve(name).example))
    assert cut(print_full(message)) == message


@given(st.text(max_size=80) | st.text("RQ.TXLICS/,*\r\n A0", max_size=60))
def test_any_text_is_a_message_or_its_faults_and_a_message_prints_to_itself(text):
    """Nothing that can be typed breaks the cutting, and what parses is stable."""
    try:
        message = cut(text)
    except BadInput as bad:
        assert bad.faults
    else:
        assert cut(print_full(message)) == message
