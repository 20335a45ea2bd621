"""The network as the listener asks it: over its HTTP interface, with the line's own credential.

Every message is sent under an idempotency key made from line and sequence number: asked again after a crash
it is the same transaction. What comes back is an answer, or a reason to wait; nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import msgspec

from openclets.foundation.errors import Refused, RuleCited, Unavailable
from openclets.line.cad_header import read_cad
from openclets.line.messages import KeptMessage
from openclets.switch.keyed_reply import print_error, print_reply
from openclets.switch.reply import ReceiptShown, ReleasedReply, Reply

CONNECTIONS: Final = 128
ASK_S: Final = 40.0
SILENT_S: Final = 45.0
"""A stream of events shows a sign of life every 15 s; three missed ones mean that nobody is there."""

_AGAIN: Final = frozenset({408, 502, 503, 504})
"""The network is away or busy: the message waits. 409 too, where it says when to come again."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose message it is: the line's terminal, whether it is a system's, its token."""

    terminal_id: str
    machine: bool
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """What the network answered. `final`: no later part will come. `transaction` is empty for a refusal."""

    text: bytes = field(repr=False)
    transaction: str
    final: bool


class _Begun(msgspec.Struct):
    """As much of a reply as the listener reads of it."""

    transaction: str
    final: bool


class NetworkDoor:
    """Asks the network at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, message: KeptMessage, caller: Caller) -> Said:
        """Put a message to the network. Raises Unavailable with the seconds to wait."""
        key = f"clx1:{message.line}:{message.seq}"
        if message.skin == "json":
            body, headers, path = (
                _with_key(message.text, key),
                {"content-type": "application/json"},
                "inquiries",
            )
            echo = b""
        else:
            body, headers, echo = _keyed(message.text, caller)
            headers |= {"content-type": "text/plain; charset=utf-8", "idempotency-key": key}
            path = "messages"
        http, said, text = await self._post(f"/api/v1/{path}", body, headers, caller.token)
        if http in _AGAIN or (http == 409 and "retry-after" in said):
            raise _later(http, said)
        if http != 200:
            return Said(echo + text, "", True)
        if message.skin == "json":
            begun = msgspec.json.decode(text, type=_Begun)
            return Said(text, begun.transaction, begun.final)
        return Said(
            echo + text, said.get("openclets-transaction", ""), said.get("openclets-final", "true") == "true"
        )

    async def watch(self, message: KeptMessage, caller: Caller) -> AsyncIterator[Said]:
        """The reply of a transaction as it stands, and again each time it changes, to its end.

        Raises Unavailable when the stream breaks; it may be watched again.
        """
        path = f"/api/v1/transactions/{message.transaction}/events"
        headers = {"authorization": f"Bearer {caller.token}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=SILENT_S)
        kind = ""
        try:
            async with self._open().get(self._url + path, headers=headers, timeout=timeout) as answer:
                if answer.status != 200:
                    if answer.status in _AGAIN:
                        raise _later(answer.status, answer.headers)
                    yield Said(_error_of(await answer.read(), message.skin), message.transaction, True)
                    return
                # A reply may be longer than the library's own longest line.
                held = b""
                async for block in answer.content.iter_any():
                    *lines, held = (held + block).split(b"\n")
                    for line in lines:
                        if line.startswith(b"event: "):
                            kind = line[7:].strip().decode("ascii", "replace")
                        elif line.startswith(b"data: ") and kind == "reply":
                            yield _reply_of(line[6:], message.skin)
                        elif line.startswith(b"data: ") and kind == "end":
                            return
        except (aiohttp.ClientError, TimeoutError) as broken:
            raise Unavailable(
                "SERVER_UNREACHABLE", f"the stream of a transaction broke: {broken}"
            ) from broken
        raise Unavailable("SERVER_UNREACHABLE", "the stream of a transaction ended early")

    async def _post(
        self, path: str, body: bytes, headers: dict[str, str], token: str
    ) -> tuple[int, Any, bytes]:
        sent = {**headers, "authorization": f"Bearer {token}"}
        try:
            async with self._open().post(self._url + path, data=body, headers=sent) as answer:
                return answer.status, answer.headers, await answer.read()
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as lost:
            raise Unavailable("SERVER_UNREACHABLE", f"the network does not answer: {lost}") from lost

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                timeout=aiohttp.ClientTimeout(total=ASK_S, sock_connect=5),
                auto_decompress=False,
            )
        return self._session


def _keyed(text: bytes, caller: Caller) -> tuple[bytes, dict[str, str], bytes]:
    """Body, headers, and what is put before the answer: the sender's own reference, where it gave one."""
    if not caller.machine:
        return text, {}, b""
    cad = read_cad(text.decode("utf-8", "surrogateescape"), caller.terminal_id)
    headers = {"on-behalf-of": cad.on_behalf_of} if cad.on_behalf_of else {}
    echo = f"*{cad.reference}\n".encode() if cad.reference else b""
    return cad.text.encode("utf-8", "surrogateescape"), headers, echo


def _with_key(text: bytes, key: str) -> bytes:
    """A JSON inquiry with its idempotency key as the last member: put in as text, so that the network's own
    door judges every byte the line sent. What is no object is left as it is, for the door to refuse.
    """
    whole = text.rstrip()
    if not whole.endswith(b"}"):
        return text
    before = whole[:-1].rstrip()
    comma = b"" if before.endswith((b"{", b",")) else b","
    return before + comma + b'"idempotency_key":' + msgspec.json.encode(key) + b"}"


def _reply_of(wire: bytes, skin: str) -> Said:
    shown = msgspec.json.decode(wire, type=dict[str, Any])
    if skin == "json":
        return Said(wire, shown["transaction"], shown["final"])
    receipt = msgspec.convert(shown.pop("receipt"), ReceiptShown)
    reply = msgspec.convert(shown, Reply)
    return Said(print_reply(ReleasedReply(reply, receipt, b"")).encode(), reply.transaction, reply.final)


def _error_of(body: bytes, skin: str) -> bytes:
    """An error of the stream in the words of the line's skin."""
    if skin == "json":
        return body
    shown = msgspec.json.decode(body, type=dict[str, dict[str, Any]])["error"]
    rules = tuple(RuleCited(**rule) for rule in shown.get("rules", ()))
    refused = Refused(shown["code"], shown["message"], rules=rules)
    refused.receipt = shown.get("receipt")
    return print_error(refused).encode()


def _later(http: int, said: Any) -> Unavailable:
    try:
        wait_s = int(said.get("retry-after", "1"))
    except ValueError:
        wait_s = 1
    return Unavailable("SERVER_UNREACHABLE", f"the network answers {http}", retry_after_s=wait_s)
