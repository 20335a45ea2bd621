"""What the rules say of each leg of an inquiry (corridor, step 3).

Legs of one record class share one decision. A composite goes on without the legs a rule keeps out,
and shows them; when no leg may be asked, the inquiry is refused.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from functools import lru_cache

import msgspec

from openclets.directory.identity import names_own_record, names_tie
from openclets.directory.standing import agreement_current, days_left
from openclets.foundation.errors import RuleCited
from openclets.policy.decide import decide
from openclets.policy.decision import Decision, PolicyRequest
from openclets.policy.reason import classify_reason
from openclets.switch.entitlement import Entitled
from openclets.switch.inquiry import Inquiry
from openclets.switch.passage import Passage
from openclets.switch.routing import Plan, PlannedLeg

OWED_CAP = RuleCited(
    "reasons-owed-cap",
    "This operator owes as many reasons as may be owed at a time; give one of them first.",
    "decisions.md 9",
)

_classified = lru_cache(maxsize=4096)(classify_reason)


class Ruling(msgspec.Struct, frozen=True):
    """The plan and what decided it. `kept_out` gives the rule for each leg number that may not be asked."""

    plan: Plan
    kept_out: Mapping[int, RuleCited]
    rules: tuple[RuleCited, ...]
    digest: str
    leg_rows: list[dict[str, str]]


async def rule(inquiry: Inquiry, entitled: Entitled, passage: Passage) -> Ruling:
    """Decide every leg. Raises Refused(`REFUSED_BY_RULE`) with its entry when none may be asked."""
    network = passage.network
    plan = linked(network.routes.plan(inquiry.key, inquiry.fields, inquiry.destinations), network.systems)
    decisions: dict[str, Decision] = {}
    kept_out: dict[int, RuleCited] = {}
    request = policy_request(inquiry, entitled, passage, plan.legs[0])
    for n, leg in enumerate(plan.legs):
        if leg.record_class not in decisions:
            decisions[leg.record_class] = decide(of_class(request, leg), network.ruleset)
        decision = decisions[leg.record_class]
        if not decision.permitted:
            kept_out[n] = decision.rules[0]
    leg_rows = [
        {"rule": kept_out[n].id if n in kept_out else leg.unlinked, "system": leg.system}
        for n, leg in enumerate(plan.legs)
    ]
    if len(kept_out) == len(plan.legs):
        refusing = _distinct(decisions)
        await passage.refuse(inquiry, "REFUSED_BY_RULE", refusing[0].text, refusing, leg_rows)
    if inquiry.reason_owed and await network.owed.open_count(inquiry.operator_id) >= network.owed_max:
        await passage.refuse(inquiry, "REFUSED_BY_RULE", OWED_CAP.text, (OWED_CAP,), leg_rows)
    return Ruling(plan, kept_out, _distinct(decisions), network.ruleset.digest, leg_rows)


def rule_further(
    inquiry: Inquiry, entitled: Entitled, ruling: Ruling, further: tuple[PlannedLeg, ...], passage: Passage
) -> Ruling:
    """`ruling` with legs that its answers led to, each decided about its own person. What a rule keeps out is
    shown with the rule; it refuses nothing that was permitted before.
    """
    network = passage.network
    plan = linked(replace(ruling.plan, legs=(*ruling.plan.legs, *further)), network.systems)
    kept_out, rows = dict(ruling.kept_out), list(ruling.leg_rows)
    rules = dict.fromkeys(ruling.rules)
    for n, leg in enumerate(plan.legs[len(ruling.plan.legs) :], len(ruling.plan.legs)):
        decision = decide(policy_request(inquiry, entitled, passage, leg), network.ruleset)
        rules |= dict.fromkeys(decision.rules)
        if not decision.permitted:
            kept_out[n] = decision.rules[0]
        rows.append({"rule": kept_out[n].id if n in kept_out else leg.unlinked, "system": leg.system})
    return Ruling(plan, kept_out, tuple(rules), ruling.digest, rows)


def linked(plan: Plan, systems: Container[str]) -> Plan:
    """`plan`, with the legs marked whose record system this installation has no link to."""
    if all(leg.unlinked or leg.system in systems for leg in plan.legs):
        return plan
    legs = (
        leg
        if leg.unlinked or leg.system in systems
        else replace(leg, unlinked=f"this network has no link to {leg.system}")
        for leg in plan.legs
    )
    return replace(plan, legs=tuple(legs))


def policy_request(inquiry: Inquiry, entitled: Entitled, passage: Passage, leg: PlannedLeg) -> PolicyRequest:
    """A leg as the rules see it: plain values, nothing looked up."""
    operator, agency = entitled.operator, entitled.agency
    key = passage.network.identity_key
    fields = inquiry.fields if leg.fields is None else leg.fields
    # A purpose is as often named in the attention field as in the reason.
    words, attention = _classified(inquiry.reason), _classified(inquiry.attention)
    people = (operator,) if entitled.other is None else (operator, entitled.other)
    other_agency = passage.view.agencies[entitled.other.agency_ori] if entitled.other is not None else None
    return PolicyRequest(
        operator_id=operator.id,
        operator_role=operator.role,
        agency_ori=agency.ori,
        agency_kind=agency.kind,
        agency_class=agency.ori[-1],
        agreement_current=agreement_current(agency, passage.asked_at),
        training_days_left=days_left(operator, agency, passage.asked_at),
        terminal_kind=entitled.terminal.kind,
        message_key=leg.message_key,
        record_class=leg.record_class,
        purpose_code=inquiry.purpose_code,
        reason=inquiry.reason,
        reason_owed=inquiry.reason_owed,
        has_incident=bool(inquiry.incident),
        has_attention=bool(inquiry.attention),
        on_behalf_of=inquiry.on_behalf_of or (inquiry.operator_id if inquiry.machine_id else ""),
        immigration_purpose=words.immigration or attention.immigration,
        concealed_carry_purpose=words.concealed_carry or attention.concealed_carry,
        own_record=any(names_own_record(person, fields, key) for person in people),
        declared_tie=any(names_tie(person, fields, key) for person in people),
        beneficiary_kind=other_agency.kind if other_agency is not None else "",
    )


def of_class(request: PolicyRequest, leg: PlannedLeg) -> PolicyRequest:
    """The same request for a leg of another record class."""
    if leg.record_class == request.record_class and leg.message_key == request.message_key:
        return request
    return msgspec.structs.replace(request, message_key=leg.message_key, record_class=leg.record_class)


def _distinct(decisions: Mapping[str, Decision]) -> tuple[RuleCited, ...]:
    return tuple(dict.fromkeys(cited for decision in decisions.values() for cited in decision.rules))
