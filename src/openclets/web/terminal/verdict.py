"""What a leg of the answer says, in the words and shapes of ux.md 5.6.

A source that is silent, was not asked, refused, or could not be read is never worded or drawn as Clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from openclets.records.answer import LegState
from openclets.switch.reply import Banner, Leg, Reply


class Word(StrEnum):
    """The words of the page."""

    HIT = "HIT"
    CAUTION = "Caution"
    RECORD = "Record"
    CLEAR = "Clear"
    NO_ANSWER = "No answer"
    NOT_ASKED = "Not asked"
    REFUSED = "Would not answer"
    IN_PART = "In part"
    NOT_READ = "Not readable"
    WAITING = "Waiting"


class Shape(StrEnum):
    """How a card is drawn; never colour alone."""

    BAR = "bar"
    CARD = "card"
    DASHED = "dashed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word` first, then one `sentence`. `may_ask_again`: the source might answer another time."""

    word: Word
    shape: Shape
    sentence: str
    may_ask_again: bool = False


_RESULT_WORDS = {
    "HIT": "HIT",
    "RECORD": "Record",
    "NO_RECORD": "Clear",
    "INCOMPLETE": "Not complete",
    "REFUSED": "Refused",
}
_SILENT = frozenset({LegState.UNAVAILABLE, LegState.TIMED_OUT})


def verdict(leg: Leg, banners: Sequence[Banner] = ()) -> Verdict:
    """The verdict on one leg. `banners` are the reply's; a caution of its system makes it a Caution."""
    late = leg.state is LegState.LATE
    state = _state_said(leg)
    own = [banner for banner in banners if banner.system == leg.system]
    if state is LegState.HIT:
        hits = [banner.text for banner in own if banner.kind == "HIT"]
        sentence = _without_source(hits[0], leg.title) if hits else "HIT"
        return Verdict(Word.HIT, Shape.BAR, sentence + _lateness(leg, late))
    if state is LegState.RECORD:
        caution = any(banner.kind == "CAUTION" for banner in own)
        word = Word.CAUTION if caution else Word.RECORD
        count = len(leg.records)
        return Verdict(word, Shape.CARD, f"{count} record{'s' if count > 1 else ''}.{_lateness(leg, late)}")
    if state is LegState.NO_RECORD:
        return Verdict(Word.CLEAR, Shape.CARD, f"Answered: no record.{_lateness(leg, late)}")
    because = f" Reason: {leg.reason}." if leg.reason else ""
    if state in _SILENT:
        return Verdict(Word.NO_ANSWER, Shape.DASHED, f"Did not answer.{because}", may_ask_again=True)
    if state is LegState.NOT_ASKED:
        return Verdict(Word.NOT_ASKED, Shape.DASHED, f"Was not asked.{because}")
    if state is LegState.DENIED:
        return Verdict(Word.REFUSED, Shape.DASHED, f"Was asked and would not answer.{because}")
    if state is LegState.TRUNCATED:
        return Verdict(
            Word.IN_PART,
            Shape.DASHED,
            "Answered, but we could not read all of it.",
            may_ask_again=True,
        )
    if state is LegState.UNREADABLE:
        return Verdict(
            Word.NOT_READ,
            Shape.DASHED,
            "Answered, but we could not read it.",
            may_ask_again=True,
        )
    return Verdict(Word.WAITING, Shape.DASHED, "Asked; no answer yet.")


def result_word(result: str) -> str:
    """The word for the result an entry keeps in clear, on lists of look-ups."""
    return _RESULT_WORDS.get(result, "Open")


def is_hit(leg: Leg) -> bool:
    """Whether this leg holds a record that must be confirmed before anybody acts on it."""
    return leg.state is LegState.HIT or any(record.hit for record in leg.records)


def in_page_order(reply: Reply) -> tuple[tuple[int, Leg], ...]:
    """The legs with their positions in the reply: hits, other records, what is missing, then clear."""
    numbered = list(enumerate(reply.legs))
    return tuple(sorted(numbered, key=lambda pair: (_rank(pair[1]), pair[0])))


def whole(reply: Reply) -> Verdict:
    """The one verdict above all cards."""
    words = {verdict(leg, reply.banners).word for leg in reply.legs}
    if any(is_hit(leg) for leg in reply.legs):
        return Verdict(Word.HIT, Shape.BAR, reply.summary)
    for word in (Word.CAUTION, Word.RECORD, Word.WAITING):
        if word in words:
            return Verdict(word, Shape.CARD, reply.summary)
    if words == {Word.CLEAR}:
        return Verdict(Word.CLEAR, Shape.CARD, reply.summary)
    missing = Word.NOT_ASKED if words <= {Word.NOT_ASKED, Word.CLEAR} else Word.NO_ANSWER
    return Verdict(missing, Shape.DASHED, reply.summary)


def _state_said(leg: Leg) -> LegState:
    """What a late leg says is in its records and its reason (switch.assembly)."""
    if is_hit(leg):
        return LegState.HIT
    if leg.state is not LegState.LATE:
        return leg.state
    if leg.records:
        return LegState.RECORD
    return LegState.TIMED_OUT if leg.reason else LegState.NO_RECORD


def _rank(leg: Leg) -> int:
    state = _state_said(leg)
    if state is LegState.HIT:
        return 0
    if leg.records:
        return 1
    return 3 if state is LegState.NO_RECORD else 2


def _lateness(leg: Leg, late: bool) -> str:
    return f" Answered late, after {leg.elapsed_ms / 1000:.1f} s." if late else ""


def _without_source(text: str, title: str) -> str:
    return text.removesuffix(f" ({title})")
