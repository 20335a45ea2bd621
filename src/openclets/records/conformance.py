"""The kit every adapter must pass before it stands behind the port: what it must answer, refuse and survive.

It knows no test runner: each check is an async function over a Workbench and raises NotConformant. Whoever
writes an adapter builds a Workbench around it and runs `CHECKS`. Rules: decisions.md 21; bad-input corpus
B044, B046, B047.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol

import msgspec

from openclets.foundation.errors import BrokenInvariant
from openclets.records.answer import Answer, LegState
from openclets.records.query import Query
from openclets.records.system import RecordSystem

GRACE_S = 1.0
"""How much later than its deadline an answer may be given, in seconds: a busy machine, not a habit."""


class Trouble(StrEnum):
    """What may go wrong on the other side."""

    DOWN = "down"
    """Nobody listens there."""
    SILENT = "silent"
    """The message is taken and never answered."""
    MALFORMED = "malformed"
    """Something comes back that is not in the form agreed."""
    ERROR_PAGE = "error page"
    """A gateway answers with an error page that holds the words NO RECORD."""
    OTHER_QUESTION = "other question"
    """An answer in good form comes back, to another question."""
    ENDLESS = "endless"
    """The answer is far longer than any real one."""
    CUT_OFF = "cut off"
    """The connection is lost in the middle of an answer."""
    DENYING = "denying"
    """The system says that it will not answer this asker."""


class NotConformant(Exception):
    """The adapter does not keep the port's promise; the message says which and how."""


class Workbench(Protocol):
    """An adapter set up for checking, with means to trouble what stands behind it.

    `hit`, `record` and `nothing` each make a new query with a valid receipt for a new transaction: one that
    finds a hit, one that finds a record that is none (None where the system holds no such), one that finds
    nothing.
    """

    system: RecordSystem

    def hit(self) -> Query: ...

    def record(self) -> Query | None: ...

    def nothing(self) -> Query: ...

    async def received(self) -> int:
        """How many messages have reached the other side."""

    def in_trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None] | None:
        """The trouble, for as long as the context lasts; None where this cannot happen to such a system."""


Check = Callable[[Workbench], Awaitable[None]]


async def a_forged_receipt_is_refused_and_nothing_is_sent(bench: Workbench) -> None:
    """No message goes upstream without a durable entry of its own transaction."""
    genuine, other = bench.hit(), bench.hit()
    forged = msgspec.structs.replace(genuine.receipt, seal="0" * len(genuine.receipt.seal))
    moved = msgspec.structs.replace(genuine.receipt, index=genuine.receipt.index + 1)
    before = await bench.received()
    for name, query in {
        "a forged seal": msgspec.structs.replace(genuine, receipt=forged),
        "a seal moved to another entry": msgspec.structs.replace(genuine, receipt=moved),
        "another transaction's receipt": msgspec.structs.replace(genuine, receipt=other.receipt),
    }.items():
        try:
            answer = await bench.system.ask(query)
        except BrokenInvariant:
            continue
        raise NotConformant(f"{name} was answered with {answer.state}")
    _expect(await bench.received() == before, "a message with a forged receipt was sent")


async def a_hit_is_a_hit(bench: Workbench) -> None:
    """A record that is a hit makes the state HIT and says why it matched."""
    answer = await bench.system.ask(bench.hit())
    _expect_state(answer, LegState.HIT)
    _expect(any(record.hit for record in answer.records), "state HIT without a record that is one")
    _expect(all(record.matched_on for record in answer.records), "a record does not say why it matched")
    _expect(bool(answer.text.strip()) and not answer.detail, "a whole answer has a text and no excuse")


async def a_record_is_not_a_hit(bench: Workbench) -> None:
    """A record that is no hit makes the state RECORD."""
    query = bench.record()
    if query is None:
        return
    answer = await bench.system.ask(query)
    _expect_state(answer, LegState.RECORD)
    _expect(not any(record.hit for record in answer.records), "state RECORD with a record that is a hit")


async def nothing_found_is_no_record_and_echoes_what_was_searched(bench: Workbench) -> None:
    """A negative repeats the searched identifiers, so that a typing error is seen (messages.md 5.4)."""
    query = bench.nothing()
    answer = await bench.system.ask(query)
    _expect_state(answer, LegState.NO_RECORD)
    for code, value in query.fields.items():
        _expect(value in answer.text, f"the negative does not echo {code}/{value}")


async def a_system_that_is_down_is_unavailable(bench: Workbench) -> None:
    """Nobody there is UNAVAILABLE, at once, and says that it is no negative."""
    await _in_trouble(bench, Trouble.DOWN, LegState.UNAVAILABLE)


async def silence_is_given_up_by_the_deadline(bench: Workbench) -> None:
    """An accepted message that is never answered is UNAVAILABLE or TIMED_OUT when its time is over (B046)."""
    await _in_trouble(bench, Trouble.SILENT, LegState.TIMED_OUT, LegState.UNAVAILABLE, deadline_s=0.3)


async def what_is_not_in_the_form_is_unreadable(bench: Workbench) -> None:
    """Garbage is UNREADABLE, never guessed at."""
    await _in_trouble(bench, Trouble.MALFORMED, LegState.UNREADABLE)


async def no_record_on_an_error_page_is_no_negative(bench: Workbench) -> None:
    """The words NO RECORD inside a gateway's error page are not an answer (B047)."""
    await _in_trouble(bench, Trouble.ERROR_PAGE, LegState.UNREADABLE)


async def an_answer_to_another_question_is_unreadable(bench: Workbench) -> None:
    """An answer that names another question is nobody's answer."""
    await _in_trouble(bench, Trouble.OTHER_QUESTION, LegState.UNREADABLE)


async def an_endless_answer_is_cut_and_never_whole(bench: Workbench) -> None:
    """Beyond the limit an answer is cut: what was read whole is TRUNCATED, else it is UNREADABLE (B044)."""
    await _in_trouble(bench, Trouble.ENDLESS, LegState.TRUNCATED, LegState.UNREADABLE, deadline_s=10.0)


async def an_answer_cut_off_is_never_whole(bench: Workbench) -> None:
    """A connection lost within an answer leaves TRUNCATED, UNREADABLE or UNAVAILABLE."""
    await _in_trouble(bench, Trouble.CUT_OFF, LegState.TRUNCATED, LegState.UNREADABLE, LegState.UNAVAILABLE)


async def a_denial_is_not_no_record(bench: Workbench) -> None:
    """A system that refuses the asker is DENIED."""
    await _in_trouble(bench, Trouble.DENYING, LegState.DENIED)


async def giving_up_leaves_the_next_answer_right(bench: Workbench) -> None:
    """An asker who is canceled while waiting does not leave his answer to the next one."""
    trouble = bench.in_trouble(Trouble.SILENT)
    if trouble is not None:
        async with trouble:
            asked = [asyncio.ensure_future(bench.system.ask(bench.hit())) for _ in range(3)]
            await asyncio.sleep(0.05)
            for waiting in asked:
                waiting.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
    await _until_answered(bench)
    _expect_state(await bench.system.ask(bench.nothing()), LegState.NO_RECORD)
    _expect_state(await bench.system.ask(bench.hit()), LegState.HIT)


async def many_at_once_each_get_their_own_answer(bench: Workbench) -> None:
    """Questions asked together are not mixed up."""
    queries = [bench.hit() if n % 3 else bench.nothing() for n in range(60)]
    answers = await asyncio.gather(*(bench.system.ask(query) for query in queries))
    for n, answer in enumerate(answers):
        _expect_state(answer, LegState.HIT if n % 3 else LegState.NO_RECORD)


CHECKS: tuple[Check, ...] = (
    a_forged_receipt_is_refused_and_nothing_is_sent,
    a_hit_is_a_hit,
    a_record_is_not_a_hit,
    nothing_found_is_no_record_and_echoes_what_was_searched,
    a_system_that_is_down_is_unavailable,
    silence_is_given_up_by_the_deadline,
    what_is_not_in_the_form_is_unreadable,
    no_record_on_an_error_page_is_no_negative,
    an_answer_to_another_question_is_unreadable,
    an_endless_answer_is_cut_and_never_whole,
    an_answer_cut_off_is_never_whole,
    a_denial_is_not_no_record,
    giving_up_leaves_the_next_answer_right,
    many_at_once_each_get_their_own_answer,
)


async def _in_trouble(
    bench: Workbench, trouble: Trouble, *states: LegState, deadline_s: float | None = None
) -> None:
    """Ask for what would be found, in trouble: one of `states`, in time; and all is well again afterwards."""
    context = bench.in_trouble(trouble)
    if context is None:
        return
    async with context:
        query = bench.hit()
        if deadline_s is not None:
            query = msgspec.structs.replace(query, deadline_s=deadline_s)
        started = asyncio.get_running_loop().time()
        answer = await bench.system.ask(query)
        took = asyncio.get_running_loop().time() - started
    _expect_state(answer, *states)
    _expect(took <= query.deadline_s + GRACE_S, f"{took:.1f} s for a deadline of {query.deadline_s} s")
    if answer.state is not LegState.DENIED:
        _expect(bool(answer.detail), f"{answer.state} does not say why")
        _expect("NO RECORD" not in answer.text.upper(), f"the text of {answer.state} reads like a negative")
    await _until_answered(bench)


async def _until_answered(bench: Workbench) -> None:
    """The system answers again, within a few tries, once the trouble is over."""
    answer: Answer | None = None
    for _ in range(20):
        answer = await bench.system.ask(bench.hit())
        if answer.state is LegState.HIT:
            return
        await asyncio.sleep(0.1)
    _expect(False, f"once the trouble is over it still says {answer}")


def _expect_state(answer: Answer, *states: LegState) -> None:
    _expect(answer.state in states, f"{answer.state} ({answer.detail}) where {' or '.join(states)} was due")


def _expect(holds: bool, failure: str) -> None:
    if not holds:
        raise NotConformant(failure)
