"""The reference page of the duty feed, written from the nouns that read it.

`python -m openclets.duty.reference > docs/reference/duty-feed.md` writes it anew; a test says when that is
due.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT

from openclets.duty.feed import AHEAD_MAX, FAULTS_MAX, LINE_BYTES_MAX, LINES_MAX
from openclets.duty.work import KINDS, DutyRecord

_EXAMPLE = (
    '{"kind":"incident","id":"4711","incident_id":"26-01326017","agency_ori":"CA9010100",'
    '"opened":"2026-11-22T17:00:00Z","nature":"TRAFFIC STOP"}'
)
_OPENING = f"""\
# The duty feed

Written by `openclets.duty.reference` from `src/openclets/duty/work.py`; change the nouns, not this page.

What a dispatch or rostering system tells the network about police work, so that a look-up can be held
against the work it is said to serve. `POST /api/v1/feeds/duty` with a machine token takes NDJSON: one JSON
object a line, UTF-8.

    {_EXAMPLE}

- `kind` says what the line is; `id` is the sending system's own number. A later line with the same kind
  and id amends the earlier one; a repeat changes nothing. Two systems may use the same id.
- Times are RFC 3339 with their offset. An end is null while it lasts.
- When the network learned a fact is noted by the network and never changes; when it was last amended
  stands beside it.
- A feed is taken whole or not at all. All faults of all lines come back at once (at most {FAULTS_MAX} are
  listed).
- At most {LINES_MAX:,} lines a feed and {LINE_BYTES_MAX:,} bytes a line; nothing may begin more than
  {AHEAD_MAX.days} days ahead.
- Each feed that reads is an entry of the journal (`DutyFeedReceived`): sender, counts, SHA-256.

Fields marked * must be there.
"""


def reference_page() -> str:
    """The page as Markdown."""
    return _OPENING + "".join(_kind(word, noun) for word, noun in KINDS.items())


def _kind(word: str, noun: type[DutyRecord]) -> str:
    rows = "".join(f"| `{name}`{star} | {form} |\n" for name, star, form in _fields(noun))
    return (
        f"\n## {word}\n\n{' '.join((noun.__doc__ or '').split())}\n\n| field | form |\n| --- | --- |\n{rows}"
    )


def _fields(noun: type[DutyRecord]) -> Iterator[tuple[str, str, str]]:
    hints = noun.__annotations__
    for field in msgspec.structs.fields(noun):
        star = "*" if field.default is NODEFAULT and field.default_factory is NODEFAULT else ""
        yield field.name, star, _form(field.type) if field.name in hints else "text"


def _form(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        base, *marks = get_args(kind)
        limits = [
            f"at most {mark.max_length} characters" for mark in marks if getattr(mark, "max_length", None)
        ]
        patterns = [
            f"`{mark.pattern}`".replace("\\Z", "$") for mark in marks if getattr(mark, "pattern", None)
        ]
        return ", ".join([_form(base), *limits, *patterns])
    if get_origin(kind) in (Union, UnionType):
        return " or ".join("null" if part is NoneType else _form(part) for part in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of: {_form(get_args(kind)[0])}"
    return {"str": "text", "datetime": "time", "date": "day, CCYY-MM-DD"}[kind.__name__]


if __name__ == "__main__":
    sys.stdout.write(reference_page())
