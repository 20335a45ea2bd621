"""Who is taken off the network gets nothing a second later, not even what was already on its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from openclets.directory.issue import Issuer
from openclets.directory.store import DirectoryStore
from openclets.directory.suspend import (
    release_agency,
    release_operator,
    suspend_agency,
    suspend_operator,
    withdraw_terminal,
)
from openclets.foundation.database import Database
from stories.served import (
    AGENCY,
    COLLEAGUE,
    DESK,
    OFFICER,
    Network,
    fill_directory,
    make_keys,
    outside,
    served,
)

PLATE = {"message_key": "QPS", "fields": {"LIC": "0ABC123"}, "reason": "traffic stop"}
WANTED = {"message_key": "QW", "fields": {"NAM": "DOE,SAM", "DOB": "19790101"}, "reason": "person check"}
WITHIN_S = 1.0
WHO: dict[str, Any] = {"by": "story", "reason": "a story"}


@pytest.fixture
def people(new_database: Callable[[], Database]) -> Database:
    """A database of one test's own: these stories take people away."""
    database = new_database()
    fill_directory(database)
    return database


def tell(database: Database, folder: Path, story: Callable[[Network], Awaitable[None]]) -> None:
    """Run a story over a network whose national system takes its time."""
    make_keys(folder)

    async def whole() -> None:
        async with served(database, folder) as network:
            await story(network)

    with outside(folder, delay_ms=1000):
        asyncio.run(whole())


async def seconds_until_refused(network: Network, rule: str) -> float:
    """How long after now the officer is still answered; the refusal must name the rule."""
    begun = time.monotonic()
    while time.monotonic() - begun < 5:
        answer = await network.ask(PLATE)
        if answer.status_code != 200:
            error = answer.json()["error"]
            assert error["code"] == "NOT_ENTITLED"
            assert rule in [each["id"] for each in error["rules"]]
            return time.monotonic() - begun
    raise AssertionError("still answered after five seconds")


def test_a_suspension_holds_within_a_second_and_so_does_a_release(people: Database, directory: Path) -> None:
    """Suspended, the officer is refused within a second; released, answered again."""

    async def story(network: Network) -> None:
        journal, store, clock = network.running.network.journal, DirectoryStore(people), network.running.clock
        await suspend_operator(journal, store, clock, OFFICER, **WHO)
        assert await seconds_until_refused(network, "operator-suspended") < WITHIN_S
        assert (await network.ask(PLATE, COLLEAGUE)).status_code == 200
        await release_operator(journal, store, OFFICER, **WHO)
        await asyncio.sleep(WITHIN_S)
        assert (await network.ask(PLATE)).status_code == 200
        await store.close()

    tell(people, directory, story)


def test_an_agency_and_a_terminal_are_taken_off_as_fast(people: Database, directory: Path) -> None:
    """Suspending the agency stops its operators; withdrawing the terminal stops whoever sits at it."""

    async def story(network: Network) -> None:
        journal, store = network.running.network.journal, DirectoryStore(people)
        await suspend_agency(journal, store, AGENCY, **WHO)
        assert await seconds_until_refused(network, "agency-suspended") < WITHIN_S
        await release_agency(journal, store, AGENCY, **WHO)
        await asyncio.sleep(WITHIN_S)
        assert (await network.ask(PLATE)).status_code == 200
        await withdraw_terminal(journal, store, DESK, **WHO)
        assert await seconds_until_refused(network, "terminal-enrolled") < WITHIN_S
        await store.close()

    tell(people, directory, story)


def test_a_revoked_token_names_nobody_within_a_second(people: Database, directory: Path) -> None:
    """401, in the words of any other wrong credential."""

    async def story(network: Network) -> None:
        store = DirectoryStore(people)
        issuer = Issuer(store, network.running.network.journal, network.running.clock, lambda n: bytes(n))
        await issuer.revoke_tokens(OFFICER, **WHO)
        begun = time.monotonic()
        while (answer := await network.ask(PLATE)).status_code == 200:
            assert time.monotonic() - begun < WITHIN_S
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "NOT_AUTHENTICATED"
        await store.close()

    tell(people, directory, story)


def test_what_is_in_flight_at_a_suspension_is_withheld(people: Database, directory: Path) -> None:
    """Permitted, asked, suspended: the first parts do not leave, and the book says so."""

    async def story(network: Network) -> None:
        store = DirectoryStore(people)
        asking = asyncio.ensure_future(network.ask(WANTED))
        await asyncio.sleep(0.1)
        await suspend_operator(network.running.network.journal, store, network.running.clock, OFFICER, **WHO)
        answer = await asking
        assert answer.status_code == 403, answer.text
        error = answer.json()["error"]
        assert [rule["id"] for rule in error["rules"]] == ["operator-suspended"]
        assert "legs" not in answer.json()
        kinds = await network.kinds(error["receipt"]["transaction"])
        assert kinds == ["InquiryPermitted", "ReplyWithheld"]
        await store.close()

    tell(people, directory, story)


def test_what_comes_late_after_a_suspension_is_withheld(people: Database, directory: Path) -> None:
    """The first parts have left; the stream tells the suspended officer nothing more."""

    async def story(network: Network) -> None:
        store = DirectoryStore(people)
        reply = (await network.ask(WANTED)).json()
        assert not reply["final"]
        path = f"/api/v1/transactions/{reply['transaction']}/events"
        watching = asyncio.ensure_future(network.http.get(path, headers=network.bearer()))
        await asyncio.sleep(0.05)
        await suspend_operator(network.running.network.journal, store, network.running.clock, OFFICER, **WHO)
        told = await watching
        assert '"HIT"' not in told.text
        assert "event: end" in told.text
        kinds = await network.kinds(reply["transaction"])
        assert "ReplyWithheld" in kinds and "LateAnswer" not in kinds
        again = await network.http.get(
            f"/api/v1/transactions/{reply['transaction']}", headers=network.bearer()
        )
        assert again.status_code == 403
        await store.close()

    tell(people, directory, story)


def test_a_suspension_is_an_entry_before_it_has_effect(people: Database, directory: Path) -> None:
    """The act stands in the book with its author, and before the first refusal it causes."""

    async def story(network: Network) -> None:
        journal, store, clock = network.running.network.journal, DirectoryStore(people), network.running.clock
        before = datetime.now(UTC)
        await suspend_operator(journal, store, clock, OFFICER, **WHO)
        await seconds_until_refused(network, "operator-suspended")
        entries = [e for e in await network.running.stored.of_operator(OFFICER.id) if e.at >= before]
        kinds = [entry.kind for entry in reversed(entries)]
        first_no = next(n for n, kind in enumerate(kinds) if kind in ("InquiryRefused", "ReplyWithheld"))
        assert kinds.index("DirectoryChanged") < first_no
        await store.close()

    tell(people, directory, story)
