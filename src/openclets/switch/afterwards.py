"""What an operator may still say of a look-up: that a hit was read, and the reason that was owed.

Each is an entry, and only for the operator whose look-up it is.
"""

from __future__ import annotations

from openclets.foundation.clock import Clock
from openclets.foundation.errors import BadInput, Fault, Refused
from openclets.journal.append import Journal
from openclets.journal.entries import StoredEntry
from openclets.journal.entry import Companion
from openclets.switch import entries
from openclets.switch.entries import Names
from openclets.switch.inquiry import Sender
from openclets.switch.network import OwedReasons
from openclets.switch.reread import Rereading

GIVEN_TABLE = "switch.given_reason"
REASON_LENGTH_MAX = 400


class Afterwards:
    """The acts that follow a reply."""

    def __init__(self, rereading: Rereading, owed: OwedReasons, journal: Journal, clock: Clock) -> None:
        self._rereading = rereading
        self._owed = owed
        self._journal = journal
        self._clock = clock

    async def acknowledge(self, transaction: str, leg: int, sender: Sender) -> None:
        """Enter that the hit of leg number `leg` was read. Raises Refused(`NOT_FOUND`) for what is
        not theirs.
        """
        found = await self._rereading.own_entries(transaction, sender)
        draft = entries.draft(entries.HIT_ACKNOWLEDGED, _names(found[0], sender), {"leg": leg})
        await self._journal.append(draft)

    async def give_reason(self, transaction: str, reason: str, incident: str, sender: Sender) -> None:
        """Give the reason owed. Raises BadInput when both are empty, Refused(`NOT_FOUND`) when none
        is owed.
        """
        reason, incident = " ".join(reason.split()), incident.strip().upper()
        if not reason and not incident:
            raise BadInput(
                (
                    Fault(
                        "reason",
                        "neither a reason nor an incident is given",
                        "give one of them",
                        "REASON_MISSING",
                    ),
                )
            )
        if len(reason) > REASON_LENGTH_MAX or not reason.isprintable() or len(incident) > 40:
            raise BadInput(
                (Fault("reason", "is too long or has odd characters", "say it in a line", "FIELD_LENGTH"),)
            )
        found = await self._rereading.own_entries(transaction, sender)
        if transaction not in [owed for owed, _ in await self._owed.open_of(sender.operator_id)]:
            raise Refused("NOT_FOUND", "No reason is owed for this look-up.")
        body: dict[str, object] = {"incident": incident, "reason": reason}
        row = Companion(GIVEN_TABLE, (transaction, self._clock.now()))
        await self._journal.append(
            entries.draft(entries.REASON_GIVEN, _names(found[0], sender), body, companions=(row,))
        )


def _names(first: StoredEntry, sender: Sender) -> Names:
    return Names(
        first.transaction,
        first.agency_ori,
        sender.operator_id,
        sender.terminal_id,
        first.message_key,
        first.purpose_code,
        first.ruleset_digest,
    )
