"""Places: bounded, the urgent first, fair to classes and agencies, and refused with a time to wait."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclets.foundation.errors import Unavailable
from openclets.switch.admission import Admission, Place
from openclets.switch.priority import load_priorities
from openclets.switch.process import process_inquiry
from simulation.loop import SimulatedLoop
from switch.corridor import OFFICER, PLATE, Corridor, silent, small_view

CLASSES = load_priorities().classes
P0, P1, P2, P3, P4 = CLASSES
ORI, OTHER = "CA9010100", "CA9020000"


def run(story: Coroutine[Any, Any, Any], seed: int = 1) -> Any:
    """Run a story in virtual time."""
    return SimulatedLoop(seed).run(story)


async def fill(admission: Admission, count: int, rank: int = 2, ori: str = ORI) -> list[Place]:
    """So many places taken; there must be room for them."""
    return [await admission.place(CLASSES[rank], ori) for _ in range(count)]


async def turn() -> None:
    """Let everything that is ready go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_while_there_is_room_nobody_waits() -> None:
    """And the counts return to nothing."""

    async def story() -> None:
        admission = Admission()
        places = await fill(admission, P2.places)
        assert admission.at_work[0] == admission.held == P2.places
        for place in places:
            place.leave()
        assert admission.at_work == [0] * len(CLASSES)
        assert admission.held == admission.waiting == 0

    run(story())


def test_officer_safety_has_room_kept_for_it() -> None:
    """With every place of the inquiries taken, an inquiry waits and an officer's stop does not."""

    async def story() -> None:
        admission = Admission()
        places = await fill(admission, P2.places)
        waiting = asyncio.ensure_future(admission.place(P2, ORI))
        await turn()
        assert not waiting.done() and admission.waiting == 1
        (await admission.place(P0, ORI)).leave()
        (await admission.place(P1, ORI)).leave()
        assert not waiting.done()
        places.pop().leave()
        (await waiting).leave()

    run(story())


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_every_class_moves_while_all_have_work(seed: int) -> None:
    """Starvation: each of the five has more than can be done; each gets its share of places, by weight."""

    async def story() -> Counter[str]:
        admission = Admission()
        done: Counter[str] = Counter()
        enough = asyncio.Event()

        async def asker(rank: int) -> None:
            while not enough.is_set():
                try:
                    place = await admission.place(CLASSES[rank], ORI)
                except Unavailable:
                    await asyncio.sleep(0.5)
                    continue
                await asyncio.sleep(0.05)
                done[CLASSES[rank].name] += 1
                place.leave()

        crowd = [rank for rank in range(5) for _ in range(100 if rank < 3 else 20)]
        askers = [asyncio.ensure_future(asker(rank)) for rank in crowd]
        await asyncio.sleep(4)
        enough.set()
        await asyncio.gather(*askers)
        return done

    done = run(story(), seed)
    assert done["P0"] > done["P1"] > done["P2"] > done["P3"] >= done["P4"] > 0
    assert done["P0"] > 0.5 * sum(done.values())


def test_agencies_take_turns_however_many_one_sends() -> None:
    """One agency has a hundred waiting; another's first is next but one."""

    async def story() -> None:
        admission = Admission()
        places = await fill(admission, P2.places)
        order: list[str] = []

        async def asker(ori: str) -> None:
            place = await admission.place(P2, ori)
            order.append(ori)
            place.leave()

        many = [asyncio.ensure_future(asker(ORI)) for _ in range(100)]
        await turn()
        few = [asyncio.ensure_future(asker(OTHER)) for _ in range(3)]
        await turn()
        places[0].leave()
        await asyncio.gather(*many, *few)
        assert [n for n, ori in enumerate(order) if ori == OTHER][-1] < 8

    run(story())


def test_one_agency_cannot_fill_the_line() -> None:
    """Half of it at most; another agency finds room."""

    async def story() -> None:
        admission = Admission()
        await fill(admission, P2.places)
        waiting = [asyncio.ensure_future(admission.place(P2, ORI)) for _ in range(P2.agency_waiting_max)]
        await turn()
        with pytest.raises(Unavailable):
            await admission.place(P2, ORI)
        waiting.append(asyncio.ensure_future(admission.place(P2, OTHER)))
        await turn()
        assert admission.waiting == P2.agency_waiting_max + 1
        for one in waiting:
            one.cancel()
        await turn()
        assert admission.waiting == 0

    run(story())


def test_a_full_line_is_refused_at_once_with_a_time_to_wait(caplog: pytest.LogCaptureFixture) -> None:
    """SWITCH_BUSY, Retry-After, a count, and one line in the security log for many."""

    async def story() -> list[int]:
        admission = Admission()
        await fill(admission, P4.places, 4)
        crowd = [asyncio.ensure_future(admission.place(P4, f"CA{n}")) for n in range(P4.waiting_max)]
        await turn()
        waits = []
        for _ in range(50):
            with pytest.raises(Unavailable) as busy:
                await admission.place(P4, OTHER)
            assert busy.value.code == "SWITCH_BUSY"
            waits.append(busy.value.retry_after_s)
        assert admission.refused == [0, 0, 0, 0, 50]
        assert admission.waiting == len(crowd)
        return waits

    with caplog.at_level(logging.WARNING, "openclets.security"):
        waits = run(story())
    assert all(1 <= wait <= 30 for wait in waits)
    assert len([line for line in caplog.messages if "turned away: SWITCH_BUSY" in line]) == 1


def test_the_time_to_wait_is_that_of_the_present_rate_and_spread() -> None:
    """Two a second are done and some forty are ahead: ten seconds and more, and not the same for all."""

    async def story() -> set[int]:
        admission = Admission()
        workers = await fill(admission, P4.places, 4)
        crowd = [asyncio.ensure_future(admission.place(P4, OTHER)) for _ in range(P4.agency_waiting_max)]
        await turn()
        for place in workers[:6]:
            await asyncio.sleep(0.5)
            place.leave()
        waits = set()
        for _ in range(12):
            crowd += [asyncio.ensure_future(admission.place(P4, OTHER)) for _ in range(6)]
            await turn()
            with pytest.raises(Unavailable) as busy:
                await admission.place(P4, OTHER)
            waits.add(busy.value.retry_after_s)
        return waits

    waits = run(story())
    assert min(waits) >= 10 and max(waits) <= 30 and len(waits) > 1


def test_patience_ends() -> None:
    """Who waited as long as its class may is refused, and no place is lost on them."""

    async def story() -> None:
        admission = Admission()
        places = await fill(admission, P2.places)
        began = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable) as busy:
            await admission.place(P2, ORI)
        assert asyncio.get_running_loop().time() - began == P2.patience_s
        assert "no place came free" in busy.value.message
        places.pop().leave()
        (await admission.place(P2, ORI)).leave()
        assert admission.at_work[0] == len(places)

    run(story())


def test_who_waits_for_record_systems_makes_room_and_is_bounded_all_the_same() -> None:
    """Aside, a place is another's; what is held has a bound, of one agency and of all."""

    async def story() -> None:
        admission = Admission()
        aside: list[Place] = []
        with pytest.raises(Unavailable) as busy:
            while True:
                place = await admission.place(P2, ORI)
                place.aside().__enter__()
                aside.append(place)
        assert "record systems" in busy.value.message
        assert len(aside) == CLASSES[0].held_max // 2
        assert admission.at_work[0] == 0
        (await admission.place(P2, OTHER)).leave()
        for place in aside:
            place.__exit__(None, None, None)
            place.leave()
        assert admission.held == 0

    run(story())


def test_what_is_kept_beyond_its_reply_is_held_until_it_is_let_go() -> None:
    """Late legs count."""

    async def story() -> None:
        admission = Admission()
        place = await admission.place(P2, ORI)
        kept = place.keep()
        place.leave()
        assert (admission.held, admission.at_work[0]) == (1, 0)
        kept.let_go()
        assert admission.held == 0

    run(story())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000_000))
def test_no_schedule_loses_a_place(seed: int) -> None:
    """Askers of every class come, work, step aside, keep, give up and are cancelled in any order: bounds hold
    throughout, and in the end every count is nothing.
    """
    chance = random.Random(seed)

    async def story() -> None:
        admission = Admission()

        async def asker() -> None:
            priority = chance.choice(CLASSES)
            try:
                place = await admission.place(priority, chance.choice((ORI, OTHER, "CA9030000")))
            except Unavailable:
                return
            try:
                await asyncio.sleep(chance.random())
                with place.aside():
                    await asyncio.sleep(chance.random() * 3)
                if chance.random() < 0.2:
                    asyncio.get_running_loop().call_later(5, place.keep().let_go)
            finally:
                place.leave()
            assert admission.waiting == sum(line.count for line in admission.lines)

        askers = []
        for _ in range(400):
            askers.append(asyncio.ensure_future(asker()))
            if chance.random() < 0.3:
                chance.choice(askers).cancel()
            if chance.random() < 0.1:
                await asyncio.sleep(chance.random() / 4)
            assert all(line.count <= line.priority.waiting_max for line in admission.lines)
        await asyncio.gather(*askers, return_exceptions=True)
        await asyncio.sleep(10)
        assert admission.at_work == [0] * len(CLASSES)
        assert (admission.held, admission.waiting) == (0, 0)

    run(story(), seed)


def test_a_full_switch_reads_nothing_and_enters_nothing() -> None:
    """The corridor: SWITCH_BUSY before the first step, no entry, no record system asked."""
    corridor = Corridor()

    async def story() -> None:
        admission = corridor.network.admission
        await fill(admission, P2.places)
        waiting = [asyncio.ensure_future(admission.place(P2, ORI)) for _ in range(P2.agency_waiting_max)]
        await turn()
        with pytest.raises(Unavailable) as busy:
            await process_inquiry(PLATE, OFFICER, corridor.network)
        assert busy.value.code == "SWITCH_BUSY"
        for one in waiting:
            one.cancel()

    corridor.run(story())
    assert corridor.kinds() == [] and corridor.asked() == set()


def test_slow_record_systems_do_not_take_the_places() -> None:
    """Hundreds wait for a silent system at once, and none waits for a place."""
    corridor = Corridor({"dmv.vehicle": silent})
    admission = corridor.network.admission

    async def story() -> None:
        exempt = replace(corridor.view.operators[OFFICER.operator_id], quota_exempt=True)
        operators = {**corridor.view.operators, OFFICER.operator_id: exempt}
        corridor.view = replace(corridor.view, operators=operators)
        asked = [asyncio.ensure_future(process_inquiry(PLATE, OFFICER, corridor.network)) for _ in range(300)]
        await asyncio.sleep(4)
        assert (admission.waiting, admission.at_work[0], admission.held) == (0, 0, 300)
        for one in asyncio.as_completed(asked):
            assert not (await one).reply.final
        assert admission.held == 300

    corridor.run(story())
    assert admission.held == 0


def test_admission_costs_microseconds_while_nothing_waits() -> None:
    """A bound so wide that only a mistake of kind breaks it; the figure is docs/benchmarks.md's."""

    async def story() -> float:
        admission = Admission()
        view = small_view()
        began = time.perf_counter()
        for _ in range(2000):
            place = await admission.place_for(PLATE, OFFICER, view)
            with place.aside():
                pass
            place.leave()
        return (time.perf_counter() - began) / 2000

    assert asyncio.run(story()) < 0.0005
