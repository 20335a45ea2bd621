"""Giving and taking credentials: passwords, tokens, one-time links, and the release of a locked account.

Each act is an entry first and a row after it: what can't be entered isn't done (security.md 0.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openclets.directory import credential_store, entries
from openclets.directory.credential import (
    CredentialKind,
    Secret,
    hash_password,
    make_link,
    make_token,
    password_faults,
)
from openclets.directory.credential_store import KeptCredential
from openclets.directory.limits import limits
from openclets.directory.operator import Operator
from openclets.directory.store import DirectoryStore
from openclets.foundation.clock import Clock, rfc3339
from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.identifiers import Randomness
from openclets.journal.append import Journal
from openclets.journal.entry import EntryDraft


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who is to hold a token or link, and at which terminal it works. `site` is for links only."""

    operator: Operator
    terminal_id: str
    machine: bool = False
    site: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """What issuing needs."""

    store: DirectoryStore
    journal: Journal
    clock: Clock
    randomness: Randomness

    async def tokens(
        self, bearers: Sequence[Bearer], *, days: int, by: str, reason: str
    ) -> tuple[tuple[str, datetime], ...]:
        """A token for each bearer: its text, shown this once, and its end. Raises BadInput for a term too
        long.
        """
        if not 1 <= days <= limits().token_days_max:
            fault = f"a token of {days} days"
            remedy = f"Give it 1 to {limits().token_days_max} days."
            raise BadInput((Fault("days", fault, remedy),))
        now = self.clock.now()
        expires = now + timedelta(days=days)
        made = [(bearer, make_token(self.randomness)) for bearer in bearers]
        drafts = [token_entry(bearer, secret, expires, by, reason) for bearer, secret in made]
        await self._keep(CredentialKind.TOKEN, made, drafts, now, expires)
        return tuple((secret.text, expires) for _, secret in made)

    async def links(
        self, bearers: Sequence[Bearer], *, by: str, lifetime: timedelta | None = None
    ) -> tuple[tuple[str, datetime], ...]:
        """A one-time link's secret for each bearer, and its end; 30 minutes from now unless told."""
        now = self.clock.now()
        expires = now + (lifetime or timedelta(minutes=limits().log_in_link_minutes))
        made = [(bearer, make_link(self.randomness)) for bearer in bearers]
        drafts = [link_entry(bearer, secret, expires, by) for bearer, secret in made]
        await self._keep(CredentialKind.LOGIN_LINK, made, drafts, now, expires)
        return tuple((secret.text, expires) for _, secret in made)

    async def password(self, operator: Operator, password: str, *, by: str) -> None:
        """Set an operator's password. Raises BadInput when it would be guessed."""
        faults = password_faults(password, operator.id)
        if faults:
            raise BadInput(faults)
        kept = await hash_password(password)
        await self.journal.append(entries.draft(entries.PASSWORD_SET, {"by": by}, operator=operator))
        async with self.store.connection() as connection:
            await credential_store.set_password(connection, operator.id, kept, self.clock.now())

    async def revoke_tokens(self, operator: Operator, *, by: str, reason: str) -> int:
        """End every token of `operator`. How many there were; the switch heeds it within a second."""
        body = {"by": by, "reason": reason}
        await self.journal.append(entries.draft(entries.TOKEN_REVOKED, body, operator=operator))
        async with self.store.connection() as connection:
            return await credential_store.revoke_tokens(connection, operator.id, self.clock.now())

    async def release_account(self, operator: Operator, *, by: str, reason: str) -> None:
        """Release an account that failed log-ins have locked."""
        body = {"by": by, "reason": reason}
        await self.journal.append(entries.draft(entries.ACCOUNT_RELEASED, body, operator=operator))
        async with self.store.connection() as connection:
            await credential_store.unlock(connection, operator.id)

    async def _keep(
        self,
        kind: CredentialKind,
        made: Sequence[tuple[Bearer, Secret]],
        drafts: Sequence[EntryDraft],
        now: datetime,
        expires: datetime,
    ) -> None:
        if not made:
            return
        await self.journal.append(*drafts)
        kept = [
            KeptCredential(
                digest=secret.digest,
                operator_id=bearer.operator.id,
                terminal_id=bearer.terminal_id,
                issued_at=now,
                expires_at=expires,
                machine=bearer.machine,
                site=bearer.site,
            )
            for bearer, secret in made
        ]
        async with self.store.connection() as connection:
            await credential_store.add_credentials(connection, kind, kept)


def token_entry(bearer: Bearer, secret: Secret, expires: datetime, by: str, reason: str) -> EntryDraft:
    """The entry of a token: whose, where, until when; of the token half its digest."""
    body = {
        "by": by,
        "expires": rfc3339(expires),
        "machine": bearer.machine,
        "reason": reason,
        "token": secret.digest[:32],
    }
    return entries.draft(entries.TOKEN_ISSUED, body, operator=bearer.operator, terminal_id=bearer.terminal_id)


def link_entry(bearer: Bearer, secret: Secret, expires: datetime, by: str) -> EntryDraft:
    """The entry of a one-time link, of which it holds half the digest."""
    body = {"by": by, "expires": rfc3339(expires), "link": secret.digest[:32], "site": bearer.site}
    return entries.draft(
        entries.LOG_IN_LINK_ISSUED, body, operator=bearer.operator, terminal_id=bearer.terminal_id
    )
