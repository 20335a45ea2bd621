"""The kinds of entry that the journal makes about itself: its opening, its reading, the end of its keys."""

from __future__ import annotations

from openclets.journal.entry import EntryKind, declare

READING = 4
OPERATION = 6

JOURNAL_OPENED = declare(
    EntryKind(
        "JournalOpened",
        OPERATION,
        "A sequencer took the journal and began an epoch.",
        {"epoch": "number of the epoch, one more than the last", "size": "entries before this one"},
        "decisions.md 4",
    )
)
JOURNAL_BODY_OPENED = declare(
    EntryKind(
        "JournalBodyOpened",
        READING,
        "The sealed body of an entry is about to be opened for somebody.",
        {
            "index": "the entry whose body is opened",
            "holder": "the holder whose key opens it",
            "reason": "why, in the reader's words",
        },
        "decisions.md 5; CJIS AU-9",
    )
)
JOURNAL_READ = declare(
    EntryKind(
        "JournalRead",
        READING,
        "A range of entries is about to be read, checked or exported as a batch.",
        {
            "first": "first index of the range",
            "end": "index after the last",
            "purpose": "why, in words",
            "definition_sha256": "digest of what the batch computes, or empty",
        },
        "decisions.md 5",
    )
)
BODY_KEYS_DESTROYED = declare(
    EntryKind(
        "BodyKeysDestroyed",
        OPERATION,
        "The keys of some bodies are about to be destroyed; their leaves and proofs stay.",
        {
            "indexes": "the entries whose bodies can then be opened by nobody",
            "authority": "the order or rule that asks for it",
            "approved_by": "the two people who approved it",
        },
        "security.md 3.3; corpus B256",
    )
)
