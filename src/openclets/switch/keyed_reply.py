"""A reply as a dispatcher reads it: banners, one block a source, the receipt. Also what an error
looks like.

Printed for keyed text and for `openclets inquire`. A source that did not answer is a line of its
own, in words that cannot be taken for "no record".
"""

from __future__ import annotations

from openclets.foundation.errors import BadInput, Refused, Unavailable, catalogue
from openclets.records.answer import LegState
from openclets.switch.reply import Leg, ReleasedReply

_WORDS = {
    LegState.PENDING: "STILL WAITING",
    LegState.HIT: "HIT",
    LegState.RECORD: "RECORD",
    LegState.NO_RECORD: "NO RECORD",
    LegState.NOT_ASKED: "NOT ASKED",
    LegState.DENIED: "DENIED BY THE SOURCE",
    LegState.UNAVAILABLE: "NO ANSWER - UNAVAILABLE",
    LegState.TIMED_OUT: "NO ANSWER - TIMED OUT",
    LegState.LATE: "LATE ANSWER",
    LegState.UNREADABLE: "ANSWERED, BUT NOT READABLE",
    LegState.TRUNCATED: "ANSWERED IN PART",
}
ECHO_MAX = 100


def print_reply(released: ReleasedReply) -> str:
    """The whole reply in keyed text."""
    reply, receipt = released.reply, released.receipt
    lines = [f"{'*** ' + b.text + ' ***' if b.kind != 'NOTICE' else b.text}" for b in reply.banners]
    if any(b.confirm for b in reply.banners):
        lines.append("A HIT ALONE IS NOT CAUSE TO ARREST. CONFIRM FIRST.")
    lines += [f"WARNING: {warning}" for warning in reply.warnings]
    lines.append(reply.summary.upper())
    for leg in reply.legs:
        lines += ["", *_block(leg)]
    lines += [
        "",
        f"LOGGED {receipt.origin} ENTRY {receipt.index} SHA256 {receipt.entry_sha256}",
        f"TRANSACTION {reply.transaction} {'FINAL' if reply.final else 'MORE TO COME'}",
    ]
    return "\n".join(lines) + "\n"


def _block(leg: Leg) -> list[str]:
    head = f"-- {leg.title.upper()} ({leg.system}): {_WORDS[leg.state]}"
    if leg.cause:
        head += f" - ABOUT THE {leg.cause.upper()}"
    if leg.reason:
        head += f" - {leg.reason}"
    return [head, *leg.text.splitlines()]


def print_error(error: Refused | Unavailable, text: str = "") -> str:
    """`ER`, code, words, and the first characters of what was sent, as the switch of an interstate
    network says it.
    """
    row = catalogue()[error.code]
    lines = [f"ER {row.keyed} {row.text.upper()}"]
    if isinstance(error, BadInput):
        lines += [f"{fault.field}: {fault.fault}. {fault.remedy}" for fault in error.faults]
    elif error.message != row.text:
        lines.append(error.message)
    if isinstance(error, Refused):
        lines += [f"RULE {rule.id}: {rule.text} ({rule.citation})" for rule in error.rules]
        if error.receipt is not None:
            lines.append(f"LOGGED {error.receipt['origin']} ENTRY {error.receipt['index']}")
    lines.append(row.remedy)
    if text:
        lines.append("INPUT " + "".join(c if c.isprintable() else "?" for c in text[:ECHO_MAX]))
    return "\n".join(lines) + "\n"
