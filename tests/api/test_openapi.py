"""The description is of this server: its addresses, its bodies, its errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from openclets.foundation.errors import catalogue
from openclets.web.api.feeds import feeds_router
from openclets.web.api.health import healthz, readyz
from openclets.web.api.messages import messages_router
from openclets.web.api.openapi import OPERATIONS, ErrorBody, ShownReply, document
from openclets.web.api.public_log import log_router
from openclets.web.api.transactions import transactions_router
from openclets.web.app import ask
from running_demo import EXEMPT, RunningDemo


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_it_is_served_as_it_is_made(running_demo: RunningDemo) -> None:
    """Without log-in, as JSON."""
    answer = running_demo.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(msgspec.json.encode(document()))
    assert answer.json()["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere() -> None:
    """No schema is named that is not there, and none is there that nobody names."""
    schemas = document()["components"]["schemas"]
    named = {ref.removeprefix("#/components/schemas/") for ref in references(document())}
    assert named == set(schemas)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_address_described_is_offered(running_demo: RunningDemo, operation: Any) -> None:
    """The router offers that method there, and needs a token where the description says so."""
    path = re.sub(r"{\w+}", "000", operation.path)
    offered = running_demo.http.options(running_demo.base + path).headers["allow"]
    assert operation.method.upper() in offered
    body = {"content": b"x"} if operation.method == "post" else {}
    answer = running_demo.http.request(operation.method, running_demo.base + path, **body)
    assert (answer.status_code == 401) == operation.by_token


def test_every_address_offered_to_programs_is_described() -> None:
    """The table is held against what the application registers."""
    api = (messages_router, transactions_router, feeds_router)
    registered = {f"/api/v1{route.path}" for router in api for route in router.routes}
    registered |= {f"/api/v1{path}" for path in ask.paths}
    registered |= {route.path for route in log_router.routes}
    registered |= {path for handler in (healthz, readyz) for path in handler.paths}
    described = {operation.path for operation in OPERATIONS}
    assert {re.sub(r":\w+}", "}", path) for path in registered} == described


def test_replies_and_errors_have_the_form_described(running_demo: RunningDemo) -> None:
    """What the server sends is read back by the very types that the schemas are made from."""
    operator, body = running_demo.example("plate_composite")
    reply = running_demo.ask(body, operator)
    shown = msgspec.json.decode(reply.content, type=ShownReply)
    assert set(reply.json()) == set(document()["components"]["schemas"]["ShownReply"]["properties"])
    assert shown.receipt.index == reply.json()["receipt"]["index"]
    for wrong in ({**body, "message_key": "XX"}, running_demo.example("own_record")[1]):
        error = msgspec.json.decode(running_demo.ask(wrong, "SPDO001").content, type=ErrorBody).error
        assert error.code in catalogue()
        assert error.receipt is not None


def test_the_example_given_is_taken(running_demo: RunningDemo) -> None:
    """Whoever copies it gets an answer."""
    (example,) = document()["components"]["schemas"]["RawInquiry"]["examples"]
    answer = running_demo.ask(example, EXEMPT)
    assert answer.status_code == 200, answer.text
