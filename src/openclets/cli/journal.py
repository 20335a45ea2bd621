"""`openclets journal …`: verify a log, get and check a proof, export a range that carries its own proof.

`verify` and `check-proof` need nothing of the network but its public files. Exit codes: interfaces.md 2.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from openclets.cli.failing import exit_codes
from openclets.cli.journal_proof import (
    as_complete,
    as_verification,
    check_quorum,
    does_not_verify,
    fetch_proof,
    key_for,
    read_key,
    read_text,
    remember_key,
)
from openclets.cli.journal_report import print_report, progress_bar
from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.settings import read_settings
from openclets.journal.extract import write_extract
from openclets.journal.log_source import open_source
from openclets.journal.opening import opens, parse_opening
from openclets.journal.proofs import check_proof, parse_proof
from openclets.journal.signed_note import encode_base64
from openclets.journal.verify import Verdict, verify
from openclets.journal.witness_policy import WitnessPolicy, parse_policy

DIFFERS = 4
INCOMPLETE = 5
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
    with exit_codes(json_wanted=as_json):
        source = open_source(log)
        with progress_bar(as_json) as progress:
            report = verify(
                source,
                key=read_key(vkey),
                policy=_read_policy(policy),
                since=read_text(since, "since") if since else None,
                progress=progress,
            )
        print_report(report, as_json, pinned=vkey is not None or policy is not None)
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
    with exit_codes(json_wanted=as_json):
        settings = read_settings(os.environ)
        text = fetch_proof(settings, transaction)
        proof = parse_proof(text)
        remember_key(settings, proof)
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
    with exit_codes(json_wanted=as_json):
        text = read_text(file, "file")
        wanted = _read_policy(policy)
        opened = parse_opening(read_text(opening, "opening")) if opening else None
        proof = as_verification(lambda: parse_proof(text))
        key = key_for(proof, read_key(vkey), wanted, log)
        proven = as_verification(lambda: check_proof(proof, key))
        if wanted:
            check_quorum(wanted, proof)
        if opened and not opens(proven.leaf, proven.index, opened):
            raise does_not_verify("opening", f"entry {proven.index} of the log is not the entry in {opening}")
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
    with exit_codes(json_wanted=as_json):
        start, end = _read_range(range_)
        extract = as_complete(lambda: write_extract(open_source(log or _own_log()), out, start, end))
        if as_json:
            _print_json(
                {"origin": extract.origin, "size": extract.size, "range": [start, end], "out": str(out)}
            )
        else:
            count = end - start
            print(f"{count} entries, {start} to {end - 1}, of {extract.origin} written to {out}.")
            print(f"Check it with: openclets journal verify {out}")


def _read_policy(path: Path | None) -> WitnessPolicy | None:
    return parse_policy(read_text(path, "policy")) if path else None


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
