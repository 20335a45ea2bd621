"""Taking operators, agencies and terminals off the network, and letting them back: each act an entry first.

The switch heeds it within a second (architecture.md 4), sessions at their next page.
"""

from __future__ import annotations

from openclets.directory import credential_store, entries, store
from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.store import DirectoryStore
from openclets.directory.terminal import Terminal
from openclets.foundation.clock import Clock
from openclets.journal.append import Journal


async def suspend_operator(
    journal: Journal, rows: DirectoryStore, clock: Clock, operator: Operator, *, by: str, reason: str
) -> None:
    """Suspend an operator and end their sessions. Their tokens rest, and work again after a release."""
    await journal.append(
        entries.changed(
            "suspend_operator", operator.id, {"suspended": "yes"}, by=by, reason=reason, operator=operator
        )
    )
    async with rows.connection() as connection:
        await store.set_operator_suspended(connection, operator.id, True)
        await credential_store.end_sessions_of(connection, operator.id, clock.now())


async def release_operator(
    journal: Journal, rows: DirectoryStore, operator: Operator, *, by: str, reason: str
) -> None:
    """Let a suspended operator back."""
    await journal.append(
        entries.changed(
            "release_operator", operator.id, {"suspended": "no"}, by=by, reason=reason, operator=operator
        )
    )
    async with rows.connection() as connection:
        await store.set_operator_suspended(connection, operator.id, False)


async def suspend_agency(
    journal: Journal, rows: DirectoryStore, agency: Agency, *, by: str, reason: str
) -> None:
    """Suspend an agency: none of its operators may transact."""
    await _set_agency(journal, rows, agency, True, by, reason)


async def release_agency(
    journal: Journal, rows: DirectoryStore, agency: Agency, *, by: str, reason: str
) -> None:
    """Let a suspended agency back."""
    await _set_agency(journal, rows, agency, False, by, reason)


async def withdraw_terminal(
    journal: Journal, rows: DirectoryStore, terminal: Terminal, *, by: str, reason: str
) -> None:
    """End a terminal's enrolment: nothing may be asked from it, with whatever token."""
    await journal.append(
        entries.changed(
            "withdraw_terminal",
            terminal.mnemonic,
            {"enrolled": "no"},
            by=by,
            reason=reason,
            agency_ori=terminal.agency_ori,
            terminal_id=terminal.mnemonic,
        )
    )
    async with rows.connection() as connection:
        await store.set_enrolled(connection, terminal.mnemonic, False)


async def _set_agency(
    journal: Journal, rows: DirectoryStore, agency: Agency, suspended: bool, by: str, reason: str
) -> None:
    act, word = ("suspend_agency", "yes") if suspended else ("release_agency", "no")
    await journal.append(
        entries.changed(act, agency.ori, {"suspended": word}, by=by, reason=reason, agency_ori=agency.ori)
    )
    async with rows.connection() as connection:
        await store.set_agency_suspended(connection, agency.ori, suspended)
