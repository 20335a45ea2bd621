"""Whether a claimed incident is known, from facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from openclets.duty.known import REPORT_WRITING, IncidentKnown, incident_known
from openclets.duty.work import Incident, Recorded

OPENED = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
CLOSED = OPENED + timedelta(hours=1)
ON_RECORD = [
    Recorded(
        Incident(
            id="1", incident_id="26-1", agency_ori="CA9010100", opened=OPENED, closed=CLOSED, nature="STOP"
        ),
        "CAD",
        OPENED,
        None,
    )
]


@pytest.mark.parametrize(
    ("claimed", "ori", "at", "has_feed", "known"),
    [
        ("", "CA9010100", OPENED, True, IncidentKnown.NONE_CLAIMED),
        ("26-1", "CA9010100", OPENED, True, IncidentKnown.OPEN),
        ("26-1", "CA9010100", CLOSED, True, IncidentKnown.OPEN),
        ("26-1", "CA9010100", CLOSED + REPORT_WRITING, True, IncidentKnown.CLOSED_LATELY),
        (
            "26-1",
            "CA9010100",
            CLOSED + REPORT_WRITING + timedelta(seconds=1),
            True,
            IncidentKnown.CLOSED_LONG_AGO,
        ),
        ("26-1", "CA9020300", OPENED, True, IncidentKnown.ANOTHER_AGENCY),
        ("26-2", "CA9010100", OPENED, True, IncidentKnown.UNKNOWN),
        ("26-2", "CA9010100", OPENED, False, IncidentKnown.NO_FEED),
    ],
)
def test_a_claim_is_held_against_what_is_on_record(
    claimed: str, ori: str, at: datetime, has_feed: bool, known: IncidentKnown
) -> None:
    """Both sides of each boundary on one incident."""
    assert incident_known(claimed, ori, at, ON_RECORD, has_feed=has_feed) is known


def test_an_incident_reported_afterwards_does_not_make_an_earlier_look_up_known() -> None:
    """What counts is what had been learned when the look-up was made."""
    late = [Recorded(ON_RECORD[0].fact, "CAD", CLOSED, None)]
    assert incident_known("26-1", "CA9010100", OPENED, late, has_feed=True) is IncidentKnown.UNKNOWN
    assert incident_known("26-1", "CA9010100", CLOSED, late, has_feed=True) is IncidentKnown.OPEN
