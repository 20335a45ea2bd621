"""An inquiry as it arrives, and as it stands once read; and who sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from openclets.messages.key import MessageKey


class RawInquiry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The body of `POST /api/v1/inquiries` (interfaces.md 3); keyed text and the form are turned
    into it too.

    `sender_ori` is the agency a message names as its sender, where it names one: it must be the terminal's.
    """

    message_key: str
    fields: dict[str, Any]
    purpose_code: str | None = None
    reason: str | None = None
    incident: str | None = None
    attention: str | None = None
    on_behalf_of: str | None = None
    destinations: list[str] | None = None
    network: str | None = None
    idempotency_key: str | None = None
    sender_ori: str | None = None


class Sender(msgspec.Struct, frozen=True, gc=False):
    """Who is at the counter: one operator at one enrolled terminal (decisions.md 11).

    `channel` is `api`, `keyed`, `terminal` or `machine`. A machine sender names a system and must
    send `on_behalf_of`.
    """

    operator_id: str
    terminal_id: str
    channel: str = "api"
    machine: bool = False


class Inquiry(msgspec.Struct, frozen=True, gc=False):
    """An inquiry that has been read: every field known, edited and normalised; nothing decided yet.

    `operator_id` answers for it: the sender at the terminal, or, where a machine sends, the
    operator it sends for. `on_behalf_of` is the operator a dispatcher asks for, `machine_id` the
    sending system, `sender_ori` the agency the message says it is from; each is empty where it does
    not apply. `incident` is the case or incident number
    (OCA), `reason` free words, `reason_owed` that the words are still owed.
    """

    key: MessageKey
    fields: Mapping[str, str]
    operator_id: str
    terminal_id: str
    channel: str
    on_behalf_of: str = ""
    machine_id: str = ""
    sender_ori: str = ""
    purpose_code: str = ""
    reason: str = ""
    reason_owed: bool = False
    incident: str = ""
    attention: str = ""
    destinations: tuple[str, ...] = ()
    idempotency_key: str = ""
    warnings: tuple[str, ...] = ()
