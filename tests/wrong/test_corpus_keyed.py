"""Every corpus row of keyed text that applies, sent as keyed text through the real server."""

from __future__ import annotations

import time

import pytest

from openclets.foundation.errors import catalogue
from running_demo import RunningDemo
from wrong.corpus import Row, rows, run_elsewhere

ASKER = "SPDI002"
INSIDE = ("Traceback", "psycopg", "litestar", "openclets/", ".py")
OWN = {"B011": "QW.CA9020300.TXT\nNAM/DOE,JOHN.DOB/19790101.RSN/PERSON CHECK"}
"""Rows whose input is only legal for an ORI of the synthetic ranges: the same fault in one of those."""


def text_of(row: Row) -> str:
    """The message the row sends; its ORIs are those of a state that is not this one, which is a fault of its
    own, so a row about something else is sent from the asker's agency.
    """
    if row.id in OWN:
        return OWN[row.id]
    text = row.text.replace("CA0010000", "CA9010100")
    if not row.is_refused and "DOB/" not in text:
        text += ".DOB/19790101.SEX/M.RAC/U.OCA/26-0417-003" if text.startswith("QH") else ".DOB/19790101"
    return text if "RSN/" in text or "PUR/" in text else text + ".RSN/PERSON CHECK"


KEYED = [
    row
    for row in rows().values()
    if row.interface == "switch" and row.encoding == "py" and (row.id in OWN or not run_elsewhere(row))
]


@pytest.mark.parametrize("row", KEYED, ids=lambda row: row.id)
def test_a_row_of_keyed_text_is_answered_in_keyed_text(running_demo: RunningDemo, row: Row) -> None:
    """A refusal is an `ER` with its number and a next step, and an entry; an honest oddity is taken."""
    since = running_demo.size()
    begun = time.monotonic()
    answer = running_demo.ask_keyed(text_of(row), ASKER)
    assert time.monotonic() - begun < 2
    assert not [word for word in INSIDE if word in answer.text]
    kinds = [entry.kind for entry in running_demo.of_operator(ASKER, since)]
    if row.is_refused:
        assert 400 <= answer.status_code < 500
        assert answer.text.startswith("ER .")
        assert "LOGGED openclets.invalid/demo/state ENTRY " in answer.text
        assert kinds == ["InquiryRefused"]
    else:
        assert answer.status_code == 200, answer.text
        assert kinds == ["InquiryPermitted", "ReplyReleased"]


def test_the_rows_are_there() -> None:
    """The choice above must not silently choose nothing."""
    assert {"B008", "B011", "B016", "B018", "B019", "B013", "B015", "B020", "B024", "B025"} <= {
        row.id for row in KEYED
    }


def test_every_code_has_its_keyed_number() -> None:
    """`ER` never leaves without a number between periods."""
    assert all(row.keyed[0] == row.keyed[-1] == "." and row.keyed[1:-1] for row in catalogue().values())
