"""What HELLO, its answers, NAK and ERR carry: small JSON objects, read at the door into types that hold.

Source: messages.md 4.5. An unknown member is a fault; so is one that is named twice.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable, catalogue
from openclets.line.frames import SEQ_MAX

SKINS = ("keyed", "json")
SOFTWARE_MAX = 64


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line introduces itself. `last_seq_received` is the last answer it has durably; None where it keeps no
    such memory, and then everything that was never acknowledged is sent again.
    """

    line: str
    software: str
    skin: str = "keyed"
    last_seq_received: int | None = None


class HelloOk(msgspec.Struct, frozen=True):
    """The line may send. `last_seq_received` is the last message the network has durably: the next one is one
    more. `window` is how many may be open at a time; waits are in seconds, sizes in bytes.
    """

    line: str
    last_seq_received: int
    last_seq_sent: int
    window: int
    payload_max: int
    ping_idle_s: float
    dead_s: float
    resend_s: float


class No(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why not: of HELLO-NO, NAK and ERR. `retry_after_s` is set where waiting helps."""

    code: str
    message: str
    remedy: str = ""
    retry_after_s: float = 0.0


def read_hello(payload: bytes) -> Hello:
    """The HELLO in `payload`. Raises BadInput with every fault."""
    try:
        pairs: Any = json.loads(payload.decode("utf-8"), object_pairs_hook=_once)
        hello = msgspec.convert(pairs, Hello)
    except (ValueError, RecursionError, msgspec.ValidationError) as wrong:
        remedy = "send one JSON object with line, software, skin and last_seq_received"
        raise BadInput((Fault("(hello)", _short(wrong), remedy, "LINE_HELLO"),)) from None
    faults = []
    if hello.skin not in SKINS:
        faults.append(
            Fault("skin", f"{hello.skin[:16]!r} is not carried", f"use {' or '.join(SKINS)}", "LINE_HELLO")
        )
    if not (hello.software.isascii() and hello.software.isprintable()) or len(hello.software) > SOFTWARE_MAX:
        remedy = f"give up to {SOFTWARE_MAX} printable ASCII characters"
        faults.append(Fault("software", "is no plain name", remedy, "LINE_HELLO"))
    if hello.last_seq_received is not None and not 0 <= hello.last_seq_received <= SEQ_MAX:
        faults.append(Fault("last_seq_received", "is no sequence number", "give 0 or more", "LINE_HELLO"))
    if faults:
        raise BadInput(tuple(faults))
    return hello


def no_of(error: Refused | Unavailable) -> No:
    """An error as a line reads it."""
    row = catalogue()[error.code]
    message = error.message or row.text
    if isinstance(error, BadInput):
        message = "; ".join(f"{fault.field}: {fault.fault}, {fault.remedy}" for fault in error.faults)
    return No(error.code, message, row.remedy, float(error.retry_after_s))


def read_no(payload: bytes) -> No:
    """The reasons in `payload`; an unreadable one says so."""
    try:
        return msgspec.json.decode(payload, type=No)
    except msgspec.DecodeError:
        return No("LINE_FRAME", "The other end gave a reason that cannot be read.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _short(wrong: Exception) -> str:
    text = str(wrong).splitlines()[0] if str(wrong) else "is not JSON"
    return "".join(c if c.isprintable() else "?" for c in text[:120])
