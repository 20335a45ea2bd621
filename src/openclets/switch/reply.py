"""The answer to an inquiry as its asker sees it; serialised as it stands (interfaces.md 3)."""

from __future__ import annotations

from typing import Any

import msgspec

from openclets.records.answer import LegState


class ShownRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record as shown: what the purpose doesn't entitle to is left out and named in `withheld`."""

    kind: str
    facts: dict[str, Any]
    matched_on: str = ""
    hit: bool = False
    withheld: tuple[str, ...] = ()


class Leg(msgspec.Struct, frozen=True):
    """One record system's part of the answer. `reason` says why it is not an answer (rule id or outage)."""

    system: str
    title: str
    message_key: str
    state: LegState
    elapsed_ms: int | float = 0
    records: tuple[ShownRecord, ...] = ()
    text: str = ""
    reason: str = ""
    cause: str = ""


class Banner(msgspec.Struct, frozen=True):
    """A warning computed from codes, never from text. `confirm`: the hit must be confirmed with its owner."""

    kind: str
    text: str
    confirm: bool = False
    system: str = ""


class ReceiptShown(msgspec.Struct, frozen=True):
    """Where the look-up stands in the log: enough to check it on /verify."""

    origin: str
    index: int
    entry_sha256: str


class Reply(msgspec.Struct, frozen=True):
    """The whole answer. `final` is true only when every leg has answered or been given up, and never goes back."""

    transaction: str
    message_key: str
    final: bool
    legs: tuple[Leg, ...]
    banners: tuple[Banner, ...]
    receipt: ReceiptShown
    asked_at: str
    summary: str
    warnings: tuple[str, ...] = ()
    reason_owed: bool = False
