"""From answers to what is shown: never "no record" for a silent source; banners; what is withheld."""

from __future__ import annotations

import itertools

import pytest

from openclets.records.answer import ANSWERED, Answer, LegState, Record
from openclets.switch import assembly
from openclets.switch.asking import Arrival
from openclets.switch.reply import Leg, Reply, ShownRecord
from openclets.switch.routing import PlannedLeg
from switch.corridor import NO_RECORD, found

PLANNED = PlannedLeg("doj.wanted_person", "State wanted persons", "wanted", "QW")
OTHER = PlannedLeg("ncic.wanted_person", "National wanted persons", "wanted", "QW")
SILENT = sorted(set(LegState) - ANSWERED - {LegState.PENDING, LegState.LATE, LegState.TRUNCATED})


def leg(state: LegState, title: str = "A source", *, hit: bool = False) -> Leg:
    """A leg in that state, with a record where the state has one."""
    with_record = state in (LegState.HIT, LegState.RECORD, LegState.TRUNCATED)
    records = (ShownRecord("vehicle", {}, hit=hit or state is LegState.HIT),) if with_record else ()
    return Leg("a.system", title, "QW", state, records=records)


@pytest.mark.parametrize("state", [*SILENT, LegState.PENDING])
def test_a_source_that_did_not_answer_is_never_counted_as_no_record(state: LegState) -> None:
    """Beside one that found nothing, the summary names the one that is missing."""
    legs = [leg(LegState.NO_RECORD), leg(state, "The silent one")]
    said = assembly.summary(legs)
    assert "every source" not in said
    assert "The silent one" in said
    assert assembly.result_class(legs) == "INCOMPLETE"


@pytest.mark.parametrize("states", list(itertools.product(LegState, repeat=2)))
def test_no_record_is_said_of_all_only_when_all_said_so(states: tuple[LegState, LegState]) -> None:
    """Whatever the two states are, the plain negative needs two plain negatives."""
    legs = [leg(state) for state in states]
    plain = assembly.summary(legs).startswith("No record: every source")
    late_and_empty = {LegState.LATE, LegState.NO_RECORD}
    assert plain == (set(states) <= late_and_empty)
    if assembly.result_class(legs) == "NO_RECORD":
        assert set(states) <= late_and_empty


def test_when_nobody_answered_it_says_so() -> None:
    """Not a word about records where no source was heard."""
    said = assembly.summary([leg(LegState.UNAVAILABLE, "One"), leg(LegState.TIMED_OUT, "Two")])
    assert said == "No source answered. Not answered or not asked: One, Two."


def test_a_hit_comes_first_in_words_and_in_class() -> None:
    """Of several sources the one with the hit is named first, and the silent one all the same."""
    legs = [leg(LegState.RECORD, "One"), leg(LegState.HIT, "Two"), leg(LegState.DENIED, "Three")]
    assert assembly.summary(legs) == "HIT from Two. Not answered or not asked: Three."
    assert assembly.result_class(legs) == "HIT"


def coded(codes: dict[str, list[str]], kind: str = "wanted_person", *, hit: bool = False) -> Answer:
    """An answer of one record with those codes."""
    return found(kind, hit=hit, facts={}, codes=codes)


def test_banners_come_from_codes_and_never_from_text() -> None:
    """The words of a caution in a record's text warn nobody; its code does."""
    shouting = Answer(LegState.RECORD, (Record("vehicle", "R1", {"MIS": "ARMED AND DANGEROUS"}),), "ARMED")
    assert assembly.banners([PLANNED], [(0, shouting)]) == ()
    (banner,) = assembly.banners([PLANNED], [(0, coded({"CMC": ["00"]}))])
    assert (banner.kind, banner.text, banner.confirm) == ("CAUTION", "ARMED AND DANGEROUS", False)


def test_hits_come_before_cautions_and_each_banner_once() -> None:
    """Two sources with one warrant give two hits to confirm and one caution, in the order of the table."""
    answer = coded({"CMC": ["05", "00"], "EXL": ["4"]}, hit=True)
    shown = assembly.banners([PLANNED, OTHER], [(0, answer), (1, answer)])
    assert [(banner.kind, banner.text) for banner in shown] == [
        ("HIT", "HIT: wanted person (State wanted persons)"),
        ("HIT", "HIT: wanted person (National wanted persons)"),
        ("CAUTION", "ARMED AND DANGEROUS"),
        ("CAUTION", "VIOLENT TENDENCIES"),
        ("NOTICE", "NO EXTRADITION"),
    ]
    assert [banner.confirm for banner in shown] == [True, True, False, False, False]


def test_an_unknown_code_warns_of_nothing() -> None:
    """A code outside the table is no banner: nobody invents a warning."""
    assert assembly.banners([PLANNED], [(0, coded({"CMC": ["99"]}))]) == ()


@pytest.mark.parametrize(
    ("role", "sees"), [("officer", True), ("dispatcher", True), ("records_clerk", False)]
)
def test_the_protected_person_is_shown_to_those_entitled(role: str, sees: bool) -> None:
    """What is withheld is named, so that nobody takes it for absent."""
    order = found("protection_order", hit=True, facts={"NAM": "ROE,SAM", "PPN": "DOE,CASEY"})
    shown = assembly.answered(PLANNED, Arrival(order, 3.0), role)
    (record,) = shown.records
    assert ("PPN" in record.facts) == sees
    assert record.withheld == (() if sees else ("PPN",))
    assert record.facts["NAM"] == "ROE,SAM"


def test_giving_up_names_the_reason_and_leaves_answers_alone() -> None:
    """Every pending leg becomes TIMED_OUT for that reason, and the reply final."""
    reply = Reply(
        "t", "QW", False, (leg(LegState.PENDING), leg(LegState.RECORD)), (), "", "waiting", reason_owed=True
    )
    closed = assembly.given_up(reply, "the switch stopped")
    assert [(each.state, each.reason) for each in closed.legs] == [
        (LegState.TIMED_OUT, "the switch stopped"),
        (LegState.RECORD, ""),
    ]
    assert closed.final and closed.reason_owed
    assert "Not answered or not asked" in closed.summary


def test_a_late_leg_keeps_what_it_says() -> None:
    """LATE is a matter of time, not of content."""
    shown = assembly.answered(PLANNED, Arrival(found(hit=True), 20_000.0), "officer", late=True)
    assert (shown.state, len(shown.records), shown.records[0].hit) == (LegState.LATE, 1, True)
    empty = assembly.answered(PLANNED, Arrival(NO_RECORD, 20_000.0), "officer", late=True)
    assert assembly.result_class([empty]) == "NO_RECORD"
