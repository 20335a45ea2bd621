"""One inquiry's way through the corridor: its number, its sender, and the entry that a refusal
leaves behind.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

import msgspec

from openclets.directory.view import DirectoryView
from openclets.foundation.errors import BadInput, Refused, RuleCited
from openclets.foundation.identifiers import uuid7
from openclets.journal.entry import Entered
from openclets.switch import entries
from openclets.switch.entries import Names
from openclets.switch.inquiry import Inquiry, RawInquiry, Sender
from openclets.switch.network import Network
from openclets.switch.reply import ReceiptShown


class Passage(msgspec.Struct, frozen=True):
    """A transaction under way. `view` is the directory as it was when the inquiry came in."""

    raw: RawInquiry
    sender: Sender
    network: Network
    view: DirectoryView
    transaction: str
    asked_at: datetime

    def names(self, message_key: str, purpose_code: str = "", operator_id: str = "") -> Names:
        """The clear fields of this transaction's entries; the sender's own where the inquiry names
        nobody else.
        """
        operator = operator_id or self.sender.operator_id
        terminal = self.view.terminals.get(self.sender.terminal_id)
        return Names(
            transaction=self.transaction,
            agency_ori=terminal.agency_ori if terminal else "",
            operator_id=operator,
            terminal_id=self.sender.terminal_id,
            message_key=message_key,
            purpose_code=purpose_code,
            ruleset_digest=self.network.ruleset.digest,
        )

    async def refuse_unread(self, refused: Refused) -> NoReturn:
        """Enter the refusal of something that was not understood or not new, and raise it with its
        receipt.
        """
        faults = refused.faults if isinstance(refused, BadInput) else ()
        body = entries.unreadable_body(self.raw, self.sender, faults, refused.code)
        key = self.raw.message_key.strip().upper()
        names = self.names(key if (len(key) <= 7 and key.isalnum()) else "")
        await self._refuse(refused, names, body)

    async def refuse(
        self,
        inquiry: Inquiry,
        code: str,
        message: str,
        rules: tuple[RuleCited, ...],
        legs: list[dict[str, str]],
        *,
        retry_after_s: float = 0.0,
    ) -> NoReturn:
        """Enter the refusal of an inquiry that was understood, by its rules, and raise it with its
        receipt.
        """
        names = self.names(inquiry.key.key, inquiry.purpose_code, inquiry.operator_id)
        body = {**entries.inquiry_body(inquiry, legs, rules), "code": code}
        await self._refuse(Refused(code, message, rules=rules, retry_after_s=retry_after_s), names, body)

    async def withhold(
        self, names: Names, code: str, rules: tuple[RuleCited, ...], answered: list[str]
    ) -> NoReturn:
        """Enter that a permitted inquiry's answer may not leave, and raise the refusal with its receipt."""
        body: dict[str, object] = {"legs": answered, "rules": [rule.id for rule in rules]}
        refused = Refused(code, rules[0].text, rules=rules)
        (entered,) = await self.network.journal.append(
            entries.draft(entries.REPLY_WITHHELD, names, body, result_class="WITHHELD")
        )
        refused.receipt = _shown(entered)
        raise refused

    async def _refuse(self, refused: Refused, names: Names, body: dict[str, object]) -> NoReturn:
        (entered,) = await self.network.journal.append(
            entries.draft(entries.INQUIRY_REFUSED, names, body, result_class="REFUSED")
        )
        refused.receipt = _shown(entered)
        raise refused


def open_passage(raw: RawInquiry, sender: Sender, network: Network) -> Passage:
    """Give the inquiry its transaction number. Raises Unavailable when the directory's view is not
    current.
    """
    now = network.clock.now()
    return Passage(raw, sender, network, network.directory.current(), uuid7(now, network.randomness), now)


def receipt_shown(entered: Entered, asked: Entered | None = None) -> ReceiptShown:
    """The receipt of `entered` as the asker sees it, beside the index of its intent."""
    receipt = entered.receipt
    return ReceiptShown(
        receipt.origin, receipt.index, receipt.entry_sha256, asked.receipt.index if asked else None
    )


def _shown(entered: Entered) -> dict[str, object]:
    receipt = entered.receipt
    return {
        "transaction": receipt.transaction,
        "origin": receipt.origin,
        "index": receipt.index,
        "entry_sha256": receipt.entry_sha256,
    }
