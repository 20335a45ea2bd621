"""Is the incident a look-up claims one that we know? A pure answer from the facts on record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from openclets.duty.work import Incident, Recorded

REPORT_WRITING = timedelta(days=7)
"""A closed incident still explains a look-up for so long: reports are written and followed up after the
call ends.
"""


class IncidentKnown(StrEnum):
    """What we know of the incident a look-up names."""

    NONE_CLAIMED = "none claimed"
    OPEN = "open"
    CLOSED_LATELY = "closed lately"
    CLOSED_LONG_AGO = "closed long ago"
    NOT_YET_OPENED = "not yet opened"
    ANOTHER_AGENCY = "of another agency"
    UNKNOWN = "unknown"
    NO_FEED = "agency sends no feed"


def incident_known(
    claimed: str,
    agency_ori: str,
    at: datetime,
    incidents: Iterable[Recorded[Incident]],
    *,
    has_feed: bool,
) -> IncidentKnown:
    """What `incidents` say of the incident number `claimed` by somebody of `agency_ori` at that instant.

    Only what had been learned by `at` counts: an incident reported afterwards does not make an earlier
    look-up known. `has_feed` is whether the agency sends one; where it does not, nothing can be held
    against a look-up.
    """
    if not claimed:
        return IncidentKnown.NONE_CLAIMED
    learned = [each.fact for each in incidents if each.fact.incident_id == claimed and each.recorded_at <= at]
    own = next((incident for incident in learned if incident.agency_ori == agency_ori), None)
    if own is not None:
        return _at(own, at)
    if learned:
        return IncidentKnown.ANOTHER_AGENCY
    return IncidentKnown.UNKNOWN if has_feed else IncidentKnown.NO_FEED


def _at(incident: Incident, at: datetime) -> IncidentKnown:
    if at < incident.opened:
        return IncidentKnown.NOT_YET_OPENED
    if incident.closed is None or at <= incident.closed:
        return IncidentKnown.OPEN
    return (
        IncidentKnown.CLOSED_LATELY
        if at <= incident.closed + REPORT_WRITING
        else IncidentKnown.CLOSED_LONG_AGO
    )
