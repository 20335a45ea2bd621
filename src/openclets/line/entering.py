"""Acts on lines, put in force by the network's own process: an entry first, the row after it.

Only that process writes the journal. A command and the listener leave what they want done in `line.act`; what
can't be entered is not done (security.md 0.1). Also renews the lines' tokens before they end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import msgspec

from openclets.directory import credential_store
from openclets.directory.credential import digest_of
from openclets.directory.issue import Bearer, Issuer
from openclets.directory.standing import check_standing
from openclets.directory.store import DirectoryStore
from openclets.foundation.clock import Clock, rfc3339
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.foundation.link import Link
from openclets.journal.append import Journal
from openclets.journal.entry import EntryDraft
from openclets.line import act_store, entries
from openclets.line.act_store import Act, Connected
from openclets.line.enrolled import Enrolment
from openclets.line.limits import limits
from openclets.line.sealing import Sealer, sealer_of
from openclets.switch.network import Directory
from openclets.wiring import Running

POLL_S: Final = 0.5
RENEW_S: Final = 3600.0

_log = logging.getLogger("openclets.line")


class LineEntering:
    """Enters what waits in `line.act`. One at a time, in the process that holds the journal."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        journal: Journal,
        clock: Clock,
        randomness: Randomness,
        sealer: Sealer,
    ) -> None:
        self._link = Link(database, Role.APP)
        self._directory = directory
        self._journal = journal
        self._clock = clock
        self._sealer = sealer
        self._store = DirectoryStore(database)
        self._issuer = Issuer(self._store, journal, clock, randomness)

    async def close(self) -> None:
        """Close the connections."""
        await self._link.close()
        await self._store.close()

    async def run(self) -> None:
        """Enter acts as they come, until cancelled; wait out whatever is away."""
        renew_at = self._clock.monotonic()
        while True:
            try:
                await self.enter_open()
                if self._clock.monotonic() >= renew_at:
                    await self.renew()
                    renew_at = self._clock.monotonic() + RENEW_S
            except Unavailable as away:
                _log.warning("acts on lines wait: %s", away.message)
            await asyncio.sleep(POLL_S)

    async def enter_open(self) -> int:
        """Enter every act that waits. How many. Raises Unavailable; what was entered stays entered, and an
        act that was cut short is entered again.
        """
        async with self._link.connection() as connection:
            acts = await act_store.open_acts(connection)
            for act in acts:
                fault = await self._enter(act, connection)
                await act_store.close_act(connection, act.number, self._clock.now(), fault or None)
        return len(acts)

    async def renew(self) -> None:
        """Give another token to each line whose own ends soon."""
        now = self._clock.now()
        async with self._link.connection() as connection:
            ending = now + timedelta(days=limits().token_renewed_days)
            for line, operator_id, terminal_id, machine in await act_store.tokens_ending(connection, ending):
                enrolment = Enrolment(line, "", operator_id, terminal_id, machine)
                if self._fault_of(enrolment):
                    continue
                before = await act_store.token_digest_of(connection, line)
                token, until = await self._token(enrolment, "openclets", "the line's token ends soon")
                kept = self._sealer.seal(token.encode("ascii"), f"token {line}")
                await act_store.set_token(connection, line, kept, digest_of(token), until)
                await self._end_token(before)
            kept_for = timedelta(days=limits().kept_days)
            await act_store.forget_connections(connection, now, kept_for)

    async def _enter(self, act: Act, connection: Connected) -> str:
        """Do one act. What kept it from being done; empty where nothing did."""
        if act.act == "enroll":
            return await self._enroll(act, connection)
        if act.act == "withdraw":
            return await self._withdraw(act, connection)
        change = msgspec.json.decode(act.change, type=dict[str, str])
        kind = entries.LINE_CONNECTED if act.act == "connected" else entries.LINE_REFUSED
        who = {name: change.pop(name, "") for name in ("agency_ori", "operator_id", "terminal_id")}
        body = {**change, "at": rfc3339(act.asked_at), "line": act.line}
        await self._journal.append(entries.draft(kind, body, **who))
        return ""

    async def _enroll(self, act: Act, connection: Connected) -> str:
        enrolment = msgspec.json.decode(act.change, type=Enrolment)
        holder = await act_store.holder_of(connection, bytes.fromhex(enrolment.fingerprint))
        if holder not in ("", enrolment.line):
            return f"the certificate is enrolled for line {holder} already; withdraw that line first"
        fault = self._fault_of(enrolment)
        if fault:
            return fault
        agency_ori = self._directory.current().operators[enrolment.operator_id].agency_ori
        before = await act_store.token_digest_of(connection, enrolment.line)
        await self._journal.append(_enrolled(act, enrolment, agency_ori))
        token, until = await self._token(enrolment, act.by, act.reason)
        kept = self._sealer.seal(token.encode("ascii"), f"token {enrolment.line}")
        await act_store.put_line(
            connection, enrolment, agency_ori, kept, digest_of(token), until, self._clock.now()
        )
        await self._end_token(before)
        return ""

    async def _withdraw(self, act: Act, connection: Connected) -> str:
        digest = await act_store.token_digest_of(connection, act.line)
        if not digest:
            return "no line of that name is in force"
        body = {"by": act.by, "line": act.line, "reason": act.reason}
        await self._journal.append(entries.draft(entries.LINE_WITHDRAWN, body))
        await act_store.withdraw_line(connection, act.line, self._clock.now())
        await self._end_token(digest)
        return ""

    def _fault_of(self, enrolment: Enrolment) -> str:
        view = self._directory.current()
        standing = check_standing(view, enrolment.operator_id, enrolment.terminal_id, self._clock.now())
        if standing.faults:
            return "; ".join(rule.text.rstrip(".") for rule in standing.faults)
        assert standing.operator is not None, "without faults the operator is known"
        if enrolment.machine != (standing.operator.role == "machine"):
            word = "a system" if standing.operator.role == "machine" else "no system"
            return f"{enrolment.operator_id} is {word}; a machine's line is a system's, and no other line is"
        return ""

    async def _token(self, enrolment: Enrolment, by: str, reason: str) -> tuple[str, Any]:
        operator = self._directory.current().operators[enrolment.operator_id]
        bearer = Bearer(operator, enrolment.terminal_id, machine=enrolment.machine)
        ((token, until),) = await self._issuer.tokens(
            [bearer], days=limits().token_days, by=by, reason=f"line {enrolment.line}: {reason}"
        )
        return token, until

    async def _end_token(self, digest: str) -> None:
        if digest:
            async with self._store.connection() as connection:
                await credential_store.end_token(connection, digest, self._clock.now())


def _enrolled(act: Act, enrolment: Enrolment, agency_ori: str) -> EntryDraft:
    body = {
        "by": act.by,
        "fingerprint": enrolment.fingerprint,
        "images": enrolment.images,
        "line": enrolment.line,
        "machine": enrolment.machine,
        "reason": act.reason,
    }
    return entries.draft(
        entries.LINE_ENROLLED,
        body,
        agency_ori=agency_ori,
        operator_id=enrolment.operator_id,
        terminal_id=enrolment.terminal_id,
    )


@contextlib.asynccontextmanager
async def entering(parts: Running) -> AsyncIterator[LineEntering]:
    """Acts on lines are entered for the block, in the process that `parts` runs in."""
    one = LineEntering(
        parts.database,
        parts.directory,
        parts.network.journal,
        parts.clock,
        parts.randomness,
        sealer_of(parts.settings.data_dir, parts.randomness),
    )
    task = asyncio.get_running_loop().create_task(one.run(), name="acts on lines")
    try:
        yield one
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await one.close()
