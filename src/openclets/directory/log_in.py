"""Logging in, staying in, logging out: the door of the sites.

Every try is an entry, and no session opens before it. A wrong password, an unknown operator and a locked
account get the same words after the same time; five failures in fifteen minutes lock an account until
somebody releases it (CJIS Security Policy AC-7); tries are throttled by source, so that locking is no weapon.
Reads no page and sets no cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import NoReturn

from openclets.directory import credential_store, entries
from openclets.directory.credential import digest_of, password_matches
from openclets.directory.limits import limits
from openclets.directory.operator import Operator
from openclets.directory.quota import Buckets
from openclets.directory.session import OpenedSession, Session, is_over, new_session, session_digest
from openclets.directory.standing import check_standing
from openclets.directory.store import DirectoryStore
from openclets.directory.view import DirectoryView
from openclets.foundation.clock import Clock
from openclets.foundation.errors import Refused, RuleCited, Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.journal.append import Journal

FAILED = "The log-in did not succeed."
_MAY_STILL_LOG_IN = frozenset({"training-expired", "agreement-not-current"})
"""Faults of standing that keep an operator from asking, but not from logging in and seeing why."""


def _buckets() -> Buckets:
    per_minute = limits().log_in_tries_per_source_minute
    return Buckets(per_minute, per_minute)


@dataclass(frozen=True, slots=True)
class LogIns:
    """The door. `view` gives the directory's present view, as `DirectoryWatch.current` does."""

    store: DirectoryStore
    journal: Journal
    view: Callable[[], DirectoryView]
    clock: Clock
    randomness: Randomness
    throttle: Buckets = field(default_factory=_buckets)

    async def by_password(
        self, operator_id: str, password: str, *, source: str, site: str, terminal_id: str | None = None
    ) -> OpenedSession:
        """Log in with user id and password, at `terminal_id` or the agency's first enrolled terminal.

        Raises Refused: `LOCKED` with the same words for every failure, `NOT_ENTITLED` with the rules where
        the password is right and the operator may not be on the network, `RATE_LIMITED` for haste.
        """
        self._throttle(source)
        view = self.view()
        operator = view.operators.get(operator_id)
        async with self.store.connection() as connection:
            known = operator is not None
            kept = await credential_store.password_hash(connection, operator_id) if known else None
            locked = await credential_store.is_locked(connection, operator_id) if known else False
        matches = await password_matches(password, kept)
        claim = _Claim(operator_id[:64], "password", site, source)
        if operator is None:
            await self._fail(claim, None, "unknown")
        if locked or not matches:
            await self._fail(claim, operator, "locked" if locked else "wrong")
        place = terminal_id if terminal_id is not None else _first_terminal(view, operator)
        return await self._let_in(claim, operator, place, view)

    async def by_link(self, link: str, *, source: str, site: str) -> OpenedSession:
        """Log in with a one-time link, at the terminal it is for. Raises as `by_password`."""
        self._throttle(source)
        view = self.view()
        digest = digest_of(link)
        # Used up before anything is entered: two who come with one link must not both be let in.
        async with self.store.connection() as connection:
            used = await credential_store.use_link(connection, digest, site, self.clock.now())
            owner = used[0] if used else await credential_store.link_owner(connection, digest)
        operator = view.operators.get(owner) if owner else None
        claim = _Claim(owner or "", "login_link", site, source)
        if used is None or operator is None:
            # A spent link is no guess at a secret, so it doesn't count towards locking the account.
            await self._fail(claim, operator, "expired" if owner else "unknown", counts=False)
        return await self._let_in(claim, operator, used[1], view)

    async def find(self, secret: str, site: str) -> Session | None:
        """The session whose secret this is, if it still holds; using it keeps it open. None otherwise.

        An operator or agency suspended since then has no session; nor has one whose terminal was withdrawn.
        """
        now = self.clock.now()
        async with self.store.connection() as connection:
            session = await credential_store.read_session(connection, session_digest(secret), site)
            if session is None or is_over(session, now):
                return None
            if _keeping_out(self.view(), session.operator_id, session.terminal_id, self.clock):
                return None
            await credential_store.touch_session(connection, session.digest, now)
        return session

    async def change_terminal(self, session: Session, terminal_id: str) -> Session:
        """Sit at another terminal of the agency. Raises Refused(`NOT_ENTITLED`) for any other."""
        view = self.view()
        rules = _keeping_out(view, session.operator_id, terminal_id, self.clock)
        if rules:
            raise Refused("NOT_ENTITLED", rules[0].text, rules=rules)
        operator = view.operators[session.operator_id]
        body = {"from": session.terminal_id, "site": session.site}
        await self.journal.append(
            entries.draft(entries.OPERATOR_CHANGED_TERMINAL, body, operator=operator, terminal_id=terminal_id)
        )
        async with self.store.connection() as connection:
            await credential_store.move_session(connection, session.digest, terminal_id)
        return Session(
            digest=session.digest,
            site=session.site,
            operator_id=session.operator_id,
            terminal_id=terminal_id,
            form_token=session.form_token,
            opened_at=session.opened_at,
            seen_at=session.seen_at,
        )

    async def log_out(self, session: Session) -> None:
        """End the session."""
        operator = self.view().operators.get(session.operator_id)
        await self.journal.append(
            entries.draft(
                entries.OPERATOR_LOGGED_OUT,
                {"site": session.site},
                operator=operator,
                terminal_id=session.terminal_id,
            )
        )
        async with self.store.connection() as connection:
            await credential_store.end_session(connection, session.digest, self.clock.now())

    def _throttle(self, source: str) -> None:
        wait_s = self.throttle.take(source, self.clock.monotonic())
        if wait_s > 0:
            raise Unavailable("RATE_LIMITED", "too many log-ins from one place", retry_after_s=ceil(wait_s))

    async def _let_in(
        self, claim: _Claim, operator: Operator, terminal_id: str, view: DirectoryView
    ) -> OpenedSession:
        rules = _keeping_out(view, operator.id, terminal_id, self.clock)
        if rules:
            body = {**claim.body(), "why": "standing"}
            await self.journal.append(entries.draft(entries.LOG_IN_FAILED, body, operator=operator))
            raise Refused("NOT_ENTITLED", rules[0].text, rules=rules)
        opened = new_session(claim.site, operator.id, terminal_id, self.clock.now(), self.randomness)
        body = {"how": claim.how, "site": claim.site, "source": claim.source}
        await self.journal.append(
            entries.draft(entries.OPERATOR_LOGGED_IN, body, operator=operator, terminal_id=terminal_id)
        )
        async with self.store.connection() as connection:
            await credential_store.forget_failures(connection, operator.id)
            await credential_store.add_session(connection, opened.session)
        return opened

    async def _fail(
        self, claim: _Claim, operator: Operator | None, why: str, *, counts: bool = True
    ) -> NoReturn:
        body = {**claim.body(), "why": why}
        await self.journal.append(entries.draft(entries.LOG_IN_FAILED, body, operator=operator))
        if operator is not None and counts and why != "locked":
            await self._count_failure(operator, claim.source)
        raise Refused("LOCKED", FAILED)

    async def _count_failure(self, operator: Operator, source: str) -> None:
        now = self.clock.now()
        window = limits().log_in_window_minutes
        async with self.store.connection() as connection:
            since = now - timedelta(minutes=window)
            failures = await credential_store.note_failure(connection, operator.id, source, now, since)
        if failures >= limits().log_in_failures:
            body = {"failures": failures, "window_minutes": window}
            await self.journal.append(entries.draft(entries.ACCOUNT_LOCKED, body, operator=operator))
            async with self.store.connection() as connection:
                await credential_store.lock(connection, operator.id, now)


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who somebody at the door says they are, and how they come."""

    claimed: str
    how: str
    site: str
    source: str

    def body(self) -> dict[str, object]:
        return {"claimed": self.claimed, "how": self.how, "site": self.site, "source": self.source}


def _keeping_out(
    view: DirectoryView, operator_id: str, terminal_id: str, clock: Clock
) -> tuple[RuleCited, ...]:
    faults = check_standing(view, operator_id, terminal_id, clock.now()).faults
    return tuple(rule for rule in faults if rule.id not in _MAY_STILL_LOG_IN)


def _first_terminal(view: DirectoryView, operator: Operator) -> str:
    """A fixed terminal where the agency has one; without any, the refusal says that there is none."""
    own = view.terminals_of(operator.agency_ori)
    return next((t.mnemonic for t in own if t.kind == "fixed"), own[0].mnemonic if own else "")
