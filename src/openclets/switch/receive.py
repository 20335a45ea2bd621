"""At the counter: what was typed becomes an inquiry, or every fault at once (corridor, step 1)."""

from __future__ import annotations

from datetime import date

from openclets.foundation.errors import BadInput, Fault
from openclets.messages.envelope import Envelope, read_envelope
from openclets.messages.read import ReadFields, read_fields
from openclets.messages.vocabulary import Vocabulary
from openclets.switch.inquiry import Inquiry, RawInquiry, Sender

KEY_LENGTH_MAX = 200
OPERATOR_ID_LENGTH_MAX = 40
ORI_LENGTH = 9
OWED = "owed"


def receive(raw: RawInquiry, sender: Sender, vocabulary: Vocabulary, day: date) -> Inquiry:
    """Read `raw` by the vocabulary; `day` is today, for dates that cannot lie ahead.

    Raises BadInput with every fault of key, fields, envelope and sender together.
    """
    key = vocabulary.resolve(raw.message_key, raw.network)
    faults: list[Fault] = []
    read: ReadFields | None = None
    try:
        read = read_fields(vocabulary, raw.message_key, raw.fields, raw.network, day=day)
    except BadInput as bad:
        faults += bad.faults
    envelope, envelope_faults = read_envelope(
        vocabulary,
        key,
        purpose_code=raw.purpose_code,
        reason=raw.reason,
        incident=raw.incident,
        attention=raw.attention,
        destinations=raw.destinations,
    )
    faults += envelope_faults
    faults += _sender_faults(raw, envelope, sender)
    if faults or read is None:
        raise BadInput(tuple(faults))
    owed = envelope.reason == OWED
    return Inquiry(
        key=key,
        fields=read.fields,
        operator_id=(raw.on_behalf_of or "") if sender.machine else sender.operator_id,
        terminal_id=sender.terminal_id,
        channel=sender.channel,
        on_behalf_of="" if sender.machine else (raw.on_behalf_of or ""),
        machine_id=sender.operator_id if sender.machine else "",
        sender_ori=(raw.sender_ori or "").strip().upper(),
        purpose_code=envelope.purpose_code,
        reason="" if owed else envelope.reason,
        reason_owed=owed,
        incident=envelope.incident,
        attention=envelope.attention,
        destinations=envelope.destinations,
        idempotency_key=raw.idempotency_key or "",
        warnings=read.warnings + envelope.warnings,
    )


def _sender_faults(raw: RawInquiry, envelope: Envelope, sender: Sender) -> list[Fault]:
    faults = []
    if sender.machine and not raw.on_behalf_of:
        faults.append(
            Fault(
                "on_behalf_of",
                "a system asks only for a named operator",
                "name the operator the answer is for",
                "ON_BEHALF_OF_MISSING",
            )
        )
    if not (envelope.reason or envelope.incident or envelope.purpose_code):
        faults.append(
            Fault(
                "reason",
                "no purpose, incident or reason is given",
                "give `incident`, `reason` or `purpose_code`; where safety cannot wait, `reason: owed`",
                "REASON_MISSING",
            )
        )
    faults += _token_faults("idempotency_key", raw.idempotency_key, KEY_LENGTH_MAX)
    # None and empty both say that nobody else is asked for; a system that says so is told above.
    faults += _token_faults("on_behalf_of", raw.on_behalf_of or None, OPERATOR_ID_LENGTH_MAX)
    faults += _token_faults("sender_ori", raw.sender_ori or None, ORI_LENGTH)
    return faults


def _token_faults(member: str, sent: str | None, length_max: int) -> list[Fault]:
    """What is kept and compared as it is sent: printable ASCII, of bounded length."""
    if sent is None:
        return []
    if not 1 <= len(sent) <= length_max:
        said = "is empty" if not sent else f"has {len(sent)} characters"
        return [Fault(member, said, f"send 1 to {length_max} characters", "FIELD_LENGTH")]
    if not (sent.isascii() and sent.isprintable()):
        remedy = "send letters, digits and punctuation of ASCII"
        return [Fault(member, "holds a character that is not taken here", remedy, "CHARACTER_INVALID")]
    return []
