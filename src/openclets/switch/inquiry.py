"""An inquiry as it arrives, and as it stands once read; and who sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from openclets.messages.key import MessageKey


class RawInquiry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The body of `POST /api/v1/inquiries` (interfaces.md 3); keyed text and the form are turned into it too."""

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


@dataclass(frozen=True, slots=True)
class Sender:
    """Who is at the counter: one operator at one enrolled terminal (decisions.md 11).

    `channel` is `api`, `keyed`, `terminal` or `machine`. A machine sender names a system and must send `on_behalf_of`.
    """

    operator_id: str
    terminal_id: str
    channel: str = "api"
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An inquiry that has been read: every field known, edited and normalised; nothing decided yet.

    `operator_id` is the person asked for: the sender's own, or `on_behalf_of`. `requested_by` is the sender's operator
    when the two differ, else empty. `incident` is the case or incident number (OCA), `reason` free words or `owed`.
    """

    key: MessageKey
    fields: Mapping[str, str]
    operator_id: str
    terminal_id: str
    channel: str
    requested_by: str = ""
    purpose_code: str = ""
    reason: str = ""
    incident: str = ""
    attention: str = ""
    destinations: tuple[str, ...] = ()
    idempotency_key: str = ""
    warnings: tuple[str, ...] = field(default=())
