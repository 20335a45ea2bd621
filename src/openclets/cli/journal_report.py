"""What a verification of the log comes to, in words and as JSON; and a bar while it lasts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from openclets.journal.signed_note import encode_base64
from openclets.journal.verify import Report, Verdict


@contextmanager
def progress_bar(as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for what takes over two seconds; nothing elsewhere."""
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda done, size: None
        return
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("entries", total=None, visible=False)
        yield lambda done, size: bar.update(
            task, completed=done, total=size, visible=time.monotonic() - began > 2
        )


def print_report(report: Report, as_json: bool, *, pinned: bool) -> None:
    if as_json:
        print(json.dumps(report_json(report), indent=2))
        return
    head, key, extract = report.checkpoint, report.key, report.extract
    if report.verdict is Verdict.HOLDS and head and key:
        what = f"{head.size} entries of {head.origin}"
        if extract:
            what = f"entries {extract.start} to {extract.end - 1} of the {head.size} of {head.origin}"
        print(f"Holds: {what}, root {encode_base64(head.root)}.")
        print(
            f"Signed by {key.name} (key {key.key_id:08x}){'' if pinned else ', the key that the log shows'}."
        )
        if report.witnesses:
            print(f"Cosigned by {', '.join(report.witnesses)}.")
        return
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    words = "Differs from what was signed" if report.findings else "Incomplete: files are missing"
    console.print(f"{words}: {report.source}")
    for finding in report.findings:
        console.print(f"  {finding.file}: {finding.text}")
    for path in report.missing:
        console.print(f"  missing: {path}")


def report_json(report: Report) -> dict[str, Any]:
    head, key, extract = report.checkpoint, report.key, report.extract
    return {
        "verdict": report.verdict.value,
        "source": report.source,
        "origin": head.origin if head else None,
        "size": head.size if head else None,
        "root": encode_base64(head.root) if head else None,
        "key_id": f"{key.key_id:08x}" if key else None,
        "entries_checked": report.entries,
        "entries_by_class": {str(c): n for c, n in sorted(report.by_class.items())},
        "extract": [extract.start, extract.end] if extract else None,
        "witnesses": list(report.witnesses),
        "findings": [{"file": f.file, "index": f.index, "text": f.text} for f in report.findings],
        "missing": report.missing,
    }
