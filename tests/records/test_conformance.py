"""The kit itself: every check catches the adapter it is there to catch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import pytest

from adapters.samples import GATE_KEY, query, wanted
from openclets.adapters.gate import may_pass
from openclets.foundation.errors import BrokenInvariant
from openclets.records.answer import Answer, LegState
from openclets.records.conformance import CHECKS, Check, NotConformant, Trouble
from openclets.records.query import Query

FOUND = {"NAM": "DOE,SAM", "DOB": "19790101"}
WORKABLE = {
    Trouble.DOWN: LegState.UNAVAILABLE,
    Trouble.SILENT: LegState.TIMED_OUT,
    Trouble.MALFORMED: LegState.UNREADABLE,
    Trouble.ERROR_PAGE: LegState.UNREADABLE,
    Trouble.OTHER_QUESTION: LegState.UNREADABLE,
    Trouble.ENDLESS: LegState.UNREADABLE,
    Trouble.CUT_OFF: LegState.UNAVAILABLE,
    Trouble.DENYING: LegState.DENIED,
}


class Plain:
    """A system in memory that keeps the promise, and its own Workbench; subclasses break it in one way."""

    name = "plain"

    def __init__(self) -> None:
        self.system = self
        self.count = 0
        self.trouble: Trouble | None = None

    async def ask(self, query: Query) -> Answer:
        if not may_pass(query, GATE_KEY):
            raise BrokenInvariant("forged")
        self.count += 1
        if self.trouble is not None:
            return Answer(WORKABLE[self.trouble], text="NOT A NEGATIVE RESPONSE", detail="in trouble")
        if query.fields == FOUND:
            record = msgspec.structs.replace(wanted(), matched_on="name exact, DOB exact")
            return Answer(LegState.HIT, (record,), "MKE/WANTED PERSON")
        echo = " ".join(f"{code}/{value}" for code, value in query.fields.items())
        return Answer(LegState.NO_RECORD, text=f"NO NCIC WANT {echo}")

    def hit(self) -> Query:
        return query("plain", FOUND)

    def record(self) -> Query | None:
        return None

    def nothing(self) -> Query:
        return query("plain", {"OLN": "Q0000999"})

    async def received(self) -> int:
        return self.count

    def in_trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]:
        return self._troubled(trouble)

    @asynccontextmanager
    async def _troubled(self, trouble: Trouble) -> AsyncIterator[None]:
        self.trouble = trouble
        yield
        self.trouble = None


class Gullible(Plain):
    """Asks whatever receipt it is shown."""

    async def ask(self, query: Query) -> Answer:
        self.count += 1
        return Answer(LegState.NO_RECORD, text=str(dict(query.fields)))


class Hopeful(Plain):
    """Takes every trouble for a negative."""

    async def ask(self, query: Query) -> Answer:
        if self.trouble is not None:
            return Answer(LegState.NO_RECORD, text="NO RECORD")
        return await super().ask(query)


class Mute(Plain):
    """Finds nothing and does not say what it looked for."""

    async def ask(self, query: Query) -> Answer:
        answer = await super().ask(query)
        return answer if answer.records else Answer(answer.state, text="NO RECORD", detail=answer.detail)


class Lagging(Plain):
    """Waits past its deadline."""

    async def ask(self, query: Query) -> Answer:
        if self.trouble is Trouble.SILENT:
            await asyncio.sleep(query.deadline_s + 1.2)
        return await super().ask(query)


class Shifted(Plain):
    """Gives each asker the answer of the one before."""

    last: Answer | None = None

    async def ask(self, query: Query) -> Answer:
        answer = await super().ask(query)
        before, self.last = self.last, answer
        return before or answer


def failures(bench: Plain) -> set[str]:
    failed = set()
    for check in CHECKS:
        try:
            asyncio.run(_run(check, bench))
        except NotConformant:
            failed.add(check.__name__)
    return failed


async def _run(check: Check, bench: Plain) -> None:
    await check(bench)


def test_a_system_that_keeps_the_promise_passes_every_check() -> None:
    """The kit asks for nothing that cannot be kept."""
    assert failures(Plain()) == set()


@pytest.mark.parametrize(
    ("kind", "caught_by"),
    [
        (Gullible, "a_forged_receipt_is_refused_and_nothing_is_sent"),
        (Hopeful, "no_record_on_an_error_page_is_no_negative"),
        (Hopeful, "a_denial_is_not_no_record"),
        (Hopeful, "a_system_that_is_down_is_unavailable"),
        (Hopeful, "what_is_not_in_the_form_is_unreadable"),
        (Hopeful, "an_answer_to_another_question_is_unreadable"),
        (Hopeful, "an_endless_answer_is_cut_and_never_whole"),
        (Hopeful, "an_answer_cut_off_is_never_whole"),
        (Mute, "nothing_found_is_no_record_and_echoes_what_was_searched"),
        (Lagging, "silence_is_given_up_by_the_deadline"),
        (Shifted, "many_at_once_each_get_their_own_answer"),
        (Shifted, "giving_up_leaves_the_next_answer_right"),
    ],
)
def test_each_check_catches_the_adapter_it_is_for(kind: type[Plain], caught_by: str) -> None:
    """A guard that cannot fail guards nothing."""
    check = next(check for check in CHECKS if check.__name__ == caught_by)

    with pytest.raises(NotConformant):
        asyncio.run(_run(check, kind()))
