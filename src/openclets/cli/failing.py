"""How a command fails: all faults in words on standard error, and the exit code of the error's row
(interfaces.md 2).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import typer

from openclets.foundation.errors import BadInput, Refused, Unavailable, catalogue

INTERRUPTED = 130


def explain(error: Refused | Unavailable) -> str:
    """The error as a person reads it: what is wrong, each fault with its remedy, each rule with its
    citation.
    """
    row = catalogue()[error.code]
    lines = [f"openclets: {error.message if not isinstance(error, BadInput) else row.text}"]
    if isinstance(error, BadInput):
        lines += [f"  {fault.field}: {fault.fault}. {fault.remedy}" for fault in error.faults]
    elif isinstance(error, Refused) and error.rules:
        lines += [f"  rule {rule.id}: {rule.text} ({rule.citation})" for rule in error.rules]
    lines.append(f"  {row.remedy}")
    return "\n".join(lines)


def as_json(error: Refused | Unavailable) -> str:
    """The error in the shape of interfaces.md 3."""
    shown: dict[str, object] = {"code": error.code, "message": error.message}
    if isinstance(error, BadInput):
        shown["faults"] = [asdict(fault) for fault in error.faults]
    if isinstance(error, Refused) and error.rules:
        shown["rules"] = [asdict(rule) for rule in error.rules]
    if isinstance(error, Refused) and error.receipt:
        shown["receipt"] = error.receipt
    return json.dumps({"error": shown}, ensure_ascii=False)


@contextmanager
def exit_codes(*, json_wanted: bool = False) -> Iterator[None]:
    """Within the block, our errors end the command with their exit code and no trace."""
    try:
        yield
    except (Refused, Unavailable) as error:
        if json_wanted:
            sys.stdout.write(as_json(error) + "\n")
        else:
            sys.stderr.write(explain(error) + "\n")
        raise typer.Exit(catalogue()[error.code].exit) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
