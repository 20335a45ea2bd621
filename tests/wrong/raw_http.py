"""HTTP by hand: bytes as an attacker or a broken client sends them, and what comes back."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

READ_MAX = 4 * 1024 * 1024


@dataclass(frozen=True)
class Heard:
    """What came back within the time given. `code` is 0 where nothing did; `took_s` until the last byte."""

    code: int
    headers: dict[str, str]
    body: bytes
    answers: int
    closed: bool
    took_s: float

    @property
    def error(self) -> dict[str, Any]:
        """What stands under `error` in the one shape."""
        shown: dict[str, Any] = json.loads(self.body)["error"]
        return shown


def send(
    address: tuple[str, int],
    *parts: bytes,
    pause_s: float = 0.0,
    wait_s: float = 3.0,
    first_only: bool = True,
) -> Heard:
    """Send `parts` on one connection and read: one answer, or all that come within `wait_s`."""
    begun = time.monotonic()
    heard, closed = b"", False
    with socket.create_connection(address, timeout=wait_s) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause_s)
        except ConnectionError:
            closed = True
        deadline = begun + wait_s
        while time.monotonic() < deadline and len(heard) < READ_MAX:
            connection.settimeout(max(deadline - time.monotonic(), 0.01))
            try:
                block = connection.recv(65_536)
            except TimeoutError:
                break
            except ConnectionError:
                closed = True
                break
            if not block:
                closed = True
                break
            heard += block
            if first_only and _is_whole(heard):
                break
    return _read(heard, closed, time.monotonic() - begun)


def request(
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    host: str = "openclets.invalid",
) -> bytes:
    """One request with its length."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def _is_whole(heard: bytes) -> bool:
    head, found, body = heard.partition(b"\r\n\r\n")
    if not found:
        return False
    headers = _headers(head)
    if "content-length" in headers:
        return len(body) >= int(headers["content-length"])
    return heard.startswith(b"HTTP/1.1 204") or body.endswith(b"0\r\n\r\n")


def _headers(head: bytes) -> dict[str, str]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, _, value in pairs}


def _read(heard: bytes, closed: bool, took_s: float) -> Heard:
    head, _, body = heard.partition(b"\r\n\r\n")
    code = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0
    headers = _headers(head) if code else {}
    if "content-length" in headers:
        body = body[: int(headers["content-length"])]
    return Heard(code, headers, body, heard.count(b"HTTP/1.1 "), closed, took_s)
