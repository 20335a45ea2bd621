"""One shape for every error (interfaces.md 3), made here alone from the catalogue; nothing inside
ever leaks out.
"""

from __future__ import annotations

import math

import msgspec

from openclets.foundation.errors import BadInput, Fault, Refused, RuleCited, Unavailable, catalogue

_encoder = msgspec.json.Encoder()
_UNREAD = frozenset({408, 413})
"""The rest of such a body was not read, so its connection can carry nothing after it."""


class ErrorShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands under `error`. Empty lists are left out."""

    code: str
    message: str
    remedy: str = ""
    faults: tuple[Fault, ...] = ()
    rules: tuple[RuleCited, ...] = ()
    receipt: dict[str, object] | None = None


class ErrorAnswer(msgspec.Struct, frozen=True):
    """An error as it leaves: HTTP code, headers, body."""

    http: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def answer_error(error: Refused | Unavailable, *, retry_after_s: int | None = None) -> ErrorAnswer:
    """`error` in the one shape, with the HTTP code of its row in the catalogue."""
    row = catalogue()[error.code]
    faults = error.faults if isinstance(error, BadInput) else ()
    shown = ErrorShown(
        code=error.code,
        message=error.message or row.text,
        remedy=row.remedy,
        faults=faults,
        rules=error.rules if isinstance(error, Refused) else (),
        receipt=error.receipt if isinstance(error, Refused) else None,
    )
    headers = [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    wait_s = retry_after_s if retry_after_s is not None else _wait_s(error)
    if wait_s:
        headers.append(("retry-after", str(wait_s)))
    if row.http in _UNREAD:
        headers.append(("connection", "close"))
    if row.http == 401:
        headers.append(("www-authenticate", "Bearer"))
    return ErrorAnswer(row.http, tuple(headers), _encoder.encode({"error": shown}))


def internal_error() -> ErrorAnswer:
    """What is said when something failed that nobody foresaw: that it did, and nothing of how."""
    return answer_error(Refused("INTERNAL", catalogue()["INTERNAL"].text))


def _wait_s(error: Refused | Unavailable) -> int:
    if isinstance(error, Unavailable):
        return error.retry_after_s
    if error.retry_after_s:
        return math.ceil(error.retry_after_s)
    return 1 if error.code == "IN_PROGRESS" else 0
