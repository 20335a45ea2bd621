"""Gets a proof from the server, and decides which key a proof is held against.

Checking itself is `openclets.journal.proofs`; here is what surrounds it: waiting for the log to cover a
fresh entry, keeping the log's key, and saying 4 where a proof does not hold.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx

from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable, catalogue
from openclets.foundation.settings import Settings, read_settings
from openclets.journal import known_logs
from openclets.journal.log_folder import VKEY
from openclets.journal.log_source import MissingFile, open_source
from openclets.journal.proofs import TlogProof
from openclets.journal.signed_note import VerifierKey, parse_note, parse_verifier_key
from openclets.journal.witness_policy import WitnessPolicy

PROOF_WAIT_S = 15.0

_Step = TypeVar("_Step")


def fetch_proof(settings: Settings, transaction: str) -> str:
    """Ask the server; a fresh entry is covered within a second, until when it answers 202 (decisions.md
    7)."""
    address = f"{settings.url.rstrip('/')}/api/v1/transactions/{transaction}/proof"
    headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
    deadline = time.monotonic() + PROOF_WAIT_S
    while True:
        try:
            answer = httpx.get(address, headers=headers, timeout=10)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable("SERVER_UNREACHABLE", f"{settings.url} does not answer: {error}") from error
        if answer.status_code == 200:
            return answer.text
        if answer.status_code != 202:
            raise _server_said(answer)
        if time.monotonic() > deadline:
            raise Unavailable("LOG_BEHIND", "The log does not cover the entry yet.")
        retry_after = answer.headers.get("Retry-After", "1")
        time.sleep(min(5, int(retry_after) if retry_after.isdecimal() else 1))


def _server_said(answer: httpx.Response) -> Exception:
    try:
        error = answer.json()["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "", ""
    if code not in catalogue():
        by_number = {401: "NOT_AUTHENTICATED", 403: "NOT_ENTITLED", 404: "NOT_FOUND"}
        code = by_number.get(answer.status_code, "SERVER_UNREACHABLE")
        message = message or f"the server answers {answer.status_code}"
    return Unavailable(code, message) if answer.status_code >= 500 else Refused(code, message)


def remember_key(settings: Settings, proof: TlogProof) -> None:
    """Keep the log's key, so that the proof can be checked later without the server."""
    origin = parse_note(proof.checkpoint).text.partition("\n")[0]
    name = origin.rpartition("/")[2]
    try:
        answer = httpx.get(f"{settings.url.rstrip('/')}/log/{name}/vkey", timeout=10)
        key = parse_verifier_key(answer.text.removesuffix("\n")) if answer.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, BadInput):
        key = None
    if key and key.name == origin:
        known_logs.remember(settings.data_dir, key)


def key_for(
    proof: TlogProof, told: VerifierKey | None, policy: WitnessPolicy | None, log: str | None
) -> VerifierKey:
    """The key to trust for a proof: as told, else one kept before. Raises BadInput when there is none."""
    note = as_verification(lambda: parse_note(proof.checkpoint))
    origin = note.text.partition("\n")[0]
    if told:
        return told
    if log:
        text = as_complete(lambda: open_source(log).read(VKEY))
        return parse_verifier_key(text.decode("utf-8", "replace").removesuffix("\n"))
    keys = (
        list(policy.logs) if policy and policy.logs else known_logs.keys(read_settings(os.environ).data_dir)
    )
    of_origin = [key for key in keys if key.name == origin]
    signed = [key for key in of_origin if key.signed(note)]
    if signed or of_origin:
        return (signed or of_origin)[0]
    remedy = "Give the log's public key with --vkey, or the log with --log."
    raise BadInput((Fault("vkey", f"no key of the log {origin} is known here", remedy),))


def check_quorum(policy: WitnessPolicy, proof: TlogProof) -> None:
    note = parse_note(proof.checkpoint)
    fault = policy.log_fault(note)
    if fault:
        raise does_not_verify("policy", fault)
    cosigners = policy.cosigners(note)
    if not policy.reached(cosigners):
        named = ", ".join(cosigners) or "none"
        raise does_not_verify("policy", f"the quorum {policy.quorum} is not reached; witnesses: {named}")


def as_verification(step: Callable[[], _Step]) -> _Step:
    """A proof that is malformed or does not hold is the same news to whoever relies on it: exit code 4."""
    try:
        return step()
    except BadInput as error:
        raise BadInput(error.faults, "LOG_DOES_NOT_VERIFY") from error


def does_not_verify(name: str, fault: str) -> BadInput:
    return BadInput((Fault(name, fault, "Keep the files as they are."),), "LOG_DOES_NOT_VERIFY")


def as_complete(step: Callable[[], _Step]) -> _Step:
    """A log that lacks a file it should have is incomplete: exit code 5."""
    try:
        return step()
    except MissingFile as missing:
        fault = Fault("log", f"the log has no file {missing.path}", "Fetch the file and try again.")
        raise BadInput((fault,), "LOG_INCOMPLETE") from missing


def read_key(vkey: str | None) -> VerifierKey | None:
    if vkey is None:
        return None
    return parse_verifier_key(vkey if "+" in vkey else read_text(Path(vkey), "vkey").removesuffix("\n"))


def read_text(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadInput((Fault(name, f"{path} cannot be read: {reason}", "Name a readable file."),)) from error
