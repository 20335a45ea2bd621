"""Prints `docs/reference/errors.md` from the catalogue of error codes.

`python -m openclets.foundation.errors_page > docs/reference/errors.md` writes it anew; a test says when that
is due.
"""

from __future__ import annotations

import sys

from openclets.foundation.errors import catalogue

_OPENING = """\
# Error codes

Written by `python -m openclets.foundation.errors_page` from `src/openclets/foundation/errors.toml`; change
the table, not this page.

Every failure leaves in one shape, whichever way in was used. Empty members are left out:

    {"error": {"code", "message", "remedy", "faults": [{"field", "fault", "remedy", "code"}],
               "rules": [{"id", "text", "citation"}], "receipt": {"origin", "index", "entry_sha256", …}}}

`faults` names everything wrong with what was sent, at once. `rules` names what refused. `receipt` is there
when the refusal is an entry of the journal. *Keyed* is the code of the error message in keyed text, *exit*
the exit code of a command.

| code | HTTP | keyed | exit | means | what to do |
|---|---|---|---|---|---|
"""


def reference_page() -> str:
    """The page as Markdown."""
    return _OPENING + "".join(
        f"| `{row.code}` | {row.http} | {row.keyed} | {row.exit} | {row.text} | {row.remedy} |\n"
        for row in catalogue().values()
    )


if __name__ == "__main__":
    sys.stdout.write(reference_page())
