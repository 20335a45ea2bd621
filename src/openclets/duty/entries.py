"""The kind of entry this slice makes."""

from __future__ import annotations

from openclets.foundation import canonical
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


def feed_received(source: str, counts: dict[str, int], sha256: str, agencies: tuple[str, ...]) -> EntryDraft:
    """The draft for one feed that read without fault. `sha256` is hexadecimal."""
    body = {"source": source, "counts": counts, "sha256": sha256, "agencies": list(agencies)}
    return EntryDraft(
        kind=DUTY_FEED_RECEIVED,
        body=canonical.encode(body),
        agency_ori=agencies[0] if len(agencies) == 1 else "",
        operator_id=source,
    )
