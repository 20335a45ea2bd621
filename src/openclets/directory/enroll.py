"""Taking agencies, operators and terminals onto the network, and keeping their papers: each act an entry
first.

Who may do it is not decided here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from openclets.directory import entries, store
from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.store import DirectoryStore
from openclets.directory.terminal import Terminal
from openclets.journal.append import Journal


async def enroll_agency(
    journal: Journal, rows: DirectoryStore, agency: Agency, *, by: str, reason: str
) -> None:
    """Take an agency on, or bring it to these values."""
    change = {
        "agreement_until": agency.agreement_until.isoformat() if agency.agreement_until else "",
        "agreement_version": agency.agreement_version,
        "kind": agency.kind,
        "name": agency.name,
        "time_zone": agency.time_zone,
    }
    await journal.append(
        entries.changed("enroll_agency", agency.ori, change, by=by, reason=reason, agency_ori=agency.ori)
    )
    async with rows.connection() as connection:
        await store.set_agency(connection, agency)


async def sign_agreement(
    journal: Journal, rows: DirectoryStore, agency: Agency, *, version: str, until: date, by: str, reason: str
) -> None:
    """An agency signed an agreement: it holds to the end of its last day, `until`."""
    signed = replace(agency, agreement_version=version, agreement_until=until)
    change = {"agreement_until": until.isoformat(), "agreement_version": version}
    await journal.append(
        entries.changed("sign_agreement", agency.ori, change, by=by, reason=reason, agency_ori=agency.ori)
    )
    async with rows.connection() as connection:
        await store.set_agency(connection, signed)


async def enroll_terminal(
    journal: Journal, rows: DirectoryStore, terminal: Terminal, *, by: str, reason: str
) -> None:
    """Enroll a device, or bring it to these values."""
    change = {
        "enrolled": "yes" if terminal.enrolled else "no",
        "kind": terminal.kind,
        "place": terminal.place,
    }
    await journal.append(
        entries.changed(
            "enroll_terminal",
            terminal.mnemonic,
            change,
            by=by,
            reason=reason,
            agency_ori=terminal.agency_ori,
            terminal_id=terminal.mnemonic,
        )
    )
    async with rows.connection() as connection:
        await store.set_terminal(connection, terminal)


async def enroll_operator(
    journal: Journal, rows: DirectoryStore, operator: Operator, *, by: str, reason: str
) -> None:
    """Certify a person, or bring them to these values, own identifiers and ties included.

    The entry says how many identifiers are kept, never which.
    """
    change = {
        "agency_ori": operator.agency_ori,
        "name": operator.name,
        "own_identifiers": str(len(operator.own_identifiers)),
        "role": operator.role,
        "ties": str(len(operator.tie_identifiers)),
        "training_until": operator.training_until.isoformat(),
    }
    await journal.append(
        entries.changed("enroll_operator", operator.id, change, by=by, reason=reason, operator=operator)
    )
    async with rows.connection() as connection:
        await store.set_operator(connection, operator)


async def renew_training(
    journal: Journal, rows: DirectoryStore, operator: Operator, until: date, *, by: str, reason: str
) -> None:
    """An operator passed the test: the certification holds to the end of `until`."""
    change = {"training_until": until.isoformat()}
    await journal.append(
        entries.changed("renew_training", operator.id, change, by=by, reason=reason, operator=operator)
    )
    async with rows.connection() as connection:
        await store.set_training(connection, operator.id, until)
