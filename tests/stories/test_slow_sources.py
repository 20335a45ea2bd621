"""A source that is slow, silent or gone: what an officer is shown, and when, with real processes behind it.

The waits are a tenth of a patrol's (first parts at 0.5 s, given up at 1.5 s); tests/switch holds the real
ones.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from openclets.foundation.database import Database
from stories.served import Network, fill_directory, make_keys, outside, served

WANTED = {
    "message_key": "QW",
    "fields": {"NAM": "DOE,SAM", "DOB": "19790101"},
    "reason": "person check",
}
NATIONAL = "ncic.wanted_person"


@pytest.fixture(scope="module")
def people(database: Database) -> Database:
    """A database with an agency and its operators."""
    fill_directory(database)
    return database


def tell(
    database: Database, folder: Path, story: Callable[[Network], Awaitable[None]], **manners: Any
) -> None:
    """Run a story over a network whose national system has those manners."""
    make_keys(folder)

    async def whole() -> None:
        async with served(database, folder) as network:
            await story(network)

    with outside(folder, **manners):
        asyncio.run(whole())


async def events(network: Network, transaction: str) -> list[tuple[float, dict[str, Any]]]:
    """Every reply the stream tells, with when it came after now; the stream must end by itself."""
    begun = time.monotonic()
    heard: list[tuple[float, dict[str, Any]]] = []
    path = f"/api/v1/transactions/{transaction}/events"
    ended = False
    async with network.http.stream("GET", path, headers=network.bearer()) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: {") and line != "data: {}":
                heard.append((time.monotonic() - begun, json.loads(line[6:])))
            ended = ended or line == "event: end"
    assert ended
    return heard


def leg(reply: dict[str, Any], system: str = NATIONAL) -> dict[str, Any]:
    """The leg of one system."""
    (found,) = [each for each in reply["legs"] if each["system"] == system]
    return found  # type: ignore[no-any-return]


async def asked(network: Network) -> tuple[float, dict[str, Any]]:
    """One inquiry, and how long its first parts took."""
    begun = time.monotonic()
    answer = await network.ask(WANTED)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - begun, answer.json()


def test_first_parts_leave_in_time_and_the_rest_is_streamed(people: Database, directory: Path) -> None:
    """The slow source is PENDING and the reply not final; its hit comes over the stream, entered first."""

    async def story(network: Network) -> None:
        took, reply = await asked(network)
        assert 0.4 < took < 1.0
        assert (leg(reply)["state"], reply["final"]) == ("PENDING", False)
        assert leg(reply, "doj.wanted_person")["state"] == "NO_RECORD"
        assert "every source" not in reply["summary"]
        told = await events(network, reply["transaction"])
        assert [leg(each)["state"] for _, each in told][-1] == "HIT"
        assert [each["final"] for _, each in told] == sorted(each["final"] for _, each in told)
        last = told[-1][1]
        assert last["final"] and last["banners"][0]["kind"] == "HIT"
        kinds = await network.kinds(reply["transaction"])
        assert kinds[:2] == ["InquiryPermitted", "ReplyReleased"]
        assert kinds.count("LateAnswer") == 2
        again = await network.http.get(
            f"/api/v1/transactions/{reply['transaction']}", headers=network.bearer()
        )
        assert again.json()["legs"] == last["legs"]

    tell(people, directory, story, delay_ms=1000)


def test_an_answer_after_the_deadline_is_late(people: Database, directory: Path) -> None:
    """TIMED_OUT and final at the deadline; LATE with its records when it comes, and final stays."""

    async def story(network: Network) -> None:
        _, reply = await asked(network)
        told = await events(network, reply["transaction"])
        states = list(dict.fromkeys(leg(each)["state"] for _, each in told))
        assert states == ["PENDING", "TIMED_OUT", "LATE"]
        finals = [each["final"] for _, each in told]
        assert finals == sorted(finals) and finals[-1]
        assert leg(told[-1][1])["records"]
        kinds = await network.kinds(reply["transaction"])
        assert "LegsGivenUp" in kinds and kinds.index("LegsGivenUp") < kinds.index("LateAnswer")

    tell(people, directory, story, delay_ms=2200)


def test_a_silent_source_is_given_up_in_words(people: Database, directory: Path) -> None:
    """It took the message and never answered: TIMED_OUT, never "no record", in JSON and in keyed text."""

    async def story(network: Network) -> None:
        _, reply = await asked(network)
        told = await events(network, reply["transaction"])
        assert leg(told[-1][1])["state"] == "TIMED_OUT"
        assert "Not answered or not asked: National wanted persons" in told[-1][1]["summary"]
        text = "QW.NAM/DOE,SAM.DOB/19790101.RSN/PERSON CHECK"
        keyed = await network.http.post("/api/v1/messages", content=text, headers=network.bearer())
        assert "STILL WAITING" in keyed.text and "MORE TO COME" in keyed.text

    tell(people, directory, story, silent=True)


def test_a_watcher_who_goes_away_changes_nothing(people: Database, directory: Path) -> None:
    """Half a stream read and dropped: the answer is entered all the same, and no task is left behind."""

    async def story(network: Network) -> None:
        _, reply = await asked(network)
        path = f"/api/v1/transactions/{reply['transaction']}/events"
        async with network.http.stream("GET", path, headers=network.bearer()) as stream:
            async for _ in stream.aiter_lines():
                break
        await asyncio.wait_for(network.running.network.background.finished(), 10)
        assert "LateAnswer" in await network.kinds(reply["transaction"])

    tell(people, directory, story, delay_ms=1000)


def test_a_source_that_is_killed_is_unavailable_and_never_no_record(
    people: Database, directory: Path
) -> None:
    """Its leg says so at once, the others answer, and after some faults the breaker leaves it alone."""
    make_keys(directory)

    async def whole(process: Any) -> None:
        async with served(people, directory) as network:
            _, before = await asked(network)
            assert leg(before)["state"] == "HIT"
            process.process.kill()
            process.process.wait()
            states = []
            for _ in range(8):
                took, reply = await asked(network)
                assert took < 0.5
                assert reply["final"]
                assert leg(reply, "doj.wanted_person")["state"] == "NO_RECORD"
                assert reply["summary"].startswith("No record from those that answered.")
                assert "National wanted persons" in reply["summary"]
                assert "NOT A NEGATIVE RESPONSE" in leg(reply)["text"]
                states.append(leg(reply)["state"])
            assert set(states) == {"UNAVAILABLE", "NOT_ASKED"}
            assert states[0] == "UNAVAILABLE" and states[-1] == "NOT_ASKED"

    with outside(directory) as process:
        asyncio.run(whole(process))


def test_a_system_that_is_not_linked_is_said_to_be_not_asked(people: Database, directory: Path) -> None:
    """An installation without the national link answers with what it has, and says what it has not."""

    async def whole() -> None:
        async with served(people, directory) as network:
            _, reply = await asked(network)
            assert reply["final"]
            assert leg(reply)["state"] == "NOT_ASKED"
            assert "no link" in leg(reply)["reason"]
            assert leg(reply, "doj.wanted_person")["state"] == "NO_RECORD"

    asyncio.run(whole())
