"""Who stands at the counter, and whether they still do (corridor, step 2 and before each commit
point's effect).

The directory's view is a value in memory, confirmed within the last second; a revocation therefore
holds within a second, also for an answer that is already on its way back.
"""

from __future__ import annotations

import msgspec

from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.standing import check_standing
from openclets.directory.terminal import Terminal
from openclets.directory.view import DirectoryView
from openclets.foundation.errors import RuleCited, Unavailable
from openclets.switch.entries import Names
from openclets.switch.inquiry import Inquiry
from openclets.switch.passage import Passage
from openclets.switch.reply import Leg

NOT_CURRENT = RuleCited(
    "directory-not-current",
    "The directory could not be confirmed, so nothing may leave.",
    "architecture.md 4",
)


SENDER = RuleCited(
    "sender-is-terminals",
    "A message is sent in the name of the agency whose terminal sends it, and of no other.",
    "CLETS Policies, Practices and Procedures 1.6, terminal mnemonics",
)


class Entitled(msgspec.Struct, frozen=True):
    """An operator who may transact now, with agency and terminal; `other` is the operator asked
    for, if another.
    """

    operator: Operator
    agency: Agency
    terminal: Terminal
    other: Operator | None
    names: Names


async def stand(inquiry: Inquiry, passage: Passage) -> Entitled:
    """Check everybody the inquiry names. Raises Refused with an entry: `NOT_ENTITLED`, or `RATE_LIMITED`."""
    faults = _faults(inquiry, passage.view, passage)
    if faults:
        await passage.refuse(inquiry, "NOT_ENTITLED", faults[0].text, faults, [])
    operator = passage.view.operators[inquiry.operator_id]
    terminal = passage.view.terminals[inquiry.terminal_id]
    wait_s = passage.network.quotas.take(operator, passage.network.clock.monotonic())
    if wait_s > 0:
        quota = passage.network.quotas.rule
        await passage.refuse(inquiry, "RATE_LIMITED", quota.text, (quota,), [], retry_after_s=wait_s)
    return Entitled(
        operator=operator,
        agency=passage.view.agencies[operator.agency_ori],
        terminal=terminal,
        other=passage.view.operators.get(inquiry.on_behalf_of),
        names=passage.names(inquiry.key.key, inquiry.purpose_code, inquiry.operator_id),
    )


async def stand_still(
    inquiry: Inquiry, entitled: Entitled, passage: Passage, answered: tuple[Leg, ...]
) -> None:
    """Check again, if the directory has changed since: nobody is asked, and nothing leaves, for a
    person revoked.
    """
    try:
        view = passage.network.directory.current()
    except Unavailable:
        await passage.withhold(
            entitled.names, "DIRECTORY_UNAVAILABLE", (NOT_CURRENT,), [leg.system for leg in answered]
        )
    if view.version == passage.view.version:
        return
    faults = _faults(inquiry, view, passage)
    if faults:
        await passage.withhold(entitled.names, "NOT_ENTITLED", faults, [leg.system for leg in answered])


def _faults(inquiry: Inquiry, view: DirectoryView, passage: Passage) -> tuple[RuleCited, ...]:
    now = passage.network.clock.now()
    faults = list(check_standing(view, inquiry.operator_id, inquiry.terminal_id, now).faults)
    if inquiry.machine_id:
        faults += check_standing(view, inquiry.machine_id, inquiry.terminal_id, now).faults
    if inquiry.on_behalf_of:
        faults += check_standing(view, inquiry.on_behalf_of, None, now).faults
    terminal = view.terminals.get(inquiry.terminal_id)
    if inquiry.sender_ori and (terminal is None or terminal.agency_ori != inquiry.sender_ori):
        faults.append(SENDER)
    return tuple(dict.fromkeys(faults))
