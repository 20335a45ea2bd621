"""Headers every answer carries, so that a browser runs nothing but ours and keeps nothing it should not.

Source: security.md 4.3. An answer that sets one of these itself keeps its own.
"""

from __future__ import annotations

from functools import cache

from litestar.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)

# `same-origin`, not `no-referrer`: under the latter a browser sends `Origin: null` with our own forms,
# and the check in `cross_site` could not tell them from foreign ones.
_ALWAYS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
_PUBLIC = ("/log/", "/data/", "/static/")
_PUBLIC_PAGES = frozenset({"/", "/verify"})


@cache
def _headers(public: bool) -> tuple[tuple[bytes, bytes], ...]:
    return (*_ALWAYS, (b"cache-control", b"no-cache" if public else b"no-store"))


def headers_for(path: str, method: str = "GET") -> tuple[tuple[bytes, bytes], ...]:
    """The headers an answer at `path` carries. Only public pages and files, when read, may be kept."""
    public = method in ("GET", "HEAD") and (path in _PUBLIC_PAGES or path.startswith(_PUBLIC))
    return _headers(public)


class SecurityHeaders:
    """ASGI middleware that adds `headers_for` to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = headers_for(str(scope.get("path", "")), str(scope.get("method", "GET")))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [pair for pair in wanted if pair[0] not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers)
