"""Social Security numbers, NCIC record numbers."""

from __future__ import annotations

import pytest

from messages.reading import faults, read
from openclets.messages.vocabulary import load


@pytest.mark.parametrize("typed", ["900123456", "900-12-3456", "666 12 3456", "000123456"])
def test_numbers_never_issued_belong_to_training_alone(typed):
    """A training installation takes exactly the ranges that a live one refuses."""
    assert faults({"SOC": typed}) == {}
    assert faults({"SOC": typed}, vocabulary=load(training=False)) == {"SOC": "SOC_RANGE"}


def test_a_number_that_may_be_a_real_persons_stays_out_of_training():
    """An issued range is refused where only invented persons are held, and taken where real ones are."""
    assert faults({"SOC": "123-45-6789"}) == {"SOC": "SOC_RANGE"}
    assert read({"SOC": "123-45-6789"}, vocabulary=load(training=False)).fields == {"SOC": "123456789"}


@pytest.mark.parametrize("typed", ["12345678", "1234567890", "12-345-6789", "90012345A"])
def test_what_is_not_nine_digits_is_no_number(typed):
    """Nine digits, with the usual hyphens or none."""
    assert faults({"SOC": typed}) == {"SOC": "SOC_FORM"}


@pytest.mark.parametrize(
    ("key", "number", "code"),
    [
        ("QW", "W990000417", None),
        ("QW", "V990000417", "NIC_FILE"),
        ("QV", "V990000417", None),
        ("QV", "P990000417", None),
        ("QV", "W990000417", "NIC_FILE"),
        ("QPO", "H990000417", None),
        ("QPO", "W990000417", "NIC_FILE"),
        ("QW", "W99000041", "FIELD_FORM"),
        ("QW", "9990000417", "FIELD_FORM"),
    ],
)
def test_a_record_number_begins_with_the_letter_of_a_file_that_is_asked(key, number, code):
    """The letter tells the file; a key takes only its own files' numbers."""
    assert faults({"NIC": number}, key).get("NIC") == code
