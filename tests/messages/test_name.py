"""Names: people's, in whatever letters, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.reading import faults, read

PLAIN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=14)


def name(typed: str) -> str:
    return read({"NAM": typed, "DOB": "19790101"}).fields["NAM"]


def fault_of(typed: object) -> str | None:
    return faults({"NAM": typed, "DOB": "19790101"}).get("NAM")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("vance, riley j", "VANCE,RILEY J"),
        ("  VANCE ,  RILEY   J ", "VANCE,RILEY J"),
        ("O'BRIEN,SEAN", "O'BRIEN,SEAN"),
        ("O’BRIEN,SEAN", "O'BRIEN,SEAN"),
        ("SMITH-JONES,ANN MARIE JR", "SMITH-JONES,ANN MARIE JR"),
        ("NULL,JOHN", "NULL,JOHN"),
        ("TRUE,FALSE", "TRUE,FALSE"),
        ("NONE,NAN", "NONE,NAN"),
        ("ST. JOHN,MARY", "ST JOHN,MARY"),
        ("DOE,JOHN,JR", "DOE,JOHN JR"),
        ("Åström,Øyvind", "ASTROM,OYVIND"),
        ("GROßE,ÆGIR", "GROSSE,AEGIR"),
        ("ＶＡＮＣＥ,RILEY", "VANCE,RILEY"),
        ("NGUYỄN,ÁNH", "NGUYEN,ANH"),
    ],
)
def test_a_person_is_asked_for_in_the_letters_that_record_systems_keep(typed, asked):
    """LAST,FIRST in capitals; marks fold to A to Z; a word of any language may be a name."""
    assert name(typed) == asked


@pytest.mark.parametrize("typed", ["GARCÍA,JOSÉ", "ST. JOHN,MARY", "DOE,JOHN,JR", "D\u043eE,JOHN", "DOE,R2"])
def test_what_was_changed_or_is_odd_is_said(typed):
    """A name that goes out otherwise than typed, or holds what names seldom do, warns."""
    assert read({"NAM": typed, "DOB": "19790101"}).warnings


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("DOE", "NAME_FORM"),
        ("DOE,", "NAME_FORM"),
        (",JOHN", "NAME_FORM"),
        ("1,2", "NAME_FORM"),
        ("<b>DOE</b>,JOHN", "NAME_CHARACTER"),
        ("{0.__class__},A", "NAME_CHARACTER"),
        ("DOE/LIC,JOHN", "NAME_CHARACTER"),
        ("\U0001f4a9,A", "NAME_CHARACTER"),
        ("ИВАНОВ,ЮРИЙ", "NAME_CHARACTER"),
        ("李,明", "NAME_CHARACTER"),
        ("DOE\r\nINFO login ok,JOHN", "CHARACTER_INVALID"),
        ("DOE\x00,JOHN", "CHARACTER_INVALID"),
        ("DOE\u202e,JOHN", "CHARACTER_INVALID"),
        ("DO\u200bE,JOHN", "CHARACTER_INVALID"),
        ("DOE\ud800,JOHN", "CHARACTER_INVALID"),
        ("A" * 15 + "," + "B" * 15, "NAME_LENGTH"),
        ("ß" * 12 + "," + "B" * 12, "NAME_LENGTH"),
        ("", "FIELD_EMPTY"),
        ("   ", "FIELD_EMPTY"),
        (None, "FIELD_TYPE"),
        (["DOE,JOHN"], "FIELD_TYPE"),
        ({"$ne": None}, "FIELD_TYPE"),
        (True, "FIELD_TYPE"),
    ],
)
def test_what_is_no_name_is_refused_for_what_it_is(typed, code):
    """Markup, pictures, hidden characters, other types, and names that no record system could keep."""
    assert fault_of(typed) == code


def test_thirty_characters_are_the_most():
    """The field holds 30, comma included."""
    assert fault_of("A" * 15 + "," + "B" * 14) is None
    assert fault_of("A" * 15 + "," + "B" * 15) == "NAME_LENGTH"


@given(PLAIN, PLAIN)
def test_a_name_that_was_read_reads_the_same_again(last, first):
    """Reading is stable: what is asked can be typed and is asked again."""
    asked = name(f"{last}, {first}")
    assert name(asked) == asked


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_a_fault(typed):
    """Nothing that can be typed breaks the reading, and what is asked is printable ASCII in capitals."""
    if fault_of(typed) is None:
        asked = name(typed)
        assert asked.isascii() and asked.isprintable() and asked == asked.upper() and len(asked) <= 30
