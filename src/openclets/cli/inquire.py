"""`openclets inquire 'RQ.LIC/0ABC123'`: one inquiry over HTTP, printed as a dispatcher reads it."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated, Any

import msgspec
import typer

from openclets.cli.failing import exit_codes
from openclets.cli.server import Server
from openclets.messages.vocabulary import load
from openclets.switch.keyed_inquiry import from_keyed
from openclets.switch.keyed_reply import print_reply
from openclets.switch.reply import ReceiptShown, ReleasedReply, Reply

EXAMPLE = """
Examples:

  openclets inquire 'RQ.LIC/0ABC123.LIS/CA' --incident 26-104417

  openclets inquire 'IQ.NAM/DOE,SAM.DOB/19790101.SEX/M' --purpose C --attention 'DET VANCE' --incident 26-1

  openclets inquire 'QW.NAM/DOE,SAM.DOB/19790101' --reason 'person check' --json

Address and credential come from OPENCLETS_URL and OPENCLETS_TOKEN. Exit codes: 0 answered, 2 bad input,
3 refused by a rule, 5 answered but a source is missing, 6 unavailable.
"""
WAIT_S = 70.0
INCOMPLETE = 5
_ANSWERED = frozenset({"HIT", "RECORD", "NO_RECORD", "LATE", "NOT_ASKED", "DENIED"})


def inquire(
    text: Annotated[str, typer.Argument(help="Keyed text: KEY.FIELD/value.FIELD/value")],
    incident: Annotated[str, typer.Option(help="The incident or case number.")] = "",
    reason: Annotated[str, typer.Option(help="The reason in words; `owed` where safety cannot wait.")] = "",
    purpose: Annotated[str, typer.Option(help="The purpose code, for criminal histories and firearms.")] = "",
    attention: Annotated[str, typer.Option(help="Who needs the answer.")] = "",
    on_behalf_of: Annotated[str, typer.Option("--for", help="The operator it is asked for.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for late sources.")] = True,
    json_wanted: Annotated[
        bool, typer.Option("--json", help="Print the answer as one JSON document.")
    ] = False,
) -> None:
    """Ask one inquiry and print the answer."""
    with exit_codes(json_wanted=json_wanted):
        raw = from_keyed(
            text,
            load(),
            incident=incident,
            reason=reason,
            purpose_code=purpose,
            attention=attention,
            on_behalf_of=on_behalf_of,
        )
        server = Server()
        body = {name: value for name, value in msgspec.structs.asdict(raw).items() if value is not None}
        answer = server.post("/api/v1/inquiries", body)
        if wait and not answer["final"]:
            answer = _until_final(server, answer)
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n" if json_wanted else _printed(answer))
        if any(leg["state"] not in _ANSWERED for leg in answer["legs"]):
            raise typer.Exit(INCOMPLETE)


def _until_final(server: Server, answer: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_S
    sys.stderr.write(f"{answer['summary']}\n")
    while not answer["final"] and time.monotonic() < deadline:
        time.sleep(1.0)
        answer = server.get(f"/api/v1/transactions/{answer['transaction']}")
    return answer


def _printed(answer: dict[str, Any]) -> str:
    receipt = msgspec.convert(answer["receipt"], ReceiptShown)
    reply = msgspec.convert({k: v for k, v in answer.items() if k != "receipt"}, Reply)
    return print_reply(ReleasedReply(reply, receipt, b""))
