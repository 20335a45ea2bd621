"""What the line protocol enters in the journal: lines enrolled and withdrawn, connected and turned away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openclets.foundation import canonical
from openclets.journal.entry import EntryDraft, EntryKind, declare

STANDING: Final = 5

LINE_ENROLLED = declare(
    EntryKind(
        "LineEnrolled",
        STANDING,
        "A line was enrolled for a certificate, or brought to these values.",
        {
            "by": "who did it",
            "fingerprint": "SHA-256 of the client certificate",
            "images": "whether it may send payloads of 4 MiB",
            "line": "the line's name",
            "machine": "whether it is a system's, which names an operator with each message",
            "reason": "why",
        },
        "CJIS Security Policy 5.9.5 IA-3, AC-2",
    )
)
LINE_WITHDRAWN = declare(
    EntryKind(
        "LineWithdrawn",
        STANDING,
        "A line was taken out of force, and its token ended.",
        {"by": "who did it", "line": "the line's name", "reason": "why"},
        "CJIS Security Policy 5.9.5 IA-3, AC-2",
    )
)
LINE_CONNECTED = declare(
    EntryKind(
        "LineConnected",
        STANDING,
        "A line was let in.",
        {
            "at": "when, by the listener's clock",
            "line": "the line's name",
            "software": "what it says it is",
            "source": "network address it came from",
        },
        "CJIS Security Policy 5.9.5 AU-2 (log-on)",
    )
)
LINE_REFUSED = declare(
    EntryKind(
        "LineRefused",
        STANDING,
        "Somebody with a certificate of a trusted authority asked to be let in as a line, and was not.",
        {
            "at": "when, by the listener's clock",
            "code": "the error code answered",
            "fingerprint": "SHA-256 of the certificate shown",
            "line": "the line named, cut at 16 characters",
            "source": "network address it came from",
        },
        "CJIS Security Policy 5.9.5 AU-2 (log-on)",
    )
)


def draft(
    kind: EntryKind,
    body: Mapping[str, object],
    *,
    agency_ori: str = "",
    operator_id: str = "",
    terminal_id: str = "",
) -> EntryDraft:
    """An entry of one of this slice's kinds."""
    return EntryDraft(
        kind=kind,
        body=canonical.encode(dict(body)),
        agency_ori=agency_ori,
        operator_id=operator_id,
        terminal_id=terminal_id,
        result_class="REFUSED" if kind is LINE_REFUSED else "",
    )
