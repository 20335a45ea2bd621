"""Transactions whose legs still arrive: what a watcher sees, and what is kept."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from openclets.switch.live import LiveTransaction, LiveTransactions
from openclets.switch.reply import ReceiptShown, ReleasedReply, Reply


def released(summary: str, *, final: bool = False) -> ReleasedReply:
    """A reply that says so."""
    reply = Reply("t", "RQ", final, (), (), "", summary)
    return ReleasedReply(reply, ReceiptShown("o", 1, "h"), msgspec.json.encode(reply))


def test_a_watcher_sees_the_present_reply_and_each_newer_one() -> None:
    """Whoever comes in the middle begins with what there is; the stream ends when no more can come."""

    async def story() -> None:
        live = LiveTransaction("OFF1", released("one"))
        seen: list[str] = []

        async def watch() -> None:
            async for newer in live.changes():
                seen.append(newer.reply.summary)

        early = asyncio.ensure_future(watch())
        await asyncio.sleep(0)
        live.renew(released("two"), done=False)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        late = asyncio.ensure_future(watch())
        await asyncio.sleep(0)
        live.renew(released("three", final=True), done=True)
        await asyncio.gather(early, late)
        assert sorted(seen) == sorted(["one", "two", "three", "two", "three"])

    asyncio.run(story())


def test_final_never_goes_back() -> None:
    """A programming error that would unfinish a reply stops there."""

    async def story() -> None:
        live = LiveTransaction("OFF1", released("one", final=True))
        with pytest.raises(AssertionError):
            live.renew(released("two"), done=False)

    asyncio.run(story())


def test_who_stops_watching_is_forgotten() -> None:
    """A watcher that goes away leaves nothing behind."""

    async def story() -> None:
        live = LiveTransaction("OFF1", released("one"))
        changes = live.changes()
        assert (await anext(changes)).reply.summary == "one"
        await changes.aclose()  # type: ignore[attr-defined]
        assert not live._watchers

    asyncio.run(story())


def test_the_oldest_finished_one_makes_room() -> None:
    """One that still waits for legs is kept before one that is over."""
    kept = LiveTransactions(kept_max=2)
    waiting, over, newest = (LiveTransaction("O", released(n)) for n in ("waiting", "over", "newest"))
    over.done = True
    kept.add("waiting", waiting)
    kept.add("over", over)
    kept.add("newest", newest)
    assert kept.find("over") is None
    assert kept.find("waiting") is waiting and kept.find("newest") is newest
    kept.add("fourth", LiveTransaction("O", released("fourth")))
    assert kept.find("waiting") is None
