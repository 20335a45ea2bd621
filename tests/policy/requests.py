"""Requests to put to the rules: one obvious call, every field ordinary unless told."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from openclets.policy.decision import PolicyRequest

ORDINARY = PolicyRequest(
    operator_id="SYNO001",
    operator_role="officer",
    agency_ori="CA9010100",
    agency_kind="police",
    agency_class="0",
    agreement_current=True,
    training_days_left=90,
    terminal_kind="fixed",
    message_key="RQ",
    record_class="vehicle",
    purpose_code="",
    reason="traffic stop",
    reason_owed=False,
    has_incident=False,
    has_attention=False,
    on_behalf_of="",
    immigration_purpose=False,
    concealed_carry_purpose=False,
    own_record=False,
    declared_tie=False,
)

CRIMINAL_HISTORY = replace(
    ORDINARY,
    message_key="IQ",
    record_class="criminal_history",
    purpose_code="C",
    has_incident=True,
    has_attention=True,
)

FIREARM = replace(ORDINARY, message_key="QGN", record_class="firearm", purpose_code="F", has_incident=True)

DRIVER_HISTORY = replace(
    ORDINARY, message_key="KQ", record_class="driver_history", purpose_code="C", has_attention=True
)

GANG = replace(ORDINARY, message_key="QGM", record_class="gang", has_incident=True)


def asking(base: PolicyRequest = ORDINARY, **changes: Any) -> PolicyRequest:
    """`base` with `changes`."""
    return replace(base, **changes)
