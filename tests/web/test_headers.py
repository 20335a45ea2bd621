"""Every answer says what a browser may run and keep."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openclets.web.headers import CONTENT_SECURITY_POLICY, SecurityHeaders, headers_for


def _answer(path: str, own: list[tuple[bytes, bytes]]) -> dict[bytes, list[bytes]]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b""})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "path": path, "method": "GET"}
    asyncio.run(SecurityHeaders(app)(scope, None, send))  # type: ignore[arg-type]
    found: dict[bytes, list[bytes]] = {}
    for name, value in sent[0]["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def test_the_policy_allows_nothing_but_our_own_files() -> None:
    """No inline script or style, no foreign origin, no frame, no base (security.md 4.3)."""
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    ("path", "method", "kept"),
    [
        ("/terminal/", "GET", False),
        ("/terminal/returns/x", "GET", False),
        ("/api/v1/inquiries", "POST", False),
        ("/verify", "POST", False),
        ("/verify", "GET", True),
        ("/", "GET", True),
        ("/log/state/checkpoint", "GET", True),
    ],
)
def test_only_public_pages_may_be_kept(path: str, method: str, kept: bool) -> None:
    """Whatever may hold a record is never stored by a browser or a proxy."""
    assert dict(headers_for(path, method))[b"cache-control"] == (b"no-cache" if kept else b"no-store")


def test_an_answer_keeps_a_header_it_set_itself() -> None:
    """A tile's own cache age is not overwritten, and no header is sent twice."""
    found = _answer("/log/state/tile/0/000", [(b"Cache-Control", b"immutable")])
    assert found[b"cache-control"] == [b"immutable"]
    assert found[b"x-content-type-options"] == [b"nosniff"]
