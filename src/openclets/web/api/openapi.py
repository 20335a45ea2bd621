"""`GET /api/openapi.json`: what the programs' side takes and gives, made from the types that read it.

The table below names each address; its bodies are the schemas of the structs themselves, its errors the rows
of `foundation/errors.toml`. A test holds the table against the router's own addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response

from openclets import __version__
from openclets.duty.work import KINDS
from openclets.foundation.errors import catalogue
from openclets.switch.inquiry import RawInquiry
from openclets.switch.reply import ReceiptShown, Reply
from openclets.web.api.errors import ErrorShown

REF = "#/components/schemas/{name}"
JSON, KEYED, STREAM, BYTES = "application/json", "text/plain", "text/event-stream", "application/octet-stream"
NDJSON = "application/x-ndjson"
_ALWAYS = (500, 503)
_KNOWN = (401, 403, *_ALWAYS)


class ShownReply(Reply, frozen=True, kw_only=True):
    """The whole answer to an inquiry, with the receipt of its entry."""

    receipt: ReceiptShown


class ErrorBody(msgspec.Struct, frozen=True):
    """Every error of the programs' side."""

    error: ErrorShown


class FeedTaken(msgspec.Struct, frozen=True):
    """What became of a feed: facts by kind, how many were new or amended, its digest, its entry."""

    facts: dict[str, int]
    changed: int
    sha256: str
    receipt: ReceiptShown | None


class Ready(msgspec.Struct, frozen=True):
    """Whether the process can answer inquiries, and which part is not in order."""

    ready: bool
    journal_writable: bool
    directory_current: bool
    log_published: bool
    keys_reachable: bool
    entries_not_published: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address. `gives` is None for text; `refuses` are HTTP codes beyond 200."""

    method: str
    path: str
    name: str
    summary: str
    tag: str
    media: str = JSON
    gives: type | None = None
    takes: str = ""
    refuses: tuple[int, ...] = _ALWAYS
    by_token: bool = True


_ASKED = (400, 409, 413, 415, 422, 429, *_KNOWN)
_TRANSACTION = "/api/v1/transactions/{transaction}"
OPERATIONS = (
    Operation(
        "post", "/api/v1/inquiries", "inquire", "Ask one inquiry", "inquiries",
        gives=ShownReply, takes=JSON, refuses=_ASKED,
    ),
    Operation(
        "post", "/api/v1/messages", "message", "Ask in keyed text; errors are keyed text too (ER)",
        "inquiries", KEYED, takes=KEYED, refuses=_ASKED,
    ),
    Operation(
        "get", _TRANSACTION, "transaction", "Read one's own transaction again (an entry each time)",
        "transactions", gives=ShownReply, refuses=(404, 410, *_KNOWN),
    ),
    Operation(
        "get", f"{_TRANSACTION}/events", "events",
        "Watch the legs arrive: `reply` with the whole reply each time it changes, then `end`",
        "transactions", STREAM, refuses=(404, 410, *_KNOWN),
    ),
    Operation(
        "get", f"{_TRANSACTION}/proof", "proof",
        "The offline proof of the newest entry (C2SP tlog-proof); 202 with Retry-After until it is covered",
        "transactions", KEYED, refuses=(202, 404, *_KNOWN),
    ),
    Operation(
        "post", "/api/v1/feeds/duty", "duty", "Report police work, one fact a line; upsert by source id",
        "feeds", gives=FeedTaken, takes=NDJSON, refuses=(413, 415, 422, *_KNOWN),
    ),
    Operation(
        "get", "/log/state/checkpoint", "checkpoint", "The signed head of the log (C2SP tlog-checkpoint)",
        "public log", KEYED, refuses=(404, *_ALWAYS), by_token=False,
    ),
    Operation(
        "get", "/log/state/vkey", "vkey", "The log's verifier key", "public log", KEYED,
        refuses=(404, *_ALWAYS), by_token=False,
    ),
    Operation(
        "get", "/log/state/tile/{rest}", "tile", "A tile or an entry bundle of the log (C2SP tlog-tiles)",
        "public log", BYTES, refuses=(404, *_ALWAYS), by_token=False,
    ),
    Operation(
        "get", "/healthz", "healthz", "The process lives", "operations", refuses=(), by_token=False
    ),
    Operation(
        "get", "/readyz", "readyz", "The process can answer inquiries; 503 with the parts that cannot",
        "operations", gives=Ready, refuses=(), by_token=False,
    ),
)  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """The whole description, as OpenAPI 3.1."""
    kinds = [ShownReply, RawInquiry, ErrorBody, FeedTaken, Ready, *KINDS.values()]
    _, schemas = msgspec.json.schema_components(kinds, schema_hook=_schema_of_any, ref_template=REF)
    schemas["RawInquiry"]["examples"] = [_EXAMPLE]
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "openclets",
            "version": __version__,
            "description": "Inquiries, transactions, feeds and the public log. Every error has one shape.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _TOKEN}},
        },
    }


@get("/api/openapi.json", include_in_schema=False)
async def openapi() -> Response[bytes]:
    """The description as JSON."""
    return Response(msgspec.json.encode(document()), media_type=JSON)


_TOKEN = "Names one operator at one enrolled terminal, or a system, which must send on_behalf_of."
_EXAMPLE = {
    "message_key": "RQ",
    "fields": {"LIC": "0ABC123", "LIS": "CA"},
    "reason": "traffic stop",
    "incident": "26-104417",
    "idempotency_key": "0d3f6f0e",
}


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": {
            "200": {"description": "As asked.", "content": {operation.media: _schema(operation.gives)}},
            **{str(http): _refusal(http, operation) for http in sorted(operation.refuses)},
        },
    }
    if operation.by_token:
        described["security"] = [{"token": []}]
    named = re.findall(r"{(\w+)}", operation.path)
    if named:
        described["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in named
        ]
    if operation.takes:
        schema = {JSON: _schema(RawInquiry), NDJSON: _any_fact(), KEYED: _schema(None)}[operation.takes]
        described["requestBody"] = {"required": True, "content": {operation.takes: schema}}
    return described


def _refusal(http: int, operation: Operation) -> dict[str, Any]:
    codes = ", ".join(code for code, row in catalogue().items() if row.http == http)
    if http == 202:
        return {"description": "Not covered yet; ask again after Retry-After seconds."}
    media, schema = (KEYED, None) if operation.takes == KEYED else (JSON, ErrorBody)
    return {"description": f"Codes: {codes}.", "content": {media: _schema(schema)}}


def _schema(kind: type | None) -> dict[str, Any]:
    return {"schema": {"$ref": REF.format(name=kind.__name__)} if kind is not None else {"type": "string"}}


def _any_fact() -> dict[str, Any]:
    return {"schema": {"oneOf": [{"$ref": REF.format(name=kind.__name__)} for kind in KINDS.values()]}}


def _schema_of_any(kind: type) -> dict[str, Any]:
    if kind is object:
        return {"description": "any value"}
    raise NotImplementedError(kind)
