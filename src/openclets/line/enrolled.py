"""Lines as enrolled: which certificate speaks for which operator or system, at which terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from openclets.foundation.errors import BadInput, Fault

LINE_ID = re.compile(r"[A-Z0-9]{2,16}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class Enrolment(msgspec.Struct, frozen=True):
    """What is asked when a line is enrolled. `fingerprint` is the SHA-256 of the client certificate (DER), in
    hexadecimal.

    Where `machine` is set, `operator_id` names a system, and each message the operator it is for; else the
    line is one operator's. `images` allows payloads of 4 MiB.
    """

    line: str
    fingerprint: str
    operator_id: str
    terminal_id: str
    machine: bool = False
    images: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line in force or withdrawn. `token` is what it shows the network; never printed."""

    id: str
    agency_ori: str
    operator_id: str
    terminal_id: str
    machine: bool
    images: bool
    fingerprint: bytes
    token_until: datetime
    enrolled_at: datetime
    withdrawn_at: datetime | None
    connected_at: datetime | None

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class LinePosition:
    """Where a line's two streams stand: the last message taken, the last answer made, the first answer not
    acknowledged (one more than `sent` where none is).
    """

    received: int
    sent: int
    first_owed: int
    open_count: int
    open_bytes: int


def read_enrolment(
    line: str, fingerprint: str, operator_id: str, terminal_id: str, *, machine: bool, images: bool
) -> Enrolment:
    """An enrolment as typed. Raises BadInput with every fault of form; who exists, the directory knows."""
    line, plain = line.strip().upper(), fingerprint.strip().lower().replace(":", "")
    faults = []
    if not LINE_ID.fullmatch(line):
        faults.append(
            Fault(
                "line", f"{line[:20]!r} is no name of a line", "use 2 to 16 letters and digits", "LINE_NAME"
            )
        )
    if not _FINGERPRINT.fullmatch(plain):
        remedy = (
            "give the 64 hexadecimal digits of SHA-256 over the certificate, or the file with --certificate"
        )
        faults.append(Fault("fingerprint", "is no SHA-256 fingerprint", remedy, "LINE_FINGERPRINT"))
    for name, value in (("operator", operator_id), ("terminal", terminal_id)):
        if not value.strip():
            faults.append(Fault(name, "is missing", f"name the {name} the line stands for", "FIELD_MISSING"))
    if faults:
        raise BadInput(tuple(faults))
    return Enrolment(line, plain, operator_id.strip().upper(), terminal_id.strip().upper(), machine, images)
