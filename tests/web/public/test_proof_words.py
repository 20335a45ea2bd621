"""The outcome of a check is a sentence that says neither more nor less than was shown."""

from __future__ import annotations

import pytest

from openclets.web.counter import ProofState, ReceiptCheck
from openclets.web.public.proof_words import proof_words


@pytest.mark.parametrize("state", list(ProofState))
@pytest.mark.parametrize("index", [None, 4881])
def test_only_an_included_entry_is_good(state: ProofState, index: int | None) -> None:
    """Every other outcome is a wait or an alarm, and says what to do."""
    words = proof_words(ReceiptCheck(state, index=index, size=5000))
    assert (words.tone == "good") == (state is ProofState.INCLUDED)
    assert words.tone == "good" or words.next_step
    assert "  " not in words.sentence
