"""Legs out when the first parts leave: shown as they come, given up at the deadline, late past it."""

from __future__ import annotations

from openclets.journal.simulated_store import WriteOutcome
from openclets.records.answer import Answer, LegState
from openclets.switch.reply import Reply
from switch.corridor import PERSON, Corridor, answers, found, leg_of, silent

NCIC = "ncic.vehicle"


def states(seen: list[tuple[float, Reply]]) -> list[tuple[int, str]]:
    """When, and in which state, the national leg was shown."""
    return [(int(at), leg_of(reply, NCIC).state) for at, reply in seen]


def test_first_parts_leave_at_five_seconds_with_what_is_there() -> None:
    """A slow source holds nobody up: the reply leaves with that leg pending and is not final."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 7)})
    seen = corridor.watched()
    assert states(seen) == [(5, "PENDING"), (7, "HIT")]
    assert [reply.final for _, reply in seen] == [False, True]
    assert [banner.kind for banner in seen[0][1].banners] == []
    assert [banner.kind for banner in seen[1][1].banners] == ["HIT"]
    assert corridor.kinds() == ["InquiryPermitted", "ReplyReleased", "LateAnswer"]


def test_a_leg_out_at_the_deadline_is_given_up_and_the_reply_is_final() -> None:
    """At fifteen seconds the silent source has timed out, in words that are no negative answer."""
    seen = Corridor({NCIC: silent}).watched()
    assert [(int(at), reply.final) for at, reply in seen] == [(5, False), (15, True)]
    leg = leg_of(seen[-1][1], NCIC)
    assert (leg.state, leg.reason) == (LegState.TIMED_OUT, "no answer within 15 s")
    assert "Not answered or not asked: National stolen vehicles and plates." in seen[-1][1].summary


def test_an_answer_after_the_deadline_is_late_and_final_stays() -> None:
    """What comes at twenty seconds is shown as LATE with its hit banner; final never goes back."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 20)})
    seen = corridor.watched()
    assert states(seen) == [(5, "PENDING"), (15, "TIMED_OUT"), (20, "LATE")]
    assert [reply.final for _, reply in seen] == [False, True, True]
    assert leg_of(seen[-1][1], NCIC).records
    assert seen[-1][1].summary.startswith("HIT from National stolen vehicles and plates.")
    assert corridor.kinds() == ["InquiryPermitted", "ReplyReleased", "LegsGivenUp", "LateAnswer"]


def test_a_late_excuse_is_no_late_answer() -> None:
    """A source that says after the deadline that it cannot answer has still not answered."""
    corridor = Corridor({NCIC: answers(Answer(LegState.UNAVAILABLE, text="DOWN"), 20)})
    seen = corridor.watched()
    assert states(seen) == [(5, "PENDING"), (15, "TIMED_OUT")]


def test_nobody_is_followed_for_ever() -> None:
    """After the profile's last second the transaction is closed and its asking stopped."""
    corridor = Corridor({NCIC: silent})
    corridor.ask()
    assert 60 <= corridor.loop.time() < 61


def test_two_legs_that_come_together_are_both_shown_before_it_is_over() -> None:
    """Of two answers in one instant the first must not make the reply final over the other's head."""
    hit = found("wanted_person", hit=True)
    corridor = Corridor(
        {
            "ncic.wanted_person": answers(hit, 8),
            "ncic.protection_order": answers(found("protection_order"), 8),
            "doj.restraining_order": answers(found("protection_order"), 8),
        }
    )
    seen = corridor.watched(PERSON)
    for _, reply in seen:
        assert reply.final == (not any(leg.state is LegState.PENDING for leg in reply.legs))
    assert [leg.state for leg in seen[-1][1].legs][:4] == ["NO_RECORD", "HIT", "RECORD", "RECORD"]
    assert len(corridor.entries("LateAnswer")) == 3


def test_answers_that_come_late_together_are_all_shown() -> None:
    """The watcher stays until the last of them."""
    corridor = Corridor(
        {
            "ncic.wanted_person": answers(found("wanted_person", hit=True), 30),
            "ncic.protection_order": answers(found("protection_order"), 30),
        }
    )
    seen = corridor.watched(PERSON)
    assert [leg.state for leg in seen[-1][1].legs][:4] == ["NO_RECORD", "LATE", "NO_RECORD", "LATE"]


def test_an_answer_waits_for_a_journal_that_is_away() -> None:
    """What arrives while the journal is gone is shown once it is entered, and not before."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 7)})
    corridor.loop.call_at(6, setattr, corridor, "outcome", WriteOutcome.LOST)
    corridor.loop.call_at(12, setattr, corridor, "outcome", WriteOutcome.KEPT)
    seen = corridor.watched()
    assert states(seen) == [(5, "PENDING"), (12, "HIT")]


def test_an_answer_waits_for_a_directory_that_is_away() -> None:
    """Nothing is shown to somebody who may have been suspended meanwhile, and nothing is thrown away."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 7)})
    corridor.loop.call_at(6, setattr, corridor, "is_current", False)
    corridor.loop.call_at(12, setattr, corridor, "is_current", True)
    assert states(corridor.watched()) == [(5, "PENDING"), (12, "HIT")]
    assert corridor.entries("ReplyWithheld") == []


def test_a_journal_that_stays_away_ends_the_waiting_without_a_record() -> None:
    """In the end the leg is given up: nothing stays open for ever, and nothing unentered shows."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 7)})
    corridor.loop.call_at(6, setattr, corridor, "outcome", WriteOutcome.LOST)
    seen = corridor.watched()
    assert states(seen) == [(5, "PENDING"), (67, "TIMED_OUT")]
    assert seen[-1][1].final
    assert not leg_of(seen[-1][1], NCIC).records
    assert corridor.entries("LateAnswer") == []


def test_an_operator_suspended_meanwhile_sees_no_further_answer() -> None:
    """The first parts have left; what comes after the suspension is withheld, with an entry that says so."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 7)})
    corridor.loop.call_at(6, corridor.suspend)
    seen = corridor.watched()
    assert states(seen) == [(5, "PENDING"), (7, "TIMED_OUT")]
    assert corridor.kinds() == ["InquiryPermitted", "ReplyReleased", "ReplyWithheld"]


def test_a_late_record_of_ones_own_is_withheld() -> None:
    """The rule holds for an answer that comes after the reply as for one in it."""
    own = found(identifiers={"LIC": "0OWN001", "LIS": "CA"})
    corridor = Corridor({NCIC: answers(own, 7)})
    seen = corridor.watched()
    assert not any(leg.records for _, reply in seen for leg in reply.legs)
    assert corridor.kinds() == ["InquiryPermitted", "ReplyReleased", "ReplyWithheld"]


def test_the_subject_of_a_late_answer_is_written_with_its_entry() -> None:
    """Whom a look-up was about is in the book also where the answer came late."""
    corridor = Corridor({NCIC: answers(found("stolen_vehicle", hit=True), 7)})
    corridor.ask()
    rows = corridor.disk.companions["switch.transaction_subject"]
    assert [row[1] for row in rows if not str(row[1]).startswith("term:")] == ["P1"]
    (late,) = corridor.entries("LateAnswer")
    assert len([wrap for wrap in late.wraps if wrap.holder.startswith("subject:")]) == 2
