"""The nouns of police work, as dispatch and rostering systems send them.

Each carries `id`, the sending system's own number for it: a later line with the same id amends the
earlier one. What we learned when (`recorded_at`) is ours to say and stands in `Recorded`, never in a
line. Times are aware.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Number = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]*\Z")]
"""An incident's, case's, unit's or record's number, as the sending system writes it."""
OriText = Annotated[str, Meta(pattern=r"^[A-Z]{2}[A-Z0-9]{7}\Z")]
Plate = Annotated[str, Meta(max_length=10, pattern=r"^[A-Z0-9]*\Z")]


class Incident(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="incident", forbid_unknown_fields=True
):
    """A call or case. `closed` is null while it is open; `nature` is the dispatch system's word for what
    it is.
    """

    id: Number
    incident_id: Number
    agency_ori: OriText
    opened: Instant
    closed: Instant | None = None
    nature: Text
    place: Annotated[str, Meta(max_length=200)] = ""


class Unit(Struct, frozen=True, kw_only=True, tag_field="kind", tag="unit", forbid_unknown_fields=True):
    """A car or desk under its call sign, and who is in it. `ends` is null while it is in service."""

    id: Number
    call_sign: Number
    agency_ori: OriText
    operator_ids: tuple[Number, ...]
    starts: Instant
    ends: Instant | None = None


class Shift(Struct, frozen=True, kw_only=True, tag_field="kind", tag="shift", forbid_unknown_fields=True):
    """When somebody is to work."""

    id: Number
    operator_id: Number
    agency_ori: OriText
    starts: Instant
    ends: Instant


class Assignment(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="assignment", forbid_unknown_fields=True
):
    """Somebody sent to an incident. `ends` is null while they are on it."""

    id: Number
    incident_id: Number
    agency_ori: OriText
    operator_id: Number
    call_sign: Annotated[str, Meta(max_length=40)] = ""
    starts: Instant
    ends: Instant | None = None


class Stop(Struct, frozen=True, kw_only=True, tag_field="kind", tag="stop", forbid_unknown_fields=True):
    """A vehicle or a person stopped. `plate` is empty where none was noted, `incident_id` where none was
    opened.
    """

    id: Number
    operator_id: Number
    agency_ori: OriText
    at: Instant
    place: Annotated[str, Meta(max_length=200)] = ""
    plate: Plate = ""
    incident_id: Annotated[str, Meta(max_length=40)] = ""


class CourtDay(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="court_day", forbid_unknown_fields=True
):
    """A day somebody is due in court on a case."""

    id: Number
    operator_id: Number
    agency_ori: OriText
    on: date
    court: Text
    case_number: Number


class Broadcast(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="broadcast", forbid_unknown_fields=True
):
    """A notice to look out for a vehicle or a person. `plate` is empty where no vehicle is meant."""

    id: Number
    agency_ori: OriText
    starts: Instant
    ends: Instant
    text: Text
    plate: Plate = ""
    subject_ref: Annotated[str, Meta(max_length=60)] = ""


DutyRecord = Incident | Unit | Shift | Assignment | Stop | CourtDay | Broadcast

KINDS: dict[str, type[DutyRecord]] = {
    "incident": Incident,
    "unit": Unit,
    "shift": Shift,
    "assignment": Assignment,
    "stop": Stop,
    "court_day": CourtDay,
    "broadcast": Broadcast,
}
"""Every kind a line may be, by the word in its `kind` member."""

Noun = TypeVar("Noun", bound=DutyRecord)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[Noun]):
    """A fact of police work and when we learned it: first, and last amended (None where it never was)."""

    fact: Noun
    source: str
    recorded_at: datetime
    amended_at: datetime | None
