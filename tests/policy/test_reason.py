"""What a reason in words is taken to mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.policy.reason import Weight, classify_reason, fold, known_phrases


@pytest.mark.parametrize(
    "reason",
    [
        "immigration enforcement",
        "IMMIGRATION",
        "ICE detainer",
        "i.c.e. detainer? no: ICE-detainer",
        "assisting ICE agents at jail",
        "Deportation",
        "ïmmigratiön check",
        "civil  immigration\twarrant",
        "Enforcement-and-Removal",
    ],
)
def test_words_that_mean_immigration_enforcement_are_recognised(reason: str) -> None:
    """Case, accents, punctuation and spacing don't hide them."""
    assert classify_reason(reason).immigration


@pytest.mark.parametrize(
    "reason",
    [
        "CCW permit renewal",
        "concealed carry applicant",
        "Concealed-Carry",
        "ccw background",
        "carry license check",
    ],
)
def test_words_that_mean_concealed_carry_vetting_are_recognised(reason: str) -> None:
    """The misuse of 2023 in its usual words."""
    assert classify_reason(reason).concealed_carry


@pytest.mark.parametrize(
    ("reason", "review"),
    [
        ("ICE", ("ice",)),
        ("i.c.e.", ("i c e",)),
        ("joint operation with HSI", ("hsi",)),
        ("CCW arrest", ("ccw",)),
        ("suspect had a concealed weapon", ("concealed weapon",)),
    ],
)
def test_words_that_may_mean_it_only_raise_a_review(reason: str, review: tuple[str, ...]) -> None:
    """What an officer may honestly write in the field refuses nothing and is read again by a person."""
    found = classify_reason(reason)
    assert not found.immigration
    assert not found.concealed_carry
    assert found.review == review


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "traffic stop",
        "slipped on black ice",
        "stolen from ice cream truck",
        "police service, vice squad",
        "victim is an immigration attorney",
        "U-visa certification",
        "deporte",
        "heroin",
        "24-8824 burglary",
    ],
)
def test_ordinary_reasons_say_nothing(reason: str) -> None:
    """Words inside words, and words set aside, are not taken for what they resemble."""
    found = classify_reason(reason)
    assert (found.immigration, found.concealed_carry, found.review) == (False, False, ())


def test_a_phrase_set_aside_does_not_hide_another() -> None:
    """`U visa` lifts itself, not the rest of the reason."""
    assert classify_reason("U visa pretext for immigration enforcement").immigration


def test_every_row_is_found_by_its_own_words_unless_switched_off() -> None:
    """Each phrase classifies as its row says, in capitals too; recalled rows are off until somebody confirms
    them.
    """
    for row in known_phrases():
        found = classify_reason(f"re: {row.phrase.upper()}!")
        assert (row.phrase in found.phrases) == (row.on and row.weight is Weight.MEANS), row
        assert (row.phrase in found.review) == (row.on and row.weight is Weight.REVIEW), row
        assert row.on != row.evidence.startswith("recalled"), row


@given(st.text(max_size=60))
def test_any_text_can_be_classified_and_folding_is_stable(reason: str) -> None:
    """No text breaks it, and folding twice is folding once."""
    classify_reason(reason)
    assert fold(fold(reason)) == fold(reason)
