"""`openclets line enroll|withdraw|list|certificate`: the desk's side of lines.

Whoever may read the installation's keys may enroll; the act is an entry in the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from openclets.cli.failing import exit_codes
from openclets.foundation.clock import Clock, SystemClock, rfc3339
from openclets.foundation.errors import BadInput, Fault, Unavailable
from openclets.foundation.opening import recorded
from openclets.foundation.settings import Settings, read_settings
from openclets.line.certificates import CertificateFiles, fingerprint_in, training_certificate
from openclets.line.enrolled import LINE_ID, Line, read_enrolment
from openclets.line.enrolling import enroll, withdraw
from openclets.line.files import line_folder, write_line_file
from openclets.line.line_file import LineFile
from openclets.line.sealing import sealer_of
from openclets.line.store import LineStore

NameArgument = Annotated[str, typer.Argument(help="The line's name: 2 to 16 letters and digits.")]
ReasonOption = Annotated[str, typer.Option(help="Why; it stands in the journal.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_to(app: typer.Typer) -> None:
    """Add the desk's commands."""
    app.command("enroll")(enroll_command)
    app.command("withdraw")(withdraw_command)
    app.command("list")(list_command)
    app.command("certificate")(certificate_command)


def enroll_command(
    name: NameArgument,
    operator: Annotated[str, typer.Option(help="The operator or system it stands for.")],
    terminal: Annotated[str, typer.Option(help="The enrolled terminal it stands for.")],
    certificate: Annotated[
        Path | None, typer.Option(help="The line's certificate (PEM); without one, training makes one.")
    ] = None,
    fingerprint: Annotated[str, typer.Option(help="Or its SHA-256, in hexadecimal.")] = "",
    machine: Annotated[
        bool, typer.Option("--machine", help="It is a system's: each message names its operator.")
    ] = False,
    images: Annotated[bool, typer.Option("--images", help="It may send 4 MiB at a time.")] = False,
    reason: ReasonOption = "a line was enrolled",
    json_wanted: JsonOption = False,
) -> None:
    """Enroll a line for a certificate, or bring it to these values; it is in force within a second.

    Without a certificate, in training, one is made, and beside it the file that `line send --with` takes.
    Exit codes: 0 in force, 2 turned down, 6 kept, and in force once the network runs.

    Example: openclets line enroll SPDCAD --operator CADSYS01 --terminal SPDF01 --machine
    """
    with exit_codes(json_wanted=json_wanted):
        settings, clock = read_settings(os.environ), SystemClock()
        made = None
        if not fingerprint and certificate is None:
            made = _made(settings, name, clock)
            fingerprint = made.fingerprint
        elif certificate is not None:
            fingerprint = fingerprint_in(certificate)
        wanted = read_enrolment(name, fingerprint, operator, terminal, machine=machine, images=images)
        database = recorded(settings.data_dir)
        asked = asyncio.run(enroll(database, clock, wanted, by="command", reason=reason))
        if not asked.in_force:
            raise Unavailable(
                "SERVER_UNREACHABLE", "The act is kept; the line is in force once the network runs."
            )
        told = {"line": wanted.line, "fingerprint": wanted.fingerprint, "file": ""}
        if made is not None:
            told["file"] = str(_line_file(settings, wanted.line, made))
    text = f"line {told['line']} is in force for certificate {told['fingerprint']}\n"
    if told["file"]:
        text += f"try: openclets line send --with {told['file']} 'RQ.LIC/0ABC123.RSN/TRAFFIC STOP'\n"
    sys.stdout.write(json.dumps(told) + "\n" if json_wanted else text)


def withdraw_command(
    name: NameArgument, reason: ReasonOption = "a line was withdrawn", json_wanted: JsonOption = False
) -> None:
    """Take a line out of force: it is cut off within two seconds, and its token ends.

    Exit codes: 0 withdrawn, 2 no such line in force, 6 kept, and done once the network runs.

    Example: openclets line withdraw SPDCAD --reason 'contract ended'
    """
    with exit_codes(json_wanted=json_wanted):
        settings, clock = read_settings(os.environ), SystemClock()
        database = recorded(settings.data_dir)
        asked = asyncio.run(withdraw(database, clock, name, by="command", reason=reason))
        if not asked.in_force:
            raise Unavailable(
                "SERVER_UNREACHABLE", "The act is kept; the line is withdrawn once the network runs."
            )
    sys.stdout.write(
        json.dumps({"line": name.upper(), "withdrawn": True}) + "\n" if json_wanted else "withdrawn\n"
    )


def list_command(json_wanted: JsonOption = False) -> None:
    """List the lines: for whom, until when their tokens hold, when they last connected.

    Example: openclets line list --json
    """
    with exit_codes(json_wanted=json_wanted):
        settings = read_settings(os.environ)
        found = asyncio.run(_lines(settings))
    if json_wanted:
        sys.stdout.write(json.dumps({"lines": [_as_json(one) for one in found]}) + "\n")
        return
    for one in found:
        kind = "system" if one.machine else "operator"
        state = "withdrawn" if not one.in_force else "in force"
        last = rfc3339(one.connected_at) if one.connected_at else "never connected"
        sys.stdout.write(
            f"{one.id:<16} {state:<9} {one.agency_ori} {kind} {one.operator_id} at {one.terminal_id}"
            f"  {one.fingerprint.hex()[:16]}…  {last}\n"
        )


def certificate_command(
    name: NameArgument,
    out: Annotated[
        Path | None, typer.Option(help="A folder for the files.", show_default="`line` in the data folder")
    ] = None,
    json_wanted: JsonOption = False,
) -> None:
    """Make a certificate for a line under a private authority, for training and demonstrations only.

    Nobody checks who asks, the authority's key lies unencrypted beside its certificates, and nothing is
    revoked: real lines need certificates of an authority that the network has agreed on.

    Example: openclets line certificate SPDCAD
    """
    with exit_codes(json_wanted=json_wanted):
        settings = read_settings(os.environ)
        made = _made(settings, name, SystemClock(), out)
    told = {"certificate": str(made.certificate), "key": str(made.key), "fingerprint": made.fingerprint}
    text = "".join(f"{label:<12} {value}\n" for label, value in told.items())
    sys.stdout.write(json.dumps(told) + "\n" if json_wanted else text)


def _made(settings: Settings, name: str, clock: Clock, out: Path | None = None) -> CertificateFiles:
    faults = []
    if not settings.training:
        remedy = "give --certificate or --fingerprint of one that your authority signed"
        faults.append(Fault("certificate", "is made in training only", remedy, "LINE_CERTIFICATE"))
    if not LINE_ID.fullmatch(name.upper()):
        faults.append(Fault("name", "is no name of a line", "use 2 to 16 letters and digits", "LINE_NAME"))
    if faults:
        raise BadInput(tuple(faults))
    return training_certificate(out or line_folder(settings), name.upper(), clock.now())


def _line_file(settings: Settings, line: str, made: CertificateFiles) -> Path:
    path = line_folder(settings) / f"{line}.json"
    names = (made.certificate.name, made.key.name, "authority.pem")
    write_line_file(path, LineFile(line, settings.line_host, settings.line_port, *names))
    return path


async def _lines(settings: Settings) -> list[Line]:
    clock = SystemClock()
    store = LineStore(recorded(settings.data_dir), sealer_of(settings.data_dir, os.urandom), clock)
    try:
        return await store.lines()
    finally:
        await store.close()


def _as_json(one: Line) -> dict[str, object]:
    return {
        "line": one.id,
        "in_force": one.in_force,
        "agency_ori": one.agency_ori,
        "operator": one.operator_id,
        "terminal": one.terminal_id,
        "machine": one.machine,
        "images": one.images,
        "fingerprint": one.fingerprint.hex(),
        "token_until": rfc3339(one.token_until),
        "connected_at": rfc3339(one.connected_at) if one.connected_at else None,
    }
