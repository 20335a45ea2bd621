"""The answer to an inquiry as its asker sees it; serialised as it stands (interfaces.md 3)."""

from __future__ import annotations

from typing import Any

import msgspec

from openclets.records.answer import LegState

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Reply]


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
    """Where the look-up stands in the log: enough to check it on /verify.

    `index` and `entry_sha256` are the reply's (a refusal's, where it was refused); `asked_index` is
    that of the intent, entered before anything was asked.
    """

    origin: str
    index: int
    entry_sha256: str
    asked_index: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """The whole answer. `final` is true only when every leg has answered or been given up, and
    never goes back.

    The bytes of a reply without its receipt are the body of its entry (decisions.md 6): the entry
    cannot hold its own index. `wire` puts the receipt beside them.
    """

    transaction: str
    message_key: str
    final: bool
    legs: tuple[Leg, ...]
    banners: tuple[Banner, ...]
    asked_at: str
    summary: str
    warnings: tuple[str, ...] = ()
    reason_owed: bool = False


class ReleasedReply(msgspec.Struct, frozen=True):
    """A reply with its receipt: what leaves the switch. `body` is the reply's bytes as entered."""

    reply: Reply
    receipt: ReceiptShown
    body: bytes

    def wire(self) -> bytes:
        """The JSON of interfaces.md 3: the entered bytes with the receipt as their last member."""
        return self.body[:-1] + b',"receipt":' + _encoder.encode(self.receipt) + b"}"


def encode_reply(reply: Reply) -> bytes:
    """The bytes of `reply` that are entered and shown."""
    return _encoder.encode(reply)


def decode_reply(body: bytes) -> Reply:
    """The reply whose bytes are `body`. Raises msgspec.DecodeError when they are not one."""
    return _decoder.decode(body)


_decoder = msgspec.json.Decoder(Reply)
