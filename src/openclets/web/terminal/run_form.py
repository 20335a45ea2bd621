"""The run form: what was typed, as typed, and the inquiry it makes.

Nothing is judged here; the vocabulary and the rules do that. What was typed is always shown again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openclets.foundation.errors import Fault
from openclets.switch.inquiry import RawInquiry
from openclets.web.counter import IncidentChoice
from openclets.web.terminal.topics import Topic, Way, topic_named

TYPED_INCIDENT = "typed"
REASON_IN_WORDS = "words"
OWED = "owed"
_LISTED = "incident:"
_ISO_DATE = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})\s*")
_DATES = frozenset({"DOB", "PPB"})


@dataclass(frozen=True, slots=True)
class RunForm:
    """The form's fields as text. `values` are field codes to text; `why` says how the look-up is explained:

    `incident:NUMBER` from the list, `typed` (an incident number in `words`), `words` (a reason in `words`),
    `owed`. With an incident from the list, `words` may add a reason.
    """

    topic: Topic
    way: Way
    values: Mapping[str, str]
    why: str
    words: str
    purpose_code: str
    attention: str
    idempotency_key: str

    @property
    def incident(self) -> str:
        """The incident or case number given, or empty."""
        if self.why.startswith(_LISTED):
            return self.why.removeprefix(_LISTED)
        return self.words.strip() if self.why == TYPED_INCIDENT else ""

    @property
    def reason(self) -> str:
        """The reason in words, `owed`, or empty."""
        if self.why == OWED:
            return OWED
        return "" if self.why == TYPED_INCIDENT else self.words.strip()

    def as_inquiry(self) -> RawInquiry:
        """What the form asks. Fields left empty are left out; a birth date with dashes loses them."""
        fields = {code: _without_dashes(code, text) for code, text in self.values.items() if text.strip()}
        return RawInquiry(
            message_key=self.way.key.key,
            network=self.way.key.network,
            fields=fields,
            purpose_code=self.purpose_code or None,
            reason=self.reason or None,
            incident=self.incident or None,
            attention=self.attention.strip() or None,
            idempotency_key=self.idempotency_key or None,
        )


def blank_form(topic: Topic, way: Way, incidents: Sequence[IncidentChoice], idempotency_key: str) -> RunForm:
    """An empty form, explained by the operator's present incident where there is one."""
    why = f"{_LISTED}{incidents[0].number}" if incidents else REASON_IN_WORDS
    return RunForm(topic, way, usual_values(way), why, "", "", "", idempotency_key)


def usual_values(way: Way) -> dict[str, str]:
    """What a required field holds before anybody types: the home state, where a state is asked for."""
    return {one.code: one.usual for one in way.inputs if one.required and one.usual}


def typed_form(form: Mapping[str, str]) -> RunForm:
    """The form as posted, or as kept over a log-in."""
    topic = topic_named(form.get("look", ""))
    way = topic.way(form.get("by", ""))
    codes = [one.code for one in way.inputs]
    return RunForm(
        topic=topic,
        way=way,
        values={code: form.get(f"field.{code}", "") for code in codes},
        why=form.get("why", REASON_IN_WORDS),
        words=form.get("words", ""),
        purpose_code=form.get("purpose", ""),
        attention=form.get("attention", ""),
        idempotency_key=form.get("idempotency_key", ""),
    )


def fault_places(faults: Sequence[Fault], form: RunForm) -> dict[str, list[Fault]]:
    """Faults by the id of the control they belong to; those of no control stand under the empty id."""
    places: dict[str, list[Fault]] = {}
    for fault in faults:
        places.setdefault(_control(fault.field, form), []).append(fault)
    return places


def control_labels(form: RunForm) -> dict[str, str]:
    """The label of each control by its id, as faults name it."""
    labels = {f"field-{one.code}": one.label for one in form.way.inputs}
    return labels | {
        "purpose": "Purpose",
        "attention": "Attention",
        "words": "Number or reason",
        "keyed": "Keyed text",
    }


def _control(name: str, form: RunForm) -> str:
    if any(one.code == name for one in form.way.inputs):
        return f"field-{name}"
    if name in ("purpose_code", "PUR"):
        return "purpose" if form.way.key.needs_purpose else ""
    if name in ("attention", "ATN"):
        return "attention" if form.way.key.needs_attention else ""
    return "words" if name in ("incident", "reason", "OCA", "RSN") else ""


def _without_dashes(code: str, text: str) -> str:
    found = _ISO_DATE.fullmatch(text) if code in _DATES else None
    return "".join(found.groups()) if found else text


def explained_as(incident: str, reason: str, incidents: Sequence[IncidentChoice]) -> tuple[str, str]:
    """`why` and `words` for the next form, so that the next look-up is explained as the last one was."""
    if incident:
        listed = any(choice.number == incident for choice in incidents)
        return (f"{_LISTED}{incident}", reason) if listed else (TYPED_INCIDENT, incident)
    return (OWED, "") if reason == OWED else (REASON_IN_WORDS, reason)
