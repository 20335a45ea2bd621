"""The history checker passes an honest history and names each lie: one that cannot fail proves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from history.checker import FOUND_NOTHING, Entry, Heard, History, Reached, breaches

BEGIN = datetime(2026, 11, 24, 12, tzinfo=UTC)
NATIONAL = "ncic.wanted_person"


def entry(index: int, kind: str, transaction: str = "t1", result: str = "", operator: str = "OFF1") -> Entry:
    return Entry(
        index, BEGIN + timedelta(seconds=index), kind, transaction, operator, result, f"{index:064x}"
    )


def leg(system: str, state: str, reason: str = "") -> dict[str, Any]:
    return {"system": system, "state": state, "reason": reason}


def reply(index: int, *legs: dict[str, Any], final: bool = True, summary: str = "x") -> dict[str, Any]:
    receipt = {"index": index, "entry_sha256": f"{index:064x}"}
    return {"transaction": "t1", "receipt": receipt, "legs": list(legs), "final": final, "summary": summary}


def reached(state: str = "HIT", **changes: Any) -> Reached:
    seen = Reached(BEGIN + timedelta(seconds=1.5), "t1", NATIONAL, "OFF1", 1, f"{1:064x}", state)
    return replace(seen, **changes)


REFUSED = Heard("OFF1", code="REFUSED_BY_RULE", receipt={"index": 4, "entry_sha256": f"{4:064x}"})


def honest() -> History:
    """One inquiry, answered at once and then whole, and one refusal."""
    return History(
        (
            Heard(
                "OFF1",
                (reply(2, leg(NATIONAL, "PENDING"), final=False), reply(3, leg(NATIONAL, "HIT"))),
            ),
            REFUSED,
        ),
        (
            entry(0, "JournalOpened", ""),
            entry(1, "InquiryPermitted"),
            entry(2, "ReplyReleased", result="INCOMPLETE"),
            entry(3, "LateAnswer"),
            entry(4, "InquiryRefused", "t2"),
        ),
        (reached(),),
        frozenset({NATIONAL}),
    )


def test_an_honest_history_has_no_breach() -> None:
    """What the checker is for."""
    assert breaches(honest()) == []


def shown(*replies: dict[str, Any], operator: str = "OFF1") -> History:
    return replace(honest(), heard=(Heard(operator, replies), REFUSED))


def entered(*entries: Entry) -> History:
    return replace(honest(), entries=entries)


def asked(*messages: Reached) -> History:
    return replace(honest(), reached=messages)


E = honest().entries
LIES = {
    "i1_what_was_shown_has_an_entry": [
        shown(reply(1, leg(NATIONAL, "HIT"))),
        shown(reply(9, leg(NATIONAL, "HIT"))),
        shown({**reply(3, leg(NATIONAL, "HIT")), "receipt": {"index": 3, "entry_sha256": "0" * 64}}),
        entered(*E[:3], replace(E[2], index=3, leaf_sha256=E[3].leaf_sha256), E[4]),
    ],
    "i1_what_was_asked_has_an_earlier_entry": [
        asked(reached(entry_index=2)),
        asked(reached(entry_sha256="0" * 64)),
        asked(reached(at=BEGIN)),
        asked(reached(transaction="t9")),
    ],
    "i2_what_was_accepted_ends": [
        entered(*E, entry(5, "InquiryPermitted", "t5")),
        shown(reply(2, leg(NATIONAL, "PENDING"), final=False)),
        shown(reply(2, leg(NATIONAL, "HIT")), reply(3, leg(NATIONAL, "HIT"), final=False)),
    ],
    "i4_an_answer_goes_to_its_asker": [
        shown(reply(2, leg(NATIONAL, "HIT")), operator="OFF2"),
        asked(reached(operator_id="OFF2")),
    ],
    "i5_silence_is_never_no_record": [
        shown(reply(2, leg("dmv.driver", "NO_RECORD"), leg(NATIONAL, "TIMED_OUT"), summary=FOUND_NOTHING)),
        shown(reply(2, leg(NATIONAL, "LATE", "why"), summary=FOUND_NOTHING)),
        shown(reply(2, leg(NATIONAL, "NO_RECORD"))),
        shown(reply(2, leg("ncic.wanted_person", "HIT")), reply(3, leg(NATIONAL, "NO_RECORD"))),
        asked(reached("DENIED")),
        entered(E[0], E[1], replace(E[2], result_class="NO_RECORD"), E[3], E[4]),
    ],
    "i8_the_journal_has_no_gap": [
        entered(*E[:4], replace(E[4], index=5)),
        entered(*E[:4], replace(E[4], at=BEGIN)),
    ],
    "i10_what_was_refused_reached_nobody": [
        asked(reached(), reached(transaction="t2")),
        asked(reached(), reached(transaction="t7")),
        replace(honest(), heard=(Heard("OFF1", code="X", receipt={"index": 4, "entry_sha256": "0"}),)),
    ],
}


@pytest.mark.parametrize(("check", "history"), [(check, lie) for check, lies in LIES.items() for lie in lies])
def test_each_lie_is_found_by_the_check_it_breaks(check: str, history: History) -> None:
    """Each promise is shown broken in each way it can be."""
    assert [found for found in breaches(history) if found.startswith(check)]
