"""At the door: bytes from the network become a `RawInquiry`, or every fault of their shape at once.

What two parsers could read in two ways is refused (security.md 1.3, ASVS 1.5.3): duplicate members,
trailing text, numbers beyond reason, anything but UTF-8. What a field may hold is the vocabulary's
affair, not the door's.
"""

from __future__ import annotations

import asyncio
import json
import types
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, get_args, get_type_hints

import msgspec

from openclets.foundation.errors import BadInput, Fault, Refused, catalogue
from openclets.switch.inquiry import RawInquiry

BODY_BYTES_MAX = 256 * 1024
"""An inquiry is some hundred bytes; images and batches have doors of their own."""

BODY_S = 10.0
"""How long a body may take: who sends a byte now and then keeps a connection from others."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class UnreadShape(BadInput):
    """A body that is JSON but not an inquiry; `raw` keeps what could be understood, for the entry."""

    def __init__(self, faults: tuple[Fault, ...], raw: RawInquiry, code: str = "INPUT_INVALID") -> None:
        super().__init__(faults, code)
        self.raw = raw


async def read_body(
    receive: Receive,
    headers: list[tuple[bytes, bytes]],
    limit: int = BODY_BYTES_MAX,
    patience_s: float = BODY_S,
) -> bytes:
    """The whole body. Raises Refused: `BODY_TOO_LARGE` before it is read whole, `MEDIA_TYPE` when
    compressed, `BODY_TIMEOUT` when it is not whole within `patience_s` seconds.
    """
    for name, value in headers:
        if name == b"content-length" and (not value.isdigit() or int(value[:20]) > limit):
            raise _refused("BODY_TOO_LARGE")
        if name == b"content-encoding" and value.lower() != b"identity":
            raise _refused("MEDIA_TYPE")
    try:
        async with asyncio.timeout(patience_s):
            return await _whole(receive, limit)
    except TimeoutError:
        raise _refused("BODY_TIMEOUT") from None


async def _whole(receive: Receive, limit: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit:
            raise _refused("BODY_TOO_LARGE")
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _refused("JSON_INVALID")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _refused("BODY_TOO_LARGE")
        parts.append(part)
    return b"".join(parts)


def read_inquiry(body: bytes) -> RawInquiry:
    """The inquiry in `body`.

    Raises Refused for what is not JSON (`JSON_INVALID`, `JSON_NUMBER`, `ENCODING_INVALID`),
    UnreadShape for what is JSON but not an inquiry: unknown or missing members, wrong types, a
    member named twice.
    """
    value = _strict_json(body)
    try:
        return msgspec.convert(value, RawInquiry)
    except msgspec.ValidationError:
        raise _shape(value) from None


class _Duplicate(Exception):
    def __init__(self, member: str) -> None:
        self.member = member


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Duplicate(name)
            seen.add(name)
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant)


def _strict_json(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("ENCODING_INVALID") from None
    try:
        return _decoder.decode(text)
    except _Duplicate as twice:
        fault = Fault(twice.member[:60], "is named twice", "send each member once", "JSON_DUPLICATE_MEMBER")
        raise UnreadShape((fault,), RawInquiry("", {}), "JSON_DUPLICATE_MEMBER") from None
    except json.JSONDecodeError as wrong:
        refused = _refused("JSON_INVALID")
        refused.message += f" Line {wrong.lineno}, column {wrong.colno}."
        raise refused from None
    except RecursionError:
        raise _refused("JSON_INVALID") from None
    except ValueError as wrong:
        # Python refuses to convert numbers of thousands of digits before it spends the time on them.
        raise _refused("JSON_NUMBER" if "digits" in str(wrong) else "JSON_INVALID") from None


def _shape(value: Any) -> UnreadShape:
    if not isinstance(value, dict):
        fault = Fault(
            "(body)", "is not one JSON object", "send one object with message_key and fields", "FIELD_TYPE"
        )
        return UnreadShape((fault,), RawInquiry("", {}))
    faults = []
    for name in value:
        if name not in _ALLOWED:
            faults.append(
                Fault(name[:60], "is not known here", f"send only {', '.join(_ALLOWED)}", "FIELD_UNKNOWN")
            )
    for name, kinds in _ALLOWED.items():
        if name not in value:
            if name in ("message_key", "fields"):
                faults.append(Fault(name, "is missing", f"send {name}", "FIELD_MISSING"))
        elif not isinstance(value[name], kinds) or (name == "destinations" and not _texts(value[name])):
            faults.append(Fault(name, f"is {_named(value[name])}", f"send {_WORDS[name]}", "FIELD_TYPE"))
    raw = RawInquiry(
        message_key=value["message_key"] if isinstance(value.get("message_key"), str) else "",
        fields=value["fields"] if isinstance(value.get("fields"), dict) else {},
    )
    return UnreadShape(tuple(faults), raw)


def _texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _named(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
        str: "text",
    }
    return names.get(type(value), "null")


def _kinds(hint: Any) -> tuple[type, ...]:
    options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return tuple(getattr(option, "__origin__", option) for option in options)


_ALLOWED = {name: _kinds(hint) for name, hint in get_type_hints(RawInquiry).items()}
_WORDS = dict.fromkeys(_ALLOWED, "text") | {"fields": "an object", "destinations": "a list of texts"}


def _refused(code: str) -> Refused:
    return Refused(code, catalogue()[code].text)
