"""`openclets journal …`: verify a log, get and check a proof, export a range that carries its own proof.

`verify` and `check-proof` need nothing of the network but its public files. Exit codes: interfaces.md 2.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from openclets.foundation.errors import BadInput, Fault, Refused, Unavailable, catalogue
from openclets.foundation.settings import Settings, read_settings
from openclets.journal import known_logs
from openclets.journal.extract import write_extract
from openclets.journal.log_source import MissingFile, open_source
from openclets.journal.opening import opens, parse_opening
from openclets.journal.proofs import TlogProof, check_proof, parse_proof
from openclets.journal.signed_note import VerifierKey, encode_base64, parse_note, parse_verifier_key
from openclets.journal.verify import Report, Verdict, verify
from openclets.journal.witness_policy import WitnessPolicy, parse_policy

DIFFERS = 4
INCOMPLETE = 5
PROOF_WAIT_S = 15.0

_Step = TypeVar("_Step")

app = typer.Typer(help="Verify the log, get and check proofs, export a range.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
VkeyOption = Annotated[
    str | None,
    typer.Option("--vkey", help="The log's public key, as text or as a file, to trust and no other."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="A C2SP tlog-policy: trusted logs, witnesses and their quorum."),
]


@app.command("verify")
def verify_command(
    log: Annotated[str, typer.Argument(help="The log's folder or its http(s) address.")],
    policy: PolicyOption = None,
    since: Annotated[
        Path | None, typer.Option("--since", help="An older checkpoint of the log, which it must extend.")
    ] = None,
    vkey: VkeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute a log, or an extract of one, from its public files alone.

    Exit code 0: it holds. 4: it differs from what was signed. 5: files are missing.

    Example: openclets journal verify var/log/state
    """
    with _reported(as_json):
        source = open_source(log)
        with _progress(as_json) as progress:
            report = verify(
                source,
                key=_read_key(vkey),
                policy=_read_policy(policy),
                since=_read_text(since, "since") if since else None,
                progress=progress,
            )
        _print_report(report, as_json, pinned=vkey is not None or policy is not None)
        codes = {Verdict.HOLDS: 0, Verdict.DIFFERS: DIFFERS, Verdict.INCOMPLETE: INCOMPLETE}
        raise typer.Exit(codes[report.verdict])


@app.command("proof")
def proof_command(
    transaction: Annotated[str, typer.Argument(help="The transaction's number.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the proof.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Get the offline proof that a transaction's entry is in the log (C2SP tlog-proof).

    Example: openclets journal proof 0198c0de-0000-7000-8000-000000000000 --out look-up.tlog-proof
    """
    with _reported(as_json):
        settings = read_settings(os.environ)
        text = _fetch_proof(settings, transaction)
        proof = parse_proof(text)
        _remember_key(settings, proof)
        if out:
            _write(out, text)
        if as_json:
            _print_json({"transaction": transaction, "index": proof.index, "proof": text, "out": _name(out)})
        elif out:
            print(f"Entry {proof.index}: proof written to {out}")
        else:
            print(text, end="")


@app.command("check-proof")
def check_proof_command(
    file: Annotated[Path, typer.Argument(help="A .tlog-proof file.")],
    opening: Annotated[
        Path | None, typer.Option("--opening", help="The entry itself: does the proven leaf commit to it?")
    ] = None,
    vkey: VkeyOption = None,
    policy: PolicyOption = None,
    log: Annotated[
        str | None, typer.Option("--log", help="The log whose key to trust: folder or address.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a proof offline: the checkpoint's signature, and the path from the entry to its root.

    The key trusted is the one given by --vkey, --policy or --log; else one that this machine has kept from
    the log before. Exit code 0: the entry is in the log. 4: the proof does not hold.

    Example: openclets journal check-proof look-up.tlog-proof --vkey var/log/state/vkey
    """
    with _reported(as_json):
        text = _read_text(file, "file")
        wanted = _read_policy(policy)
        opened = parse_opening(_read_text(opening, "opening")) if opening else None
        proof = _as_verification(lambda: parse_proof(text))
        key = _key_for(proof, vkey, wanted, log)
        proven = _as_verification(lambda: check_proof(proof, key))
        if wanted:
            _check_quorum(wanted, proof)
        if opened and not opens(proven.leaf, proven.index, opened):
            raise _does_not_verify(
                "opening", f"entry {proven.index} of the log is not the entry in {opening}"
            )
        head = proven.checkpoint
        if as_json:
            _print_json(
                {
                    "holds": True,
                    "origin": head.origin,
                    "index": proven.index,
                    "size": head.size,
                    "root": encode_base64(head.root),
                    "key_id": f"{key.key_id:08x}",
                    "opening_matches": True if opened else None,
                }
            )
        else:
            print(f"In the log: entry {proven.index} of {head.origin}, under its checkpoint of {head.size}.")
            if opened:
                print("The entry in the opening is the one that was entered.")
            print(f"Signed by {key.name} (key {key.key_id:08x}).")


@app.command("export")
def export_command(
    range_: Annotated[str, typer.Option("--range", help="A..B: entries from A up to, not including, B.")],
    out: Annotated[Path, typer.Option("--out", help="A new folder.")],
    log: Annotated[
        str | None, typer.Option("--log", help="The log: folder or address; by default this installation's.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a sealed extract that carries its own proof; `journal verify` checks it.

    Example: openclets journal export --range 0..500 --out extract
    """
    with _reported(as_json):
        start, end = _read_range(range_)
        extract = write_extract(open_source(log or _own_log()), out, start, end)
        if as_json:
            _print_json(
                {"origin": extract.origin, "size": extract.size, "range": [start, end], "out": str(out)}
            )
        else:
            count = end - start
            print(f"{count} entries, {start} to {end - 1}, of {extract.origin} written to {out}.")
            print(f"Check it with: openclets journal verify {out}")


@contextmanager
def _reported(as_json: bool) -> Iterator[None]:
    """Say a failure in words, or in the one error shape, and leave with its exit code."""
    try:
        yield
    except MissingFile as missing:
        text = f"the log has no file {missing.path}"
        _fail("LOG_INCOMPLETE", text, (), as_json)
    except BadInput as error:
        _fail(error.code, error.message, error.faults, as_json)
    except (Refused, Unavailable) as error:
        _fail(error.code, error.message, (), as_json)


def _fail(code: str, message: str, faults: tuple[Fault, ...], as_json: bool) -> NoReturn:
    row = catalogue()[code]
    if as_json:
        listed = [{"field": f.field, "fault": f.fault, "remedy": f.remedy} for f in faults]
        error: dict[str, Any] = {"code": code, "message": message or row.text}
        _print_json({"error": {**error, "faults": listed} if listed else error})
    else:
        console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        console.print(message if not faults else row.text)
        for fault in faults:
            console.print(f"  {fault.field}: {fault.fault}. {fault.remedy}")
        if not faults:
            console.print(row.remedy)
    raise typer.Exit(row.exit)


@contextmanager
def _progress(as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for what takes over two seconds; nothing elsewhere."""
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda done, size: None
        return
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("entries", total=None, visible=False)
        yield lambda done, size: bar.update(
            task, completed=done, total=size, visible=time.monotonic() - began > 2
        )


def _print_report(report: Report, as_json: bool, *, pinned: bool) -> None:
    if as_json:
        _print_json(_report_json(report))
        return
    head, key, extract = report.checkpoint, report.key, report.extract
    if report.verdict is Verdict.HOLDS and head and key:
        what = f"{head.size} entries of {head.origin}"
        if extract:
            what = f"entries {extract.start} to {extract.end - 1} of the {head.size} of {head.origin}"
        print(f"Holds: {what}, root {encode_base64(head.root)}.")
        print(
            f"Signed by {key.name} (key {key.key_id:08x}){'' if pinned else ', the key that the log shows'}."
        )
        if report.witnesses:
            print(f"Cosigned by {', '.join(report.witnesses)}.")
        return
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    words = "Differs from what was signed" if report.findings else "Incomplete: files are missing"
    console.print(f"{words}: {report.source}")
    for finding in report.findings:
        console.print(f"  {finding.file}: {finding.text}")
    for path in report.missing:
        console.print(f"  missing: {path}")


def _report_json(report: Report) -> dict[str, Any]:
    head, key, extract = report.checkpoint, report.key, report.extract
    return {
        "verdict": report.verdict.value,
        "source": report.source,
        "origin": head.origin if head else None,
        "size": head.size if head else None,
        "root": encode_base64(head.root) if head else None,
        "key_id": f"{key.key_id:08x}" if key else None,
        "entries_checked": report.entries,
        "entries_by_class": {str(c): n for c, n in sorted(report.by_class.items())},
        "extract": [extract.start, extract.end] if extract else None,
        "witnesses": list(report.witnesses),
        "findings": [{"file": f.file, "index": f.index, "text": f.text} for f in report.findings],
        "missing": report.missing,
    }


def _fetch_proof(settings: Settings, transaction: str) -> str:
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


def _remember_key(settings: Settings, proof: TlogProof) -> None:
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


def _key_for(
    proof: TlogProof, vkey: str | None, policy: WitnessPolicy | None, log: str | None
) -> VerifierKey:
    """The key to trust for a proof: as told, else one kept before. Raises BadInput when there is none."""
    note = parse_note(proof.checkpoint)
    origin = note.text.partition("\n")[0]
    told = _read_key(vkey)
    if told:
        return told
    if log:
        return parse_verifier_key(open_source(log).read("vkey").decode().removesuffix("\n"))
    keys = (
        list(policy.logs) if policy and policy.logs else known_logs.keys(read_settings(os.environ).data_dir)
    )
    of_origin = [key for key in keys if key.name == origin]
    signed = [key for key in of_origin if key.signed(note)]
    if signed or of_origin:
        return (signed or of_origin)[0]
    remedy = "Give the log's public key with --vkey, or the log with --log."
    raise BadInput((Fault("vkey", f"no key of the log {origin} is known here", remedy),))


def _check_quorum(policy: WitnessPolicy, proof: TlogProof) -> None:
    note = parse_note(proof.checkpoint)
    fault = policy.log_fault(note)
    if fault:
        raise _does_not_verify("policy", fault)
    cosigners = policy.cosigners(note)
    if not policy.reached(cosigners):
        named = ", ".join(cosigners) or "none"
        raise _does_not_verify("policy", f"the quorum {policy.quorum} is not reached; witnesses: {named}")


def _as_verification(step: Callable[[], _Step]) -> _Step:
    """A proof that is malformed or does not hold is the same news to whoever relies on it: exit code 4."""
    try:
        return step()
    except BadInput as error:
        raise BadInput(error.faults, "LOG_DOES_NOT_VERIFY") from error


def _does_not_verify(name: str, fault: str) -> BadInput:
    return BadInput((Fault(name, fault, "Keep the files as they are."),), "LOG_DOES_NOT_VERIFY")


def _read_key(vkey: str | None) -> VerifierKey | None:
    if vkey is None:
        return None
    return parse_verifier_key(vkey if "+" in vkey else _read_text(Path(vkey), "vkey").removesuffix("\n"))


def _read_policy(path: Path | None) -> WitnessPolicy | None:
    return parse_policy(_read_text(path, "policy")) if path else None


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadInput((Fault(name, f"{path} cannot be read: {reason}", "Name a readable file."),)) from error


def _read_range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,18})\.\.([0-9]{1,18})", text, re.ASCII)
    if match is None:
        raise BadInput((Fault("range", f"{text!r} is not A..B", "Write two entry numbers, such as 0..500."),))
    return int(match[1]), int(match[2])


def _own_log() -> str:
    return str(read_settings(os.environ).data_dir / "log" / "state")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        fault = Fault(
            "out", f"{path} cannot be written: {error.strerror}", "Name a file in a folder that exists."
        )
        raise BadInput((fault,)) from error


def _name(path: Path | None) -> str | None:
    return str(path) if path else None


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2))
