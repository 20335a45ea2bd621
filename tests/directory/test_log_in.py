"""The door of the sites: passwords, links, sessions, locks; and what is entered for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from directory.places import CAR, DESK, ELSEWHERE, OFFICER, PASSWORD, Door, door, fill_small
from openclets.directory import store
from openclets.directory.issue import Bearer
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Refused, Unavailable

FROM = "192.0.2.7"
Story = Callable[[Door], Awaitable[None]]


@pytest.fixture
def told(new_database: Callable[[], Database], tmp_path: Path) -> Callable[[Story], None]:
    """Tells a story at a door of a fresh small directory."""
    database = new_database()
    fill_small(database)

    async def tell(story: Story) -> None:
        async with door(database, tmp_path) as at:
            await story(at)

    return lambda story: asyncio.run(tell(story))


async def _refusal(trying: Awaitable[object]) -> Refused:
    with pytest.raises(Refused) as refused:
        await trying
    return refused.value


def test_the_right_password_opens_a_session_at_the_agencys_fixed_terminal(
    told: Callable[[Story], None],
) -> None:
    """Entered, findable by its secret, and only at the site it was opened for."""

    async def story(at: Door) -> None:
        opened = await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        assert (opened.session.operator_id, opened.session.terminal_id) == (OFFICER.id, DESK.mnemonic)
        found = await at.log_ins.find(opened.secret, "terminal")
        assert found is not None
        assert found.operator_id == OFFICER.id
        assert await at.log_ins.find(opened.secret, "agency") is None
        assert await at.log_ins.find(opened.secret + "x", "terminal") is None
        await at.log_ins.log_out(found)
        assert await at.log_ins.find(opened.secret, "terminal") is None
        assert at.kinds_entered() == ["OperatorLoggedIn", "OperatorLoggedOut"]

    told(story)


def test_every_failure_has_the_same_words(told: Callable[[Story], None]) -> None:
    """A wrong password, an unknown operator, a locked account, a 1 MB password: nothing tells them apart."""

    async def story(at: Door) -> None:
        tries = (
            (OFFICER.id, "wrong"),
            ("NOBODY", PASSWORD),
            ("*)(uid=*))(|(uid=*", "x"),
            (OFFICER.id, "p" * 1_000_000),
            ("", ""),
        )
        answers = set()
        for operator_id, password in tries:
            refused = await _refusal(
                at.log_ins.by_password(operator_id, password, source=FROM, site="terminal")
            )
            answers.add((refused.code, refused.message, refused.rules))
        for _ in range(3):
            refused = await _refusal(at.log_ins.by_password(OFFICER.id, "x", source=FROM, site="terminal"))
        locked = await _refusal(at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal"))
        answers.add((locked.code, locked.message, locked.rules))
        assert len(answers) == 1

    told(story)


def test_five_failures_in_fifteen_minutes_lock_until_somebody_releases(told: Callable[[Story], None]) -> None:
    """The fifth locks; the right password no longer opens, nor does time: a release does (AC-7)."""

    async def story(at: Door) -> None:
        async def fail() -> None:
            await _refusal(at.log_ins.by_password(OFFICER.id, "wrong", source=FROM, site="terminal"))

        async def succeed() -> None:
            await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")

        for _ in range(4):
            await fail()
        await succeed()
        for _ in range(4):
            await fail()
        at.clock.advance(15 * 60)
        await at.reread()
        await fail()
        await succeed()
        for _ in range(5):
            await fail()
        assert at.kinds_entered()[-1] == "AccountLocked"
        await _refusal(at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal"))
        at.clock.advance(24 * 3600)
        await at.reread()
        await _refusal(at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal"))
        await at.issuer.release_account(OFFICER, by="COORD01", reason="called in person")
        await succeed()
        assert at.kinds_entered()[-2:] == ["AccountReleased", "OperatorLoggedIn"]

    told(story)


def test_tries_are_throttled_by_source(told: Callable[[Story], None]) -> None:
    """One address can't try for ever, and another isn't kept out by it."""

    async def story(at: Door) -> None:
        for n in range(20):
            await _refusal(at.log_ins.by_password(f"NOBODY{n}", "x", source=FROM, site="terminal"))
        with pytest.raises(Unavailable) as hasty:
            await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        assert hasty.value.code == "RATE_LIMITED"
        assert hasty.value.retry_after_s >= 1
        await at.log_ins.by_password(OFFICER.id, PASSWORD, source="192.0.2.8", site="terminal")

    told(story)


def test_a_session_ends_unused_after_thirty_minutes_and_in_any_case_after_twelve_hours(
    told: Callable[[Story], None],
) -> None:
    """29:59 holds, 30:00 does not; use keeps it open, but not past twelve hours (AC-11)."""

    async def story(at: Door) -> None:
        opened = await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        at.clock.advance(30 * 60 - 1)
        await at.reread()
        assert await at.log_ins.find(opened.secret, "terminal") is not None
        at.clock.advance(30 * 60)
        await at.reread()
        assert await at.log_ins.find(opened.secret, "terminal") is None

        opened = await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        for _ in range(12 * 60 // 20 - 1):
            at.clock.advance(20 * 60)
            await at.reread()
            assert await at.log_ins.find(opened.secret, "terminal") is not None
        at.clock.advance(20 * 60)
        await at.reread()
        assert await at.log_ins.find(opened.secret, "terminal") is None

    told(story)


def test_a_desks_session_is_shorter(told: Callable[[Story], None]) -> None:
    """Fifteen minutes at the privileged sites."""

    async def story(at: Door) -> None:
        opened = await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="state")
        at.clock.advance(15 * 60)
        await at.reread()
        assert await at.log_ins.find(opened.secret, "state") is None

    told(story)


def test_a_suspended_operator_has_no_session_and_is_told_why_only_with_the_right_password(
    told: Callable[[Story], None],
) -> None:
    """Suspension ends what is open; the rule is named to the operator and to nobody who merely guesses."""

    async def story(at: Door) -> None:
        opened = await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        async with at.store.connection() as connection:
            await store.set_operator_suspended(connection, OFFICER.id, True)
        await at.reread()
        assert await at.log_ins.find(opened.secret, "terminal") is None
        told_why = await _refusal(at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal"))
        assert [rule.id for rule in told_why.rules] == ["operator-suspended"]
        guessed = await _refusal(at.log_ins.by_password(OFFICER.id, "wrong", source=FROM, site="terminal"))
        assert guessed.rules == ()

    told(story)


def test_a_link_works_once_at_its_site_until_it_ends(told: Callable[[Story], None]) -> None:
    """Single use, thirty minutes, and no key to another site."""

    async def story(at: Door) -> None:
        bearer = Bearer(OFFICER, CAR.mnemonic, site="terminal")
        ((link, ends), (late, _)) = await at.issuer.links([bearer, bearer], by="COORD01")
        assert ends - at.clock.now() == timedelta(minutes=30)
        await _refusal(at.log_ins.by_link(link, source=FROM, site="state"))
        opened = await at.log_ins.by_link(link, source=FROM, site="terminal")
        assert opened.session.terminal_id == CAR.mnemonic
        again = await _refusal(at.log_ins.by_link(link, source=FROM, site="terminal"))
        assert again.code == "LOCKED"
        await _refusal(at.log_ins.by_link("ol_unknown", source=FROM, site="terminal"))
        at.clock.advance(30 * 60)
        await at.reread()
        await _refusal(at.log_ins.by_link(late, source=FROM, site="terminal"))
        assert at.kinds_entered().count("OperatorLoggedIn") == 1
        assert at.kinds_entered().count("LogInFailed") == 4
        await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")

    told(story)


def test_two_who_come_with_one_link_are_not_both_let_in(told: Callable[[Story], None]) -> None:
    """Used up in one statement: of two at the same moment one comes in."""

    async def story(at: Door) -> None:
        ((link, _),) = await at.issuer.links([Bearer(OFFICER, DESK.mnemonic, site="terminal")], by="COORD01")
        outcomes = await asyncio.gather(
            *(at.log_ins.by_link(link, source=FROM, site="terminal") for _ in range(5)),
            return_exceptions=True,
        )
        assert sum(not isinstance(outcome, Refused) for outcome in outcomes) == 1

    told(story)


def test_an_operator_sits_only_at_their_own_agencys_terminals(told: Callable[[Story], None]) -> None:
    """Changing terminals is an entry; another agency's terminal is refused by name."""

    async def story(at: Door) -> None:
        opened = await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        moved = await at.log_ins.change_terminal(opened.session, CAR.mnemonic)
        assert moved.terminal_id == CAR.mnemonic
        found = await at.log_ins.find(opened.secret, "terminal")
        assert found is not None
        assert found.terminal_id == CAR.mnemonic
        refused = await _refusal(at.log_ins.change_terminal(found, ELSEWHERE.mnemonic))
        assert [rule.id for rule in refused.rules] == ["terminal-of-agency"]
        elsewhere = at.log_ins.by_password(
            OFFICER.id, PASSWORD, source=FROM, site="terminal", terminal_id=ELSEWHERE.mnemonic
        )
        assert (await _refusal(elsewhere)).code == "NOT_ENTITLED"

    told(story)


def test_nothing_opens_when_the_journal_cannot_be_written(told: Callable[[Story], None]) -> None:
    """No entry, no session (security rule 1)."""

    async def story(at: Door) -> None:
        await at.journal.close()
        with pytest.raises(Unavailable):
            await at.log_ins.by_password(OFFICER.id, PASSWORD, source=FROM, site="terminal")
        with at.database.connect(Role.APP) as connection:
            row = connection.execute("SELECT count(*) FROM directory.session").fetchone()
        assert row == (0,)

    told(story)


def test_secrets_are_kept_nowhere(told: Callable[[Story], None]) -> None:
    """Neither password, nor link, nor session secret stands in any row of the directory."""

    async def story(at: Door) -> None:
        ((link, _),) = await at.issuer.links([Bearer(OFFICER, DESK.mnemonic, site="terminal")], by="COORD01")
        opened = await at.log_ins.by_link(link, source=FROM, site="terminal")
        with at.database.connect(Role.APP) as connection:
            for table in ("credential", "session", "failed_log_in"):
                kept = str(connection.execute(f"SELECT * FROM directory.{table}").fetchall())
                assert not any(secret in kept for secret in (PASSWORD, link[3:], opened.secret))
        assert opened.secret not in repr(opened)

    told(story)
