"""The tamper-evident book of everything that was done: append, prove, publish, verify.

One log named `state` (decisions.md 1). Entries live in PostgreSQL, written by one sequencer through group
commit; bodies are sealed under per-entry keys that can be destroyed; the public book is a C2SP tlog-tiles log
of salted commitments that anyone can check from its files alone.

It does not know what an inquiry is: slices above declare their kinds of entry and hand in drafts.
Contents pages: `append.py`, `publish.py`, `verify.py`.

Enters `JournalOpened`, `JournalBodyOpened` (reading a body is itself an entry), `JournalRead`,
`BodyKeysDestroyed`.
"""
