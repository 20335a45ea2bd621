"""At the door: bytes become an inquiry or are refused; nothing that reads in two ways comes through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.directory.view import DirectoryView, TokenGrant
from openclets.foundation.errors import BadInput, Refused
from openclets.switch.inquiry import RawInquiry
from openclets.web.api.bearer import sender_of
from openclets.web.api.door import BODY_BYTES_MAX, UnreadShape, read_body, read_inquiry
from openclets.web.api.errors import answer_error, internal_error
from switch.corridor import small_view

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
PARTS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
ANY_JSON = st.recursive(
    PARTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def code_of(body: bytes) -> str:
    """The code a body is refused with, or empty text."""
    try:
        read_inquiry(body)
    except Refused as refused:
        return refused.code
    return ""


@given(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_an_inquiry_or_a_refusal(body: bytes) -> None:
    """No bytes make the door fail in a third way."""
    assert code_of(body) in {
        "",
        "JSON_INVALID",
        "JSON_NUMBER",
        "JSON_DUPLICATE_MEMBER",
        "ENCODING_INVALID",
        "INPUT_INVALID",
    }


@given(
    st.fixed_dictionaries(
        {
            "message_key": st.text(max_size=8),
            "fields": st.dictionaries(st.text(max_size=5), PARTS, max_size=3),
        },
        optional={
            name: st.none() | st.text(max_size=8)
            for name in ("purpose_code", "reason", "incident", "attention", "network", "sender_ori")
        },
    )
)
def test_an_inquiry_reads_back_as_it_was_written(sent: dict[str, Any]) -> None:
    """Member for member, whatever the fields hold; NaN and infinity are not JSON."""
    text = json.dumps(sent)
    if "NaN" in text or "Infinity" in text:
        assert code_of(text.encode()) in ("JSON_INVALID", "")
        return
    assert msgspec.structs.asdict(read_inquiry(text.encode())) == {
        **msgspec.structs.asdict(RawInquiry("", {})),
        **sent,
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "JSON_INVALID"),
        (b"{", "JSON_INVALID"),
        (b"{} {}", "JSON_INVALID"),
        (b'{"message_key":"RQ","fields":{},}', "JSON_INVALID"),
        (b"{'message_key':'RQ'}", "JSON_INVALID"),
        (b'{"message_key":NaN}', "JSON_INVALID"),
        (b'{"message_key":01}', "JSON_INVALID"),
        (b'{"message_key":"R\nQ"}', "JSON_INVALID"),
        (b"[" * 100_000, "JSON_INVALID"),
        (b'{"a":' * 50_000, "JSON_INVALID"),
        (b"9" * 5_000, "JSON_NUMBER"),
        (b'{"message_key":"\xff"}', "ENCODING_INVALID"),
        (b'{"message_key":"\xed\xa0\x80"}', "ENCODING_INVALID"),
        (b'{"message_key":"RQ","message_key":"QW"}', "JSON_DUPLICATE_MEMBER"),
        (b'{"message_key":"RQ","\\u006dessage_key":"QW"}', "JSON_DUPLICATE_MEMBER"),
        (b'{"fields":{"LIC":{"a":1,"a":2}}}', "JSON_DUPLICATE_MEMBER"),
        (b"[]", "INPUT_INVALID"),
        (b"null", "INPUT_INVALID"),
        (b'"RQ"', "INPUT_INVALID"),
        (b"{}", "INPUT_INVALID"),
    ],
)
def test_what_is_no_inquiry_is_refused_by_its_own_code(body: bytes, code: str) -> None:
    """JSON that is none, numbers without end, broken UTF-8, doubled members, wrong shapes."""
    assert code_of(body) == code


def test_every_fault_of_the_shape_is_named() -> None:
    """Unknown, missing and of the wrong type, all at once, each with what to do."""
    with pytest.raises(UnreadShape) as unread:
        read_inquiry(b'{"fields":[],"reason":5,"destinations":["NV",1],"is_admin":true}')
    told = {(fault.field, fault.code) for fault in unread.value.faults}
    assert told == {
        ("message_key", "FIELD_MISSING"),
        ("fields", "FIELD_TYPE"),
        ("reason", "FIELD_TYPE"),
        ("destinations", "FIELD_TYPE"),
        ("is_admin", "FIELD_UNKNOWN"),
    }
    assert all(fault.remedy for fault in unread.value.faults)


def received(parts: Iterable[bytes]) -> Any:
    """An ASGI `receive` that gives a body in parts."""
    left = list(parts)

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        part = left.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    return receive


def body_of(parts: Iterable[bytes], headers: list[tuple[bytes, bytes]] | None = None, **how: Any) -> bytes:
    """What `read_body` makes of it."""
    return asyncio.run(read_body(received(parts), headers or [], **how))


def test_a_body_in_parts_is_whole() -> None:
    """However it was cut."""
    assert body_of([b"ab", b"", b"cd"]) == b"abcd"


@pytest.mark.parametrize(
    ("parts", "headers", "code"),
    [
        ([b"x"], [(b"content-length", str(BODY_BYTES_MAX + 1).encode())], "BODY_TOO_LARGE"),
        ([b"x"], [(b"content-length", b"9" * 400)], "BODY_TOO_LARGE"),
        ([b"x"], [(b"content-length", b"-5")], "BODY_TOO_LARGE"),
        ([b"x" * (BODY_BYTES_MAX + 1)], [], "BODY_TOO_LARGE"),
        ([b"x" * BODY_BYTES_MAX, b"x"], [], "BODY_TOO_LARGE"),
        ([b"x"], [(b"content-encoding", b"gzip")], "MEDIA_TYPE"),
        ([b"x"], [(b"content-encoding", b"br, gzip")], "MEDIA_TYPE"),
    ],
)
def test_a_body_is_bounded_before_it_is_read(
    parts: list[bytes], headers: list[tuple[bytes, bytes]], code: str
) -> None:
    """By what it says of itself, and by what comes."""
    with pytest.raises(Refused) as refused:
        body_of(parts, headers)
    assert refused.value.code == code


def test_a_body_that_never_ends_is_refused_in_time() -> None:
    """The patience is a figure, and it ends."""

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(never, [], patience_s=0.05))
    assert refused.value.code == "BODY_TIMEOUT"
    assert ("connection", "close") in answer_error(refused.value).headers


def view(**changes: Any) -> DirectoryView:
    """A directory in which the token `t` is OFF1's at FIXED1, with changes to the grant."""
    grant = TokenGrant("OFF1", "FIXED1", NOW + timedelta(days=1))
    return replace(small_view(), tokens={sha256(b"t").digest(): replace(grant, **changes)})


def test_a_token_names_one_operator_at_one_terminal() -> None:
    """In any case of the scheme; a system's is marked as such."""
    for scheme in (b"Bearer t", b"bearer t", b"BEARER t"):
        sender = sender_of([(b"authorization", scheme)], view(), NOW)
        assert (sender.operator_id, sender.terminal_id, sender.machine) == ("OFF1", "FIXED1", False)
    assert sender_of([(b"authorization", b"Bearer t")], view(machine=True), NOW).channel == "machine"


@pytest.mark.parametrize(
    ("shown", "changes"),
    [
        ([], {}),
        ([b"Bearer "], {}),
        ([b"Bearer"], {}),
        ([b"Basic dDp0"], {}),
        ([b"Bearer wrong"], {}),
        ([b"Bearer " + b"t" * 201], {}),
        ([b"Bearer t", b"Bearer t"], {}),
        ([b"Bearer t"], {"expires": NOW}),
        ([b"Bearer t"], {"revoked": True}),
    ],
)
def test_whatever_is_wrong_with_a_credential_the_words_are_the_same(
    shown: list[bytes], changes: dict[str, Any]
) -> None:
    """Unknown, ended, revoked, malformed, doubled: 401, and nothing to learn from it."""
    with pytest.raises(Refused) as refused:
        sender_of([(b"authorization", value) for value in shown], view(**changes), NOW)
    expected = answer_error(Refused("NOT_AUTHENTICATED", refused.value.message))
    assert answer_error(refused.value) == expected
    assert refused.value.message == "Nobody is logged in, or the credential is unknown, expired or revoked."


def test_an_unforeseen_failure_says_nothing_of_how() -> None:
    """A code, a sentence, a next step."""
    told = msgspec.json.decode(internal_error().body)["error"]
    assert set(told) == {"code", "message", "remedy"}


def test_every_fault_leaves_in_one_shape() -> None:
    """Empty lists are left out, faults are named, waiting is said in the header."""
    bad = BadInput(())
    assert set(msgspec.json.decode(answer_error(bad).body)["error"]) <= {"code", "message", "remedy"}
    limited = Refused("RATE_LIMITED", "slow", retry_after_s=0.2)
    assert ("retry-after", "1") in answer_error(limited).headers
