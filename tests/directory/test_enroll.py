"""Taking agencies, terminals and operators on, and keeping their papers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from directory.places import CITY, DESK, OFFICER, PASSWORD, door, fill_small
from openclets.directory.agency import Agency
from openclets.directory.enroll import (
    enroll_agency,
    enroll_operator,
    enroll_terminal,
    renew_training,
    sign_agreement,
)
from openclets.directory.suspend import release_agency, suspend_agency, withdraw_terminal
from openclets.foundation.database import Database
from openclets.foundation.errors import BadInput


def test_each_act_is_an_entry_and_then_a_row(new_database: Callable[[], Database], tmp_path: Path) -> None:
    """One after the other, each act is seen in the view and stands in the journal."""
    database = new_database()
    fill_small(database)
    campus = Agency("CA9030000", "Synthe Campus Police", "campus", "903", "", None)
    clerk = replace(
        OFFICER, id="SYNR001", own_identifiers=frozenset({b"own"}), tie_identifiers=frozenset({b"tie"})
    )
    by = {"by": "STATE01", "reason": "request of the agency"}

    async def story() -> None:
        async with door(database, tmp_path) as at:
            to = (at.journal, at.store)
            await enroll_agency(*to, campus, **by)
            assert (await at.reread()).agencies[campus.ori] == campus
            await sign_agreement(*to, campus, version="2026", until=date(2028, 1, 1), **by)
            signed = (await at.reread()).agencies[campus.ori]
            assert (signed.agreement_version, signed.agreement_until) == ("2026", date(2028, 1, 1))

            await enroll_operator(*to, clerk, **by)
            assert (await at.reread()).operators[clerk.id] == clerk
            without = replace(clerk, own_identifiers=frozenset({b"new"}), tie_identifiers=frozenset())
            await enroll_operator(*to, without, **by)
            assert (await at.reread()).operators[clerk.id] == without
            await renew_training(*to, clerk, date(2028, 11, 22), **by)
            assert (await at.reread()).operators[clerk.id].training_until == date(2028, 11, 22)

            desk = replace(DESK, mnemonic="SCPD0002", place="Back desk")
            await enroll_terminal(*to, desk, **by)
            assert desk in (await at.reread()).terminals_of(CITY.ori)
            await withdraw_terminal(*to, desk, **by)
            assert desk.mnemonic not in [t.mnemonic for t in (await at.reread()).terminals_of(CITY.ori)]

            await suspend_agency(*to, CITY, **by)
            assert (await at.reread()).agencies[CITY.ori].suspended
            await release_agency(*to, CITY, **by)
            assert not (await at.reread()).agencies[CITY.ori].suspended
            assert at.kinds_entered() == ["DirectoryChanged"] * 9

    asyncio.run(story())


def test_a_password_is_set_by_an_entry_and_the_old_one_ends(
    new_database: Callable[[], Database], tmp_path: Path
) -> None:
    """The new password opens, the old one doesn't; one that would be guessed is refused before any entry."""
    database = new_database()
    fill_small(database)

    async def story() -> None:
        async with door(database, tmp_path) as at:
            with pytest.raises(BadInput):
                await at.issuer.password(OFFICER, "password", by="COORD01")
            assert at.kinds_entered() == []
            await at.issuer.password(OFFICER, "grove-heron-inlet-0042", by="COORD01")
            await at.log_ins.by_password(OFFICER.id, "grove-heron-inlet-0042", source="x", site="terminal")
            with pytest.raises(Exception, match="did not succeed"):
                await at.log_ins.by_password(OFFICER.id, PASSWORD, source="x", site="terminal")
            with pytest.raises(BadInput):
                await at.issuer.tokens([], days=366, by="COORD01", reason="")

    asyncio.run(story())
