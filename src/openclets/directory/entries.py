"""What the directory enters in the journal: log-ins, credentials given and taken, changes of rows.

All are of leaf class 5, so the public log doesn't tell a failed log-in from a new terminal. Bodies hold no
secret: a credential appears by the first half of its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openclets.directory.operator import Operator
from openclets.foundation import canonical
from openclets.journal.entry import EntryDraft, EntryKind, declare

STANDING: Final = 5

OPERATOR_LOGGED_IN = declare(
    EntryKind(
        "OperatorLoggedIn",
        STANDING,
        "An operator logged in at a site, at a terminal.",
        {"how": "password or login_link", "site": "which site", "source": "network address it came from"},
        "CJIS Security Policy 5.9.5 AU-2",
    )
)
LOG_IN_FAILED = declare(
    EntryKind(
        "LogInFailed",
        STANDING,
        "Somebody tried to log in and was not let in.",
        {
            "claimed": "the operator id as typed, cut at 64 characters",
            "how": "password or login_link",
            "site": "which site",
            "source": "network address it came from",
            "why": "unknown, wrong, locked, expired or standing",
        },
        "CJIS Security Policy 5.9.5 AU-2",
    )
)
OPERATOR_LOGGED_OUT = declare(
    EntryKind(
        "OperatorLoggedOut",
        STANDING,
        "An operator's session was ended.",
        {"site": "which site"},
        "CJIS Security Policy 5.9.5 AU-2, AC-12",
    )
)
OPERATOR_CHANGED_TERMINAL = declare(
    EntryKind(
        "OperatorChangedTerminal",
        STANDING,
        "An operator who is logged in sat down at another terminal.",
        {"from": "mnemonic left", "site": "which site"},
        "design: a session is at one enrolled terminal at a time",
    )
)
ACCOUNT_LOCKED = declare(
    EntryKind(
        "AccountLocked",
        STANDING,
        "Too many failed log-ins locked an account until somebody releases it.",
        {"failures": "how many within the window", "window_minutes": "the window"},
        "CJIS Security Policy 5.9.5 AC-7",
    )
)
ACCOUNT_RELEASED = declare(
    EntryKind(
        "AccountReleased",
        STANDING,
        "A locked account was released.",
        {"by": "who released it", "reason": "why"},
        "CJIS Security Policy 5.9.5 AC-7",
    )
)
TOKEN_ISSUED = declare(
    EntryKind(
        "TokenIssued",
        STANDING,
        "A token was issued to an operator for one terminal.",
        {
            "by": "who issued it",
            "expires": "until when it holds",
            "machine": "whether a system sends with it",
            "reason": "why",
            "token": "first half of its SHA-256",
        },
        "CJIS Security Policy 5.9.5 IA-5",
    )
)
TOKEN_REVOKED = declare(
    EntryKind(
        "TokenRevoked",
        STANDING,
        "An operator's tokens were revoked.",
        {"by": "who revoked them", "reason": "why"},
        "CJIS Security Policy 5.9.5 IA-5",
    )
)
LOG_IN_LINK_ISSUED = declare(
    EntryKind(
        "LogInLinkIssued",
        STANDING,
        "A link that logs an operator in once was issued.",
        {
            "by": "who issued it",
            "expires": "until when it holds",
            "link": "first half of its SHA-256",
            "site": "where",
        },
        "CJIS Security Policy 5.9.5 IA-5",
    )
)
PASSWORD_SET = declare(
    EntryKind(
        "PasswordSet",
        STANDING,
        "An operator's password was set.",
        {"by": "who set it"},
        "CJIS Security Policy 5.9.5 AU-2",
    )
)
DIRECTORY_CHANGED = declare(
    EntryKind(
        "DirectoryChanged",
        STANDING,
        "An agency, operator or terminal was enrolled, changed, suspended or released.",
        {
            "act": "what was done, e.g. suspend_operator",
            "by": "who did it",
            "change": "the fields that were set, as text",
            "reason": "why",
            "subject": "ORI, operator id or mnemonic",
        },
        "CJIS Security Policy 5.9.5 AC-2, AU-2",
    )
)


def draft(
    kind: EntryKind,
    body: Mapping[str, object],
    *,
    operator: Operator | None = None,
    terminal_id: str = "",
    agency_ori: str = "",
) -> EntryDraft:
    """An entry of one of this slice's kinds about `operator`; nobody's, where nobody could be told."""
    return EntryDraft(
        kind=kind,
        body=canonical.encode(dict(body)),
        agency_ori=agency_ori or (operator.agency_ori if operator else ""),
        operator_id=operator.id if operator else "",
        terminal_id=terminal_id,
    )


def changed(
    act: str,
    subject: str,
    change: Mapping[str, str],
    *,
    by: str,
    reason: str,
    operator: Operator | None = None,
    agency_ori: str = "",
    terminal_id: str = "",
) -> EntryDraft:
    """A change of the directory's rows."""
    body = {"act": act, "by": by, "change": dict(change), "reason": reason, "subject": subject}
    return draft(DIRECTORY_CHANGED, body, operator=operator, agency_ori=agency_ori, terminal_id=terminal_id)
