"""A source that did not answer is never worded or drawn as Clear."""

from __future__ import annotations

import pytest

from openclets.records.answer import ANSWERED, LegState
from openclets.switch.reply import Banner, Leg, Reply, ShownRecord
from openclets.web.terminal.verdict import Shape, Word, in_page_order, verdict, whole

_RECORD = ShownRecord("vehicle", {"LIC": "0ABC123"})
_HIT = ShownRecord("stolen_vehicle", {"LIC": "0ABC123"}, "plate exact", True)
_HAS_RECORDS = {LegState.RECORD: (_RECORD,), LegState.HIT: (_HIT,), LegState.TRUNCATED: (_RECORD,)}


def _leg(state: LegState, reason: str = "", records: tuple[ShownRecord, ...] | None = None) -> Leg:
    held = _HAS_RECORDS.get(state, ()) if records is None else records
    return Leg("dmv.vehicle", "DMV vehicle", "RQ", state, 12, held, "", reason)


def _reply(*legs: Leg) -> Reply:
    return Reply("t", "RQ", True, legs, (), "2026-11-22T17:00:00.000000Z", "words")


@pytest.mark.parametrize("state", list(LegState))
def test_only_an_answer_of_no_record_is_clear(state: LegState) -> None:
    """Clear has one cause: the source was asked, and said so (ux.md 5.6)."""
    said = verdict(_leg(state, "" if state in ANSWERED else "outage"))
    assert (said.word is Word.CLEAR) == (state is LegState.NO_RECORD)
    if state not in ANSWERED and state is not LegState.HIT:
        assert said.shape is Shape.DASHED
        assert "no record" not in said.sentence.lower()


def test_a_late_answer_says_so_and_says_what_it_says() -> None:
    """LATE is drawn by what came: a hit, a record, no record, or a failure."""
    assert verdict(_leg(LegState.LATE, records=(_HIT,))).word is Word.HIT
    assert verdict(_leg(LegState.LATE, records=(_RECORD,))).word is Word.RECORD
    clear = verdict(_leg(LegState.LATE))
    assert clear.word is Word.CLEAR and "late" in clear.sentence
    assert verdict(_leg(LegState.LATE, "no answer within 15 s")).word is Word.NO_ANSWER


def test_a_caution_of_the_source_is_its_word() -> None:
    """Safety text on a record stands before the record."""
    banner = Banner("CAUTION", "ARMED AND DANGEROUS", system="dmv.vehicle")
    elsewhere = Banner("CAUTION", "ARMED AND DANGEROUS", system="ncic.vehicle")
    assert verdict(_leg(LegState.RECORD), [banner]).word is Word.CAUTION
    assert verdict(_leg(LegState.RECORD), [elsewhere]).word is Word.RECORD


def test_hits_stand_first_and_clear_last() -> None:
    """What matters for safety is read first; what is missing is read before what is clear."""
    legs = [_leg(s) for s in (LegState.NO_RECORD, LegState.TIMED_OUT, LegState.RECORD, LegState.HIT)]
    assert [position for position, _ in in_page_order(_reply(*legs))] == [3, 2, 1, 0]


@pytest.mark.parametrize("state", [s for s in LegState if s not in (LegState.NO_RECORD, LegState.LATE)])
def test_the_whole_is_clear_only_when_every_source_is(state: LegState) -> None:
    """One silent source among clear ones takes the word away."""
    clear = _leg(LegState.NO_RECORD)
    assert whole(_reply(clear, clear)).word is Word.CLEAR
    assert whole(_reply(clear, _leg(state))).word is not Word.CLEAR
