"""Characters: which may come, how they are named, how letters fold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.messages.characters import fold, named, refused_at, refused_in_free_text_at, shown


@pytest.mark.parametrize(
    "hidden",
    ["\x00", "\n", "\r", "\x7f", "\u200b", "\u202e", "\u2066", "\ufeff", "\u2028", "\ud800", "\ue000"],
)
def test_a_character_that_hides_or_turns_text_is_refused_everywhere(hidden):
    """Controls, direction marks, separators, halves and private characters."""
    assert refused_at(f"DOE{hidden}") == 4
    assert refused_in_free_text_at(f"DOE{hidden}") == 4
    assert named(hidden).startswith("U+")
    assert hidden not in named(hidden)


def test_joined_pictures_are_words():
    """A joiner is refused in a field and taken in free text."""
    family = "\U0001f468\u200d\U0001f469"
    assert refused_at(family) == 2
    assert refused_in_free_text_at(family) == 0


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("é", "E"),
        ("e\u0301", "E"),
        ("ß", "SS"),
        ("ẞ", "SS"),
        ("İ", "I"),
        ("ı", "I"),
        ("Æ", "AE"),
        ("ł", "L"),
        ("ﬁ", "FI"),
        ("о", "O"),
    ],
)
def test_letters_fold_to_capitals_of_ascii(typed, folded):
    """Marks fall away, ligatures are spelled out, look-alikes replaced."""
    assert fold(typed).text == folded


def test_a_lookalike_is_told_from_a_marked_letter():
    """Two alphabets in one word are worth a warning; an accent is not."""
    assert fold("D\u043eE").lookalikes == (2,)
    assert fold("DÖE").lookalikes == ()


@given(st.text(max_size=30))
def test_folding_is_stable_and_gives_ascii(typed):
    """What was folded folds to itself, and is printable ASCII where nothing was odd."""
    folded = fold(typed)
    assert fold(folded.text).text == folded.text
    assert folded.text.isascii()


@given(st.text(max_size=60))
def test_typed_text_is_shown_on_one_plain_line(typed):
    """A fault cannot carry a control character or a flood of text."""
    assert shown(typed).isprintable()
    assert len(shown(typed)) <= 25
