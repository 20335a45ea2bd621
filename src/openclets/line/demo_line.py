"""The demo's own line: invented, with a certificate of the training authority."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from openclets.foundation.database import Role
from openclets.foundation.link import Link
from openclets.foundation.settings import Settings
from openclets.line import act_store
from openclets.line.certificates import training_certificate
from openclets.line.enrolled import read_enrolment
from openclets.line.entering import LineEntering
from openclets.line.files import DEMO_FILE, line_folder, write_line_file
from openclets.line.line_file import LineFile
from openclets.wiring import Running

DEMO_LINE: Final = "DEMO1"


async def enroll_demo_line(
    settings: Settings, parts: Running, acts: LineEntering, operator_id: str, terminal_id: str
) -> Callable[[int], Path]:
    """The demo's line, in force for that operator at that terminal. Gives what writes its file, once the
    listener's port is known.
    """
    made = training_certificate(line_folder(settings), DEMO_LINE, parts.clock.now())
    wanted = read_enrolment(
        DEMO_LINE, made.fingerprint, operator_id, terminal_id, machine=False, images=False
    )
    link = Link(parts.database, Role.APP)
    try:
        async with link.connection() as connection:
            if await act_store.holder_of(connection, bytes.fromhex(made.fingerprint)) != DEMO_LINE:
                change = msgspec.json.encode(wanted).decode()
                await act_store.ask_act(
                    connection,
                    "enroll",
                    DEMO_LINE,
                    change,
                    by="demo",
                    reason="the demo was started",
                    at=parts.clock.now(),
                )
    finally:
        await link.close()
    await acts.enter_open()

    def write(port: int) -> Path:
        path = line_folder(settings) / DEMO_FILE
        names = (made.certificate.name, made.key.name, "authority.pem")
        write_line_file(path, LineFile(DEMO_LINE, settings.line_host, port, *names))
        return path

    return write
