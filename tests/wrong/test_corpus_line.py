"""The corpus rows of framing, through the adapter for old terminals and a real line: STX, ETX, and what is
between.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from line.lines import PLATE, lines_of
from line.peer import let_in, message
from openclets.foundation.database import Database
from openclets.foundation.errors import catalogue
from openclets.line.frames import FrameType, encode
from openclets.line.legacy import LegacyAdapter
from openclets.line.legacy_frames import STX, LegacyReader, encode_legacy
from stories.served import fill_directory, make_keys, outside, served
from wrong.corpus import Row, codes, rows

FRAMING = [row for row in rows().values() if row.interface == "switch" and row.category == "framing"]
MARKED = [row for row in FRAMING if {"\x02", "\x03"} & set(row.text)]
ANSWERED_BY = {"B003": [], "B004": ["NAM/B"]}
"""What of each row is a whole frame, and is therefore asked."""


@pytest.fixture(scope="module")
def people(database: Database) -> Database:
    """A database with an agency and its operators."""
    fill_directory(database)
    return database


@pytest.mark.parametrize("row", MARKED, ids=lambda row: row.id)
def test_a_row_of_framing_drops_what_is_no_frame_and_takes_the_rest_once(
    people: Database, directory: Path, row: Row, caplog: pytest.LogCaptureFixture
) -> None:
    """One `ER` and one line in the security log for what was dropped; a good frame after it is answered."""
    caplog.set_level(logging.WARNING, "openclets.security")
    make_keys(directory)

    async def whole() -> tuple[list[str], list[str]]:
        async with served(people, directory) as network, lines_of(network, people, directory) as lines:
            file = await lines.enroll(f"WRONG{row.id}")
            adapter = LegacyAdapter(file, counted=False)
            await adapter.begin("127.0.0.1", 0)
            running = asyncio.ensure_future(adapter.run())
            reader, writer = await asyncio.open_connection("127.0.0.1", adapter.port)
            sent = row.text.replace("CA0010000", "CA9010100").encode()
            writer.write(sent + encode_legacy(b"QPS.LIC/0SYN001.RSN/PROBE", counted=False))
            frames, heard = LegacyReader(counted=False), []
            async with asyncio.timeout(30):
                while len(heard) < 2 + len(ANSWERED_BY[row.id]):
                    read = frames.feed(await reader.read(4096))
                    heard += [text.decode() for text in read.texts]
            writer.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await adapter.end()
            kept = lines.rows("SELECT ref FROM line.inbox WHERE line = %s", f"WRONG{row.id}")
            return heard, [ref for (ref,) in kept]

    with outside(directory):
        heard, kept = asyncio.run(whole())
    number = catalogue()["LINE_FRAME"].keyed
    assert len([text for text in heard if text.startswith(f"ER {number}")]) == 1
    assert len([text for text in heard if "TRANSACTION " in text and "FINAL" in text]) == 1
    assert len(kept) == 1 + len(ANSWERED_BY[row.id]), "each whole frame exactly once"
    assert len([r for r in caplog.records if "frame was dropped" in r.message]) == 1
    assert row.our_codes == frozenset({"LINE_FRAME"})


@pytest.mark.parametrize("row", ["B005", "B006"])
def test_how_bytes_are_cut_on_the_way_changes_nothing(people: Database, directory: Path, row: str) -> None:
    """One byte a segment is put together and answered once; two messages in one segment are both answered."""
    make_keys(directory)
    messages = [message(1, PLATE, "FIRST"), message(2, PLATE, "SECOND")][: 1 if row == "B005" else 2]

    async def whole() -> list[str]:
        async with served(people, directory) as network, lines_of(network, people, directory) as lines:
            file = await lines.enroll(f"CUT{row}")
            async with let_in(file) as one:
                text = b"".join(encode(frame) for frame in messages)
                size = 1 if row == "B005" else len(text)
                for at in range(0, len(text), size):
                    await one.raw(text[at : at + size])
                    await asyncio.sleep(0.002)
                acks = [(await one.next(FrameType.ACK)).ref for _ in messages]
                answers = [(await one.next(FrameType.DATA)).ref for _ in messages]
                with pytest.raises(TimeoutError):
                    await one.next(FrameType.ACK, wait_s=0.3)
            assert acks == [frame.ref for frame in messages]
            return answers

    with outside(directory):
        assert sorted(asyncio.run(whole())) == sorted(frame.ref for frame in messages)


def test_the_rows_are_there() -> None:
    """The choice above must not silently choose nothing, and no row of framing has no runner."""
    assert {row.id for row in MARKED} == set(ANSWERED_BY)
    assert {row.id for row in FRAMING} == {*ANSWERED_BY, "B005", "B006"}


def test_the_code_of_framing_is_matched() -> None:
    """The corpus' word for it has one code of ours."""
    assert codes()["code"]["SW-FRAME"] == ["LINE_FRAME"]
    assert STX == b"\x02"
