"""The reference page of message keys, written from the same tables that read the messages.

`python -m openclets.messages.reference > docs/reference/message-keys.md` writes it anew; a test says when
that is due.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from openclets.messages.fault_text import fault_texts
from openclets.messages.key import FieldSet, MessageKey
from openclets.messages.keyed import KeyedMessage, print_full
from openclets.messages.vocabulary import Vocabulary, load

EXAMPLE_ORI = "CA9010100"

_OPENING = """\
# Message keys, fields, purpose codes

Written by `openclets.messages.reference` from `src/openclets/messages/catalog/`; change the tables, not this
page.

**Not authentic.** California's own message keys and formats are not public and were not used.
Keys of network LOCAL, and every rule of ours marked *design*, are invented for openclets and must not be
taken for the state's. Nlets keys follow first-hand public texts; NCIC keys borrow commonly known names, with
field sets of our own. No conformance with any network is claimed. All values shown are invented: no real
plate, person or agency is meant.

*Evidence*: **found** in a public, unmarked text; **design**, ours, with what it leans on named beside it.
"""

_WRITING = """\
## Writing a message

Short form, the sender being whoever is logged in: `KEY.FIELD/value.FIELD/value`, for example

    RQ.LIC/0SYN001.LIS/CA

Full form: `KEY.SENDER.DESTINATION[,DESTINATION...][.*REFERENCE].TXT`, then the fields on the next line:

    DQ.CA9010100.OR,NV.*A000012345.TXT
    NAM/VANCE,RILEY J.DOB/19880417.SEX/F

A period stands between two fields and not after the last. A line may break only after such a period. Purpose,
attention, incident and reason travel as `PUR/`, `ATN/`, `OCA/` and `RSN/`; `RSN/` carries the reason in
words. Exactly one of a key's field sets is sent, with any of the fields in brackets. Where LIS may be left
out it is CA.
"""

_OFF = """\
A key marked *off* is known by recollection only. It is carried where the setting `message_keys_on` names
it, network and key: `NCIC.QWE`.
"""

_FAULTS = """\
## Faults

Every fault of a message is named at once: the field, the fault, what to do. `ER` is the code in keyed text.
"""

_KEY_HEAD = ("key", "network", "asks for", "field sets", "also needed", "answer", "evidence", "source")
_NOT_HEAD = ("key", "network", "asks for", "why it is not carried", "evidence", "source")
_PURPOSE_HEAD = ("code", "means", "for", "with keys", "must come with", "evidence", "source")


def reference_page(vocabulary: Vocabulary) -> str:
    """The whole page as Markdown."""
    return "\n".join(
        [
            _OPENING,
            _WRITING,
            "## Keys that are carried\n",
            _OFF,
            _table(_KEY_HEAD, _key_rows(key for key in vocabulary.keys.values() if key.carried)),
            "### One of each\n",
            "\n".join(_example(key) for key in vocabulary.keys.values() if key.carried),
            "## Keys that are known and not carried\n",
            _table(_NOT_HEAD, _not_carried_rows(vocabulary)),
            "## Answers\n",
            _table(("key", "network", "answers", "is", "evidence", "source"), _answer_rows(vocabulary)),
            "## Fields\n",
            _table(("field", "is", "form", "example", "evidence", "source"), _field_rows(vocabulary)),
            "## Purpose codes\n",
            _table(_PURPOSE_HEAD, _purpose_rows(vocabulary)),
            _FAULTS,
            _table(("code", "ER", "says", "evidence"), _fault_rows()),
        ]
    )


def _answer_rows(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    for row in vocabulary.responses.values():
        yield f"`{row.key}`", row.network, _codes(row.answers), row.meaning, row.evidence, row.source


def _purpose_rows(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    for row in vocabulary.purposes.values():
        keys, beside = _codes(row.keys) or "none", row.must_have or "nothing more"
        yield row.code, row.meaning, row.use, keys, beside, row.evidence, row.source


def _fault_rows() -> Iterator[tuple[str, ...]]:
    for row in fault_texts().values():
        yield f"`{row.code}`", row.keyed, row.fault, row.evidence


def _not_carried_rows(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    for key in vocabulary.keys.values():
        if not key.carried:
            yield f"`{key.key}`", key.network, key.meaning, key.not_carried, key.evidence, key.source


def _key_rows(keys: Iterable[MessageKey]) -> Iterator[tuple[str, ...]]:
    for key in keys:
        needs = [
            word
            for word, needed in (
                ("PUR", key.needs_purpose),
                ("ATN", key.needs_attention),
                ("OCA", key.needs_case),
            )
            if needed
        ]
        yield (
            f"`{key.key}`" if key.is_on else f"`{key.key}` (off)",
            key.network,
            key.meaning,
            " or ".join(_set(each) for each in key.field_sets),
            " ".join(needs) or "none",
            f"`{key.response_key}`",
            key.evidence,
            key.source,
        )


def _set(field_set: FieldSet) -> str:
    optional = f" [{' '.join(field_set.optional)}]" if field_set.optional else ""
    return " ".join(field_set.required) + optional


def _example(key: MessageKey) -> str:
    envelope = {"PUR": key.needs_purpose, "ATN": key.needs_attention, "OCA": key.needs_case}
    values = {"PUR": "C", "ATN": "OFC R VANCE 4471", "OCA": "26-0417-003"}
    carried = {code: values[code] for code, needed in envelope.items() if needed}
    message = KeyedMessage(key.key, EXAMPLE_ORI, fields={**carried, **key.example})
    return "".join(f"    {line}\n" for line in print_full(message).split("\n"))


def _field_rows(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    for field in vocabulary.fields.values():
        form = field.form
        if field.values:
            form += ": " + ", ".join(f"{value} {meaning}" for value, meaning in field.values.items())
        yield f"`{field.code}`", field.name, form, f"`{field.example}`", field.evidence, field.source


def _codes(codes: Iterable[str]) -> str:
    return " ".join(f"`{code}`" for code in codes)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(reference_page(load()))
