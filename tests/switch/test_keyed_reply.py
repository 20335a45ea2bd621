"""A reply as a dispatcher reads it: no silent source reads as a negative, and the receipt is at the end."""

from __future__ import annotations

import pytest

from openclets.foundation.errors import BadInput, Fault, Refused, RuleCited, Unavailable
from openclets.records.answer import LegState
from openclets.switch.keyed_reply import ECHO_MAX, print_error, print_reply
from openclets.switch.reply import Banner, Leg, ReceiptShown, ReleasedReply, Reply

RECEIPT = ReceiptShown("openclets.invalid/tests", 7, "ab" * 32, 6)


def printed(*legs: Leg, banners: tuple[Banner, ...] = (), final: bool = True) -> list[str]:
    """The lines of a reply of those legs."""
    reply = Reply("t-1", "RQ", final, legs, banners, "", "Summary.", warnings=("NAM: folded",))
    return print_reply(ReleasedReply(reply, RECEIPT, b"")).splitlines()


@pytest.mark.parametrize("state", LegState)
def test_every_state_has_words_of_its_own(state: LegState) -> None:
    """No two states read alike, and only NO_RECORD says "no record"."""
    (head,) = [line for line in printed(Leg("s", "A source", "RQ", state)) if line.startswith("-- ")]
    assert ("NO RECORD" in head) == (state is LegState.NO_RECORD)
    others = {
        line
        for other in LegState
        if other is not state
        for line in printed(Leg("s", "A source", "RQ", other))
        if line.startswith("-- ")
    }
    assert head not in others


def test_banners_are_read_before_anything_else() -> None:
    """A hit first, and that it must be confirmed; then warnings; then the summary."""
    lines = printed(
        Leg("s", "A source", "RQ", LegState.HIT, text="LINE 1\nLINE 2"),
        banners=(Banner("HIT", "HIT: stolen", confirm=True), Banner("NOTICE", "NO EXTRADITION")),
    )
    assert lines[:5] == [
        "*** HIT: stolen ***",
        "NO EXTRADITION",
        "A HIT ALONE IS NOT CAUSE TO ARREST. CONFIRM FIRST.",
        "WARNING: NAM: folded",
        "SUMMARY.",
    ]
    assert "LINE 2" in lines


def test_the_receipt_and_whether_more_comes_are_the_last_lines() -> None:
    """What an officer needs to find the entry again."""
    *_, logged, transaction = printed(Leg("s", "A", "RQ", LegState.PENDING), final=False)
    assert logged == f"LOGGED openclets.invalid/tests ENTRY 7 SHA256 {'ab' * 32}"
    assert transaction == "TRANSACTION t-1 MORE TO COME"


def test_an_error_names_number_faults_rules_and_entry() -> None:
    """Everything the JSON form says, in lines."""
    bad = BadInput((Fault("LIC", "is empty", "give a plate"), Fault("DOB", "is no date", "write YYYYMMDD")))
    lines = print_error(bad, "RQ.LIC/").splitlines()
    assert lines[0].startswith("ER .22. ")
    assert "LIC: is empty. give a plate" in lines and "DOB: is no date. write YYYYMMDD" in lines
    refused = Refused("REFUSED_BY_RULE", "No.", rules=(RuleCited("own-record", "Not oneself.", "PPP 1.6"),))
    refused.receipt = {"origin": "o", "index": 9}
    lines = print_error(refused).splitlines()
    assert "RULE own-record: Not oneself. (PPP 1.6)" in lines
    assert "LOGGED o ENTRY 9" in lines
    assert print_error(Unavailable("JOURNAL_UNAVAILABLE", "away")).startswith("ER .54. ")


def test_what_was_sent_is_echoed_cut_and_harmless() -> None:
    """A hundred characters, and none that steers a screen."""
    echoed = print_error(Refused("NOT_FOUND", "x"), "\x1b[2J\n" + "A" * 500).splitlines()[-1]
    assert echoed == "INPUT ?[2J?" + "A" * (ECHO_MAX - 5)


def test_a_leg_that_an_answer_led_to_says_whom_it_is_about() -> None:
    """Nobody takes the owner's answer for the driver's."""
    leg = Leg("s", "State wants", "SWQ", LegState.NO_RECORD, cause="registered owner of 0ABC123")
    assert "-- STATE WANTS (s): NO RECORD - ABOUT THE REGISTERED OWNER OF 0ABC123" in printed(leg)
