"""Names folded and coded by sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.records.names import Phonetics, fold_name, sound


@pytest.mark.parametrize(
    ("name", "surname", "given_names"),
    [
        ("O'BRIEN,MAE", "OBRIEN", ("MAE",)),
        ("SMITH-JONES, ANA LEE", "SMITHJONES", ("ANA", "LEE")),
        ("VANCE,RILEY J JR", "VANCE", ("RILEY", "J")),
        ("GARCÍA,JOSÉ", "GARCIA", ("JOSE",)),
        ("NULL,TRUE", "NULL", ("TRUE",)),
        ("DE LA CRUZ,EVA", "DELACRUZ", ("EVA",)),
    ],
)
def test_marks_and_suffixes_do_not_count(name: str, surname: str, given_names: tuple[str, ...]) -> None:
    """Apostrophe, hyphen, accents and suffixes are dropped on match (messages.md 3.4, 7)."""
    folded = fold_name(name)

    assert (folded.surname, folded.given) == (surname, given_names)


def test_a_double_surname_is_also_found_by_each_part() -> None:
    """GARCIA-LOPEZ is filed as a whole and under both parts; a plain name only once."""
    assert fold_name("GARCIA-LOPEZ,EVA").surnames == ("GARCIALOPEZ", "GARCIA", "LOPEZ")
    assert fold_name("GARCIA,EVA").surnames == ("GARCIA",)


@pytest.mark.parametrize(
    ("surname", "code"),
    [("ROBERT", "R163"), ("RUPERT", "R163"), ("ASHCRAFT", "A261"), ("TYMCZAK", "T522"), ("PFISTER", "P236")],
)
def test_soundex_is_the_american_one(surname: str, code: str) -> None:
    """The National Archives' worked examples: H and W do not part equal codes."""
    assert sound(surname, Phonetics.SOUNDEX) == code


@given(st.text(max_size=40))
def test_any_text_folds_without_failing_and_folding_again_changes_nothing(text: str) -> None:
    """Folding is total and stable: what it gives is letters only."""
    folded = fold_name(text)

    assert fold_name(folded.surname).surname == folded.surname
    assert all(part.isalpha() and part.isascii() for part in (*folded.surname_parts, *folded.given))
