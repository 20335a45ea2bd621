"""The kinds of entry this slice makes."""

from __future__ import annotations

from openclets.foundation import canonical
from openclets.foundation.errors import BadInput, Refused
from openclets.journal.entry import EntryDraft, EntryKind, declare

DUTY_FEED_RECEIVED = declare(
    EntryKind(
        "DutyFeedReceived",
        6,
        "A dispatch or rostering system sent facts of police work; made before they are stored.",
        {
            "source": "the system that sent them",
            "counts": "how many facts of each kind",
            "sha256": "digest of the feed, byte for byte as received",
            "agencies": "the agencies they concern",
        },
        "decisions.md 13",
    )
)
DUTY_FEED_REFUSED = declare(
    EntryKind(
        "DutyFeedRefused",
        3,
        "A feed of police work was refused: it has faults, or its sender may not report.",
        {
            "code": "the error code answered",
            "faults": "what could not be read: field, fault; the first forty",
            "rules": "the rules that refused it",
            "sha256": "digest of the feed as received, or empty where it was not read",
        },
        "security.md 0.8; decisions.md 13",
    )
)
FAULTS_KEPT_MAX = 40


def feed_received(source: str, counts: dict[str, int], sha256: str, agencies: tuple[str, ...]) -> EntryDraft:
    """The draft for one feed that read without fault. `sha256` is hexadecimal."""
    body = {"source": source, "counts": counts, "sha256": sha256, "agencies": list(agencies)}
    return EntryDraft(
        kind=DUTY_FEED_RECEIVED,
        body=canonical.encode(body),
        agency_ori=agencies[0] if len(agencies) == 1 else "",
        operator_id=source,
    )


def feed_refused(refused: Refused, sha256: str, operator_id: str, terminal_id: str) -> EntryDraft:
    """The draft for one feed that was refused. `operator_id` is whoever sent it."""
    faults = refused.faults[:FAULTS_KEPT_MAX] if isinstance(refused, BadInput) else ()
    body = {
        "code": refused.code,
        "faults": [{"fault": f.fault[:200], "field": f.field[:60]} for f in faults],
        "rules": [rule.id for rule in refused.rules],
        "sha256": sha256,
    }
    return EntryDraft(
        kind=DUTY_FEED_REFUSED,
        body=canonical.encode(body),
        operator_id=operator_id,
        terminal_id=terminal_id,
        result_class="REFUSED",
    )
