"""The counter: all that the pages may ask of the system behind them, as one protocol and its plain results.

No page reaches past it, so what a page can do is what is written here. The wiring gives the implementation.
Errors are those of `foundation.errors`: BadInput, Refused, Unavailable; a method raises nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from openclets.switch.inquiry import RawInquiry
from openclets.switch.reply import ReceiptShown, Reply


@dataclass(frozen=True, slots=True)
class TerminalChoice:
    """A terminal the operator may sit at. `place` is in words; `kind` is `fixed` or `mobile`."""

    mnemonic: str
    place: str
    kind: str


@dataclass(frozen=True, slots=True)
class Session:
    """One operator logged in at one terminal.

    `cookie` is the secret the browser keeps, `form_token` the one every form of this session carries.
    `terminals` are the enrolled terminals of the operator's agency, the present one included.
    `time_zone` is the agency's, an IANA name; every time on a page is shown in it.
    """

    cookie: str = field(repr=False)
    operator_id: str
    operator_name: str
    agency_name: str
    agency_ori: str
    terminal_id: str
    terminals: tuple[TerminalChoice, ...]
    time_zone: str
    form_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyedLine:
    """Keyed text as typed in the one-line box; `incident` and `reason` apply where the text names none."""

    text: str
    incident: str
    reason: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A reply and its receipt, with what was asked and which of its hits this operator has read.

    `asked` is field code to value as normalised; `read_legs` are the positions in `reply.legs` acknowledged.
    `incident` and `reason` are as given; `reply.reason_owed` says whether a reason is still due.
    """

    reply: Reply
    receipt: ReceiptShown
    asked: Mapping[str, str]
    purpose_code: str = ""
    incident: str = ""
    reason: str = ""
    attention: str = ""
    read_legs: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One of the operator's own look-ups of this shift, as auditors will see it too.

    `asked` is keyed text without the header, e.g. `LIC/0ABC123.LIS/CA`; `result` is `HIT`, `RECORD`,
    `NO_RECORD`, `INCOMPLETE`, `REFUSED` or empty while it is open; `index` is the entry's place in the log.
    """

    transaction: str
    at: datetime
    message_key: str
    asked: str
    result: str
    incident: str
    reason: str
    reason_owed: bool
    index: int


@dataclass(frozen=True, slots=True)
class IncidentChoice:
    """An open incident the operator may link a look-up to; those assigned to the operator come first."""

    number: str
    kind: str
    opened: datetime
    assigned: bool


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What the log holds, by its latest published checkpoint.

    `root` is the base64 root hash as the checkpoint prints it; `checkpoint_at` is None before the first one.
    `log_url` is the whole address where checkpoint, key and tiles are served, without a last slash.
    """

    origin: str
    size: int
    root: str
    checkpoint_at: datetime | None
    vkey: str
    log_url: str


class ProofState(StrEnum):
    """What came of checking a receipt or a proof."""

    INCLUDED = "INCLUDED"
    NOT_COVERED_YET = "NOT_COVERED_YET"
    NOT_IN_LOG = "NOT_IN_LOG"
    DOES_NOT_MATCH = "DOES_NOT_MATCH"
    SIGNATURE_BAD = "SIGNATURE_BAD"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """The outcome of a check, and the numbers to repeat it by hand.

    Hashes are hexadecimal except `root`, which is base64 as in a checkpoint. `path` is the inclusion proof,
    leaf first.
    `detail` is one sentence on what failed, empty when nothing did.
    """

    state: ProofState
    origin: str = ""
    index: int | None = None
    entry_sha256: str = ""
    size: int = 0
    root: str = ""
    path: tuple[str, ...] = ()
    checkpoint_at: datetime | None = None
    detail: str = ""


class Counter(Protocol):
    """What stands behind the pages."""

    async def log_in(self, operator_id: str, password: str, source: str) -> Session:
        """A new session. `source` is the client's address. Raises Refused(LOCKED | NOT_ENTITLED)."""

    async def log_in_by_link(self, link: str, source: str) -> Session:
        """As `log_in`, using up a one-time link. Raises Refused(NOT_AUTHENTICATED) for a spent or old one."""

    async def log_out(self, session: Session) -> None:
        """End the session; its cookie opens nothing afterwards."""

    async def session(self, cookie: str) -> Session | None:
        """The session a cookie opens; None when it is unknown, expired or its operator may not transact."""

    async def sit_at(self, terminal_id: str, session: Session) -> Session:
        """The same session at another enrolled terminal of the agency. Raises Refused(NOT_ENTITLED)."""

    async def run(self, raw: RawInquiry, session: Session) -> Delivery:
        """One inquiry. Raises BadInput with every fault, Refused with rules and receipt, Unavailable.

        The same `idempotency_key` with the same inquiry is re-read, not asked again.
        """

    async def run_keyed(self, keyed: KeyedLine, session: Session) -> Delivery:
        """One inquiry in keyed text. Raises as `run`."""

    async def reread(self, transaction: str, session: Session) -> Delivery:
        """A stored reply of this operator; the reading is an entry.

        Raises Refused(NOT_FOUND) for a foreign transaction and an unknown one alike.
        """

    async def history(self, session: Session) -> tuple[HistoryRow, ...]:
        """The operator's look-ups of this shift, newest first, and older ones that still owe a reason."""

    async def incidents(self, session: Session) -> tuple[IncidentChoice, ...]:
        """The agency's open incidents, the operator's own first."""

    async def acknowledge(self, transaction: str, leg: int, session: Session) -> None:
        """Enter that the operator has read the hit in `leg`. A second time changes nothing."""

    async def give_reason(self, transaction: str, reason: str, incident: str, session: Session) -> None:
        """Give the reason owed. Raises BadInput when both are empty, Refused(NOT_FOUND) if not theirs."""

    def log_summary(self) -> LogSummary:
        """What the log holds now."""

    async def check_receipt(self, text: str) -> ReceiptCheck:
        """Check a receipt (number, hash or both) or a tlog-proof; never raises for what was pasted."""

    async def proof_text(self, index: int) -> str | None:
        """The tlog-proof of an entry as text; None while no checkpoint covers it."""
