"""The reference page of journal entries, written from the kinds that are declared.

Whoever has imported every slice prints it: `python -m openclets.cli.entries_page`. A test says when the page
is due to be written anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from openclets.journal.entry import EntryKind

LEAF_CLASSES = {
    1: ("inquiry", "Something was asked."),
    2: ("reply", "What became of it."),
    3: ("refusal", "Something was refused or withheld."),
    4: ("reading", "Somebody read what is kept."),
    5: ("standing", "People, terminals, credentials, log-ins, acknowledgements."),
    6: ("operation", "The network itself."),
}
"""What the class byte of a public leaf says, and all that it says."""

_OPENING = """\
# Journal entries

Written by `python -m openclets.cli.entries_page` from the kinds that the code declares; change the
declaration, not this page.

Every entry has in clear, for the network's own use: its index, its time, the sequencer's epoch, its kind,
and, where they apply, transaction, agency (ORI), operator, terminal, message key, purpose code, rule-set
digest and result class. Its body is sealed; the tables below say what is in it. Outside the network only the
class can be seen. How the journal works is told in [journal.md](journal.md).
"""


def reference_page(kinds: Mapping[str, EntryKind]) -> str:
    """The text of `docs/reference/journal-entries.md`."""
    return _OPENING + "".join(_sections(kinds))


def _sections(kinds: Mapping[str, EntryKind]) -> Iterator[str]:
    for number, (name, text) in LEAF_CLASSES.items():
        members = sorted((kind for kind in kinds.values() if kind.leaf_class == number), key=lambda k: k.name)
        if members:
            yield f"\n## Class {number}: {name}\n\n{text}\n"
            yield from map(_entry, members)


def _entry(kind: EntryKind) -> str:
    lines = [f"\n### {kind.name}\n", f"{kind.text} Source: {kind.evidence}.\n"]
    if kind.body_fields:
        lines += ["| in the sealed body | meaning |", "|---|---|"]
        lines += [f"| `{name}` | {meaning.replace('|', '/')} |" for name, meaning in kind.body_fields.items()]
    else:
        lines.append("Its body is empty.")
    return "\n".join(lines) + "\n"
