"""Keyed text as an inquiry: PUR, ATN, OCA and RSN are moved from its fields to where they belong
(decisions.md 25).
"""

from __future__ import annotations

from openclets.messages.keyed import parse
from openclets.messages.vocabulary import Vocabulary
from openclets.switch.inquiry import RawInquiry


def from_keyed(
    text: str,
    vocabulary: Vocabulary,
    *,
    incident: str = "",
    reason: str = "",
    purpose_code: str = "",
    attention: str = "",
    on_behalf_of: str = "",
    idempotency_key: str = "",
) -> RawInquiry:
    """The inquiry `text` makes; what the text itself does not say is taken from the other arguments.

    Raises BadInput with every fault of the text's shape.
    """
    message = parse(text, vocabulary)
    fields = dict(message.fields)
    return RawInquiry(
        message_key=message.message_key,
        purpose_code=fields.pop("PUR", "") or purpose_code or None,
        attention=fields.pop("ATN", "") or attention or None,
        incident=fields.pop("OCA", "") or incident or None,
        reason=fields.pop("RSN", "") or reason or None,
        fields=dict(fields),
        on_behalf_of=on_behalf_of or None,
        destinations=list(message.destinations) or None,
        idempotency_key=idempotency_key or None,
        sender_ori=message.sender or None,
    )
