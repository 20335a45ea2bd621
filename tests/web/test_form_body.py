"""A posted form is text fields, each once."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.foundation.errors import BadInput
from openclets.web.form_body import FIELDS_MAX, parse_form

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(_texts.filter(bool), _texts, max_size=10))
def test_any_text_comes_back_as_it_was_typed(fields: dict[str, str]) -> None:
    """The form loses and changes nothing; what is wrong with it is said later, beside the field."""
    assert parse_form(urlencode(fields).encode()) == fields


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a=%ff", "ENCODING_INVALID"),
        (b"a=\xff", "ENCODING_INVALID"),
        (b"a=1&a=2", "INPUT_INVALID"),
        (b"&".join(b"f%d=1" % n for n in range(FIELDS_MAX + 1)), "INPUT_INVALID"),
    ],
)
def test_a_form_that_is_not_text_is_refused_in_words(body: bytes, code: str) -> None:
    """Broken UTF-8, a field twice, too many fields: each names its fault."""
    with pytest.raises(BadInput) as refusal:
        parse_form(body)
    assert refusal.value.code == code
    assert refusal.value.faults
