"""What is put to the rules, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import msgspec

from openclets.foundation.errors import RuleCited


class PolicyRequest(msgspec.Struct, frozen=True, gc=False):
    """One leg of an inquiry as the rules see it: plain values, no look-ups.

    `record_class`: `criminal_history`, `vehicle`, `driver`, `vessel`, `off_highway`, `parking`,
    `restraining_order`, `wanted`, `stolen`, `firearm`, `supervision`, `composite`,
    `driver_history`, `missing`, `registrant`, `identity_theft`, `gang`. `agency_kind`: `police`,
    `sheriff`, `probation`, `campus`, `prosecutor`, `court`, `state`, `federal`, `federal_immigration`.
    `agency_class` is the ninth character of the ORI. `training_days_left` counts whole days from today,
    negative when past. `beneficiary_kind` is the agency kind of the operator in `on_behalf_of`, empty where
    there is none.
    """

    operator_id: str
    operator_role: str
    agency_ori: str
    agency_kind: str
    agency_class: str
    agreement_current: bool
    training_days_left: int
    terminal_kind: str
    message_key: str
    record_class: str
    purpose_code: str
    reason: str
    reason_owed: bool
    has_incident: bool
    has_attention: bool
    on_behalf_of: str
    immigration_purpose: bool
    concealed_carry_purpose: bool
    own_record: bool
    declared_tie: bool
    beneficiary_kind: str = ""


CONTEXT: Final = tuple(
    name for name in PolicyRequest.__struct_fields__ if name not in ("operator_id", "record_class")
)
"""What rules see as `context.…`: every field but the operator and the record class, which are principal and
resource.
"""

CONTEXT_TYPES: Final = tuple(
    {"str": str, "bool": bool, "int": int}[PolicyRequest.__annotations__[name]] for name in CONTEXT
)
"""The type of each of `CONTEXT`, in its order."""

context_values = attrgetter(*CONTEXT)
"""The values of `CONTEXT`, in its order, of a request."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Permitted or not, by which rules, under which rule set. An error refuses (decisions.md 8)."""

    permitted: bool
    rules: tuple[RuleCited, ...]
    ruleset_digest: str
    errors: tuple[str, ...] = ()
