"""The reference page of the audit exchange, written from the table that reads and writes it.

`python -m openclets.exchange.reference > docs/reference/exchange.md` writes it anew; a test says when that
is due.
"""

from __future__ import annotations

import sys

from openclets.exchange.tables import Column, ExchangeTable, load_tables

_OPENING = """\
# The audit exchange, version 1

Written by `openclets.exchange.reference` from `src/openclets/exchange/tables.toml`; change the table, not
this page.

A folder of tables, each `NAME.parquet` or `NAME.csv` (UTF-8, header, RFC 4180). Any look-up log that is
brought into this form can be read; the journal exports itself in it, and `openclets world generate` writes
an invented state in it.

- Times are UTC, to the microsecond: `2026-11-22T17:18:49.000000Z`. One without a zone is taken for UTC;
  finer ones are cut.
- An empty field is absent. `NULL`, `NaN` and `TRUE` are text: people bear these names.
- Columns marked * must be there and filled in. Unknown columns are kept and ignored; files of other
  names are left alone.
- In CSV a list is joined by `;`.
- All faults of a folder are reported at once, with table, column, row (counted from 1, without the
  header) and remedy.
- Only `transactions` and `operators` must be there. A missing table switches off what needs it, and the
  report says so.
"""


def reference_page() -> str:
    """The page as Markdown."""
    tables = load_tables().values()
    incoming = "\n".join(_table(table) for table in tables if table.group == "in")
    truth = "\n".join(_table(table) for table in tables if table.group == "truth")
    return f"{_OPENING}\n{incoming}\n# The truth beside it\n\nIn folder `truth/`.\n\n{truth}"


def _table(table: ExchangeTable) -> str:
    key = f" One row for each {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    head = f"## {table.name}{'*' if table.required else ''}\n\n{table.meaning.capitalize()}.{key}\n"
    rows = "".join(_row(column) for column in table.columns)
    return f"{head}\n| column | type | meaning |\n| --- | --- | --- |\n{rows}"


def _row(column: Column) -> str:
    values = f": {', '.join(f'`{value}`' for value in column.values)}" if column.values else ""
    return f"| `{column.name}`{'*' if column.required else ''} | {column.type} | {column.meaning}{values} |\n"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
