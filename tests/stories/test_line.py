"""A dispatch system's day on the line: the same answers as over HTTP, each once, through whatever goes wrong.

Real TLS, PostgreSQL and HTTP in one process; `test_line_killed.py` kills the processes.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from line.lines import HOST, PLATE, SHORT, Lines, lines_of
from line.peer import let_in, message, peer, why
from openclets.directory.operator import Operator
from openclets.foundation.database import Database
from openclets.foundation.errors import BadInput, Refused, Unavailable
from openclets.line.certificates import training_certificate
from openclets.line.client import connect
from openclets.line.frames import Frame, FrameType, encode
from openclets.line.hello import HelloOk, No
from openclets.line.limits import Limits
from openclets.line.memory import LineMemory
from openclets.line.tls import line_context
from stories.served import COLLEAGUE, DESK, OFFICER, UNTIL, fill_directory, make_keys, outside, served

SYSTEM = Operator("CADSYS", OFFICER.agency_ori, "Dispatch system", "machine", UNTIL)
WANTED = "QW.NAM/DOE,SAM.DOB/19790101.RSN/PERSON CHECK"


@pytest.fixture
def people(new_database: Callable[[], Database]) -> Database:
    """A database of its own for each story, for lines go on counting: an agency and its operators."""
    database = new_database()
    fill_directory(database)
    return database


def tell(
    database: Database,
    folder: Path,
    story: Callable[[Lines], Awaitable[None]],
    limits: Limits = SHORT,
    **manners: Any,
) -> None:
    """Run a story over a network with a listener, one enrolled line among it."""
    make_keys(folder)

    async def whole() -> None:
        async with served(database, folder) as network, lines_of(network, database, folder, limits) as lines:
            await lines.enroll("SPDLINE")
            async with asyncio.timeout(120):
                await story(lines)

    with outside(folder, **manners):
        asyncio.run(whole())


def bare(text: str) -> str:
    """An answer without what differs from look-up to look-up: reference, time, place in the log."""
    return re.sub(r"\*REF\w+|DATE:\S+ TIME:\S+|ENTRY \d+ SHA256 \w+|TRANSACTION \S+", "", text)


def kinds(lines: Lines, kind: str) -> int:
    """How many entries of a kind there are."""
    return int(lines.rows("SELECT count(*) FROM journal.entry WHERE kind = %s", kind)[0][0])


async def emptied(lines: Lines, line: str = "SPDLINE") -> None:
    """Wait until nothing is owed to a line."""
    async with asyncio.timeout(20):
        while lines.rows("SELECT seq FROM line.outbox WHERE line = %s", line):
            await asyncio.sleep(0.02)


def test_a_plate_asked_by_line_gets_the_answer_of_keyed_text(people: Database, directory: Path) -> None:
    """One corridor, one answer, whatever the way in; and the entries are the same."""

    async def story(lines: Lines) -> None:
        before = kinds(lines, "ReplyReleased")
        headers = {**lines.network.bearer(), "content-type": "text/plain"}
        over_http = await lines.network.http.post("/api/v1/messages", content=PLATE, headers=headers)
        async with lines.connected("SPDLINE") as line:
            over_line = await line.ask(PLATE, "R1")
        assert over_line.ref == "R1" and over_line.final
        assert bare(over_line.text) == bare(over_http.text)
        assert over_http.headers["openclets-final"] == "true"
        assert kinds(lines, "ReplyReleased") == before + 2
        transactions = re.findall(r"TRANSACTION (\S+)", over_line.text)
        assert await lines.network.kinds(transactions[0]) == ["InquiryPermitted", "ReplyReleased"]

    tell(people, directory, story)


def test_the_same_inquiry_as_json_gets_the_answer_of_the_json_door(people: Database, directory: Path) -> None:
    """Skin `json`: the body of `POST /api/v1/inquiries`, and its answer."""

    async def story(lines: Lines) -> None:
        body = {"message_key": "QPS", "fields": {"LIC": "0SYN001", "LIS": "CA"}, "reason": "traffic stop"}
        over_http = (await lines.network.ask(body)).json()
        async with connect(lines.file("SPDLINE", skin="json")) as line:
            answer = await line.ask(httpx.Request("POST", "http://x", json=body).read().decode(), "J1")
            twice = await line.ask('{"message_key":"RQ","message_key":"RQ","fields":{}}', "J2")
        over_line = msgspec_json(answer.text)
        assert [(leg["system"], leg["state"]) for leg in over_line["legs"]] == [
            (leg["system"], leg["state"]) for leg in over_http["legs"]
        ]
        assert msgspec_json(twice.text)["error"]["code"] == "JSON_DUPLICATE_MEMBER"

    tell(people, directory, story)


def msgspec_json(text: str) -> Any:
    """JSON as plain values."""
    return httpx.Response(200, text=text).json()


def test_a_frame_delivered_twice_is_one_transaction(people: Database, directory: Path) -> None:
    """A duplicate (line, seq) is dropped and acknowledged again: at once, later, on another connection."""

    async def story(lines: Lines) -> None:
        before = kinds(lines, "InquiryPermitted")
        file, frame = lines.file("SPDLINE"), message(1, PLATE)
        async with let_in(file) as one:
            await one.send(frame, frame)
            assert [(await one.next(FrameType.ACK)).seq for _ in range(2)] == [1, 1]
            answer = await one.next(FrameType.DATA)
            await one.send(frame)
            assert (await one.next(FrameType.ACK)).seq == 1
            await one.send(Frame(FrameType.ACK, answer.seq, answer.ref))
            await emptied(lines)
        async with let_in(file) as two:
            await two.send(frame)
            assert (await two.next(FrameType.ACK)).seq == 1
            with pytest.raises(TimeoutError):
                await two.next(FrameType.DATA, wait_s=0.5)
        assert kinds(lines, "InquiryPermitted") == before + 1

    tell(people, directory, story)


def test_a_number_used_for_another_message_ends_the_connection(people: Database, directory: Path) -> None:
    """It is no duplicate: were it dropped, an inquiry would be lost without a word."""

    async def story(lines: Lines) -> None:
        async with let_in(lines.file("SPDLINE")) as one:
            await one.send(message(1, PLATE))
            await one.next(FrameType.ACK)
            await one.send(message(1, WANTED, "R1"))
            heard = await one.until_closed()
            assert why(next(f for f in heard if f.type is FrameType.ERR)) == "LINE_SEQUENCE"

    tell(people, directory, story)


def test_an_answer_nobody_acknowledged_comes_again(people: Database, directory: Path) -> None:
    """After the resend time with the same number, and on the next connection; acknowledged, it is gone."""

    async def story(lines: Lines) -> None:
        async with let_in(lines.file("SPDLINE")) as one:
            await one.send(message(1, PLATE))
            first = await one.next(FrameType.DATA)
            again = await one.next(FrameType.DATA)
            assert again == first
        async with let_in(lines.file("SPDLINE")) as two:
            assert await two.next(FrameType.DATA) == first
            await two.send(Frame(FrameType.ACK, first.seq, first.ref))
            await emptied(lines)
        async with let_in(lines.file("SPDLINE")) as three:
            with pytest.raises(TimeoutError):
                await three.next(FrameType.DATA, wait_s=0.5)
        sealed = lines.rows("SELECT sealed FROM line.inbox WHERE line = 'SPDLINE'")
        assert [row[0] for row in sealed] == [None], "nothing of it stays behind"

    tell(people, directory, story)


def test_what_a_line_says_it_has_is_not_sent_again(people: Database, directory: Path) -> None:
    """`last_seq_received` acknowledges everything up to it; less than that is sent again; more is refused."""

    async def story(lines: Lines) -> None:
        file = lines.file("SPDLINE")
        async with let_in(file) as one:
            await one.send(*(message(n, PLATE) for n in (1, 2, 3)))
            answers = sorted([(await one.next(FrameType.DATA)).seq for _ in range(3)])
            assert answers == [1, 2, 3]
        async with let_in(file, last_seq_received=2) as two:
            assert (await two.next(FrameType.DATA)).seq == 3
            await two.send(Frame(FrameType.ACK, 3, "R3"))
            await emptied(lines)
        async with peer(file) as three:
            no = await three.hello("SPDLINE", last_seq_received=99)
            assert isinstance(no, No) and no.code == "LINE_SEQUENCE" and "99" in no.message
        async with let_in(file, last_seq_received=1) as four:
            # It has forgotten what it acknowledged; what was deleted then cannot come again.
            with pytest.raises(TimeoutError):
                await four.next(FrameType.DATA, wait_s=0.5)

    tell(people, directory, story)


def test_messages_are_taken_in_order_without_a_gap(people: Database, directory: Path) -> None:
    """Number 3 before 2 is not taken: NAK, with when to come again. In order both are."""

    async def story(lines: Lines) -> None:
        async with let_in(lines.file("SPDLINE")) as one:
            await one.send(message(1, PLATE), message(3, PLATE))
            assert (await one.next(FrameType.ACK)).seq == 1
            nak = await one.next(FrameType.NAK)
            assert (nak.seq, why(nak)) == (3, "LINE_GAP")
            await one.send(message(2, PLATE), message(3, PLATE))
            assert [(await one.next(FrameType.ACK)).seq for _ in range(2)] == [2, 3]
            assert {(await one.next(FrameType.DATA)).ref for _ in range(3)} == {"R1", "R2", "R3"}

    tell(people, directory, story)


def test_a_line_that_takes_no_answers_is_told_to_wait(people: Database, directory: Path) -> None:
    """The window is bounded on both sides: NAK LINE_BUSY until answers are acknowledged."""

    async def story(lines: Lines) -> None:
        async with let_in(lines.file("SPDLINE")) as one:
            await one.send(*(message(n, PLATE) for n in range(1, 9)))
            acks = [(await one.next(FrameType.ACK)).seq for _ in range(4)]
            naks = [await one.next(FrameType.NAK) for _ in range(4)]
            assert acks == [1, 2, 3, 4]
            assert [(nak.seq, why(nak)) for nak in naks] == [(n, "LINE_BUSY") for n in (5, 6, 7, 8)]
            answers = [await one.next(FrameType.DATA) for _ in range(4)]
            await one.send(message(5, PLATE))
            assert (await one.next(FrameType.NAK)).seq == 5
            await one.send(*(Frame(FrameType.ACK, each.seq, each.ref) for each in answers))
            await emptied(lines)
            await one.send(message(5, PLATE))
            assert (await one.next(FrameType.ACK)).seq == 5
            assert (await one.next(FrameType.DATA)).ref == "R5"

    tell(people, directory, story, replace(SHORT, window=4))


def test_a_client_of_ours_gets_everything_through_a_small_window(people: Database, directory: Path) -> None:
    """More messages than the window has room for: each is answered, once, in whatever order answers come."""

    async def story(lines: Lines) -> None:
        async with lines.connected("SPDLINE") as line:
            refs = [f"A{n}" for n in range(20)]
            sending = asyncio.gather(*(line.send(PLATE, ref) for ref in refs))
            heard = []
            while len(heard) < len(refs):
                answer = await line.answer()
                heard.append(answer.ref)
                line.acknowledge(answer)
            await sending
            assert sorted(heard) == sorted(refs)

    tell(people, directory, story, replace(SHORT, window=4))


def test_a_slow_source_is_followed_by_later_answers_under_the_same_reference(
    people: Database, directory: Path
) -> None:
    """The first parts leave in time and say that more is to come; what comes later is a frame of its own."""

    async def story(lines: Lines) -> None:
        async with lines.connected("SPDLINE") as line:
            first = await line.ask(WANTED, "W1")
            assert not first.final and "STILL WAITING" in first.text
            later = await line.answer("W1")
            line.acknowledge(later)
            while not later.final:
                later = await line.answer("W1")
                line.acknowledge(later)
            assert "STILL WAITING" not in later.text
            assert "NATIONAL WANTED PERSONS (ncic.wanted_person): HIT" in later.text.upper().replace(
                "NCIC.WANTED_PERSON", "ncic.wanted_person"
            )
        await emptied(lines)

    tell(people, directory, story, delay_ms=900)


def test_later_answers_come_after_the_listener_was_started_again(people: Database, directory: Path) -> None:
    """A message that was answered in part is followed on; parts that were kept do not come twice."""
    make_keys(directory)

    async def whole() -> None:
        async with served(people, directory) as network:
            async with lines_of(network, people, directory) as lines:
                await lines.enroll("SPDLINE")
                async with lines.connected("SPDLINE") as line:
                    first = await line.ask(WANTED, "W1")
                    assert not first.final
            async with lines_of(network, people, directory) as lines:
                heard = [first.text]
                async with lines.connected("SPDLINE") as line, asyncio.timeout(30):
                    while not heard[-1].rstrip().endswith("FINAL"):
                        answer = await line.answer("W1")
                        line.acknowledge(answer)
                        heard.append(answer.text)
                assert len(heard) == len(set(heard))

    with outside(directory, delay_ms=1000):
        asyncio.run(whole())


def test_while_the_network_is_away_messages_wait(people: Database, directory: Path) -> None:
    """Acknowledged means kept: the answer comes once the network is back, and once only."""
    make_keys(directory)

    async def whole() -> None:
        async with served(people, directory) as network:
            nowhere = "http://127.0.0.1:9"
            async with lines_of(network, people, directory, base=nowhere) as lines:
                await lines.enroll("SPDLINE")
                async with lines.connected("SPDLINE") as line:
                    await line.send(PLATE, "R1")
                    with pytest.raises(TimeoutError):
                        async with asyncio.timeout(1):
                            await line.answer("R1")
            async with lines_of(network, people, directory) as lines:
                async with lines.connected("SPDLINE") as line, asyncio.timeout(20):
                    answer = await line.answer("R1")
                    line.acknowledge(answer)
                    assert answer.final
                await emptied(lines)

    with outside(directory):
        asyncio.run(whole())


def test_messages_not_acknowledged_go_again_on_the_next_connection(people: Database, directory: Path) -> None:
    """A client with a memory sends them under their numbers; the network knows those it has."""

    async def story(lines: Lines) -> None:
        before = kinds(lines, "InquiryPermitted")
        memory = LineMemory()
        async with lines.connected("SPDLINE", memory=memory) as line:
            sending = asyncio.ensure_future(line.send(PLATE, "R1"))
            await asyncio.sleep(0)
            line._writer.transport.abort()
            with pytest.raises(Unavailable):
                await sending
            assert list(memory.pending) == [1]
        async with lines.connected("SPDLINE", memory=memory) as line:
            answer = await line.answer("R1")
            line.acknowledge(answer)
            await memory_is_empty(memory)
        assert kinds(lines, "InquiryPermitted") == before + 1

    tell(people, directory, story)


async def memory_is_empty(memory: LineMemory) -> None:
    """Wait until every message is acknowledged."""
    async with asyncio.timeout(10):
        while memory.pending:
            await asyncio.sleep(0.02)


def test_a_system_asks_for_the_operator_its_header_names(people: Database, directory: Path) -> None:
    """A machine's line: the operator is checked as if present; without one the network refuses."""

    async def story(lines: Lines) -> None:
        from openclets.directory.enroll import enroll_operator
        from openclets.directory.store import DirectoryStore

        store, running = DirectoryStore(lines.database), lines.network.running
        await enroll_operator(running.network.journal, store, SYSTEM, by="story", reason="a story")
        await store.close()
        async with asyncio.timeout(10):
            while SYSTEM.id not in running.directory.current().operators:
                await asyncio.sleep(0.02)
        await lines.enroll("SPDCAD", SYSTEM, machine=True)
        async with lines.connected("SPDCAD") as line:
            named = await line.ask(f"{DESK.mnemonic}.CAD77.{OFFICER.id}.{PLATE}", "C1")
            unnamed = await line.ask(PLATE, "C2")
            nobody = await line.ask(f"{DESK.mnemonic}.CAD78.NOBODY1.{PLATE}", "C3")
        assert named.text.startswith("*CAD77\n") and named.final and "ER ." not in named.text
        assert "on_behalf_of" in unnamed.text
        assert nobody.text.startswith("*CAD78\nER .53.")
        asked = lines.rows("SELECT operator_id FROM journal.entry WHERE kind = 'InquiryPermitted'")
        assert asked == [(OFFICER.id,)]

    tell(people, directory, story)


def test_only_the_line_a_certificate_is_enrolled_for_is_let_in(people: Database, directory: Path) -> None:
    """Another line's certificate, one nobody enrolled, and a name nobody has: one wording, and an entry."""

    async def story(lines: Lines) -> None:
        await lines.enroll("SPDTWO", COLLEAGUE)
        before = kinds(lines, "LineRefused")
        wordings = set()
        for line, holder in (("SPDLINE", "SPDTWO"), ("SPDLINE", "STRANGER"), ("NOSUCH", "SPDLINE")):
            with pytest.raises(Refused) as caught:
                async with connect(lines.file(line, certificate_of=holder)):
                    pass
            assert caught.value.code == "NOT_AUTHENTICATED"
            wordings.add(caught.value.message)
        assert len(wordings) == 1
        async with asyncio.timeout(10):
            while kinds(lines, "LineRefused") < before + 3:
                await asyncio.sleep(0.05)

    tell(people, directory, story)


def test_without_a_certificate_of_the_authority_there_is_no_connection(
    people: Database, directory: Path
) -> None:
    """None, one of another authority, and TLS 1.2: nothing is said to any of them."""

    async def story(lines: Lines) -> None:
        file = lines.file("SPDLINE")
        other = directory / "other"
        training_certificate(other, "SPDLINE", datetime.now(UTC))
        strange = line_context(other / "SPDLINE.pem", other / "SPDLINE.key", file.path(file.authority))
        none = ssl.create_default_context(cafile=str(file.path(file.authority)))
        old = ssl.create_default_context(cafile=str(file.path(file.authority)))
        old.load_cert_chain(file.path(file.certificate), file.path(file.key))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        for context in (strange, none, old):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                reader, writer = await asyncio.open_connection(
                    HOST, file.port, ssl=context, server_hostname=HOST
                )
                writer.write(encode(Frame(FrameType.HELLO, payload=b'{"line":"SPDLINE","software":"x"}')))
                if not await reader.read(1):
                    raise ConnectionError
                raise AssertionError("something was answered")
        reader, writer = await asyncio.open_connection(HOST, file.port)
        writer.write(encode(Frame(FrameType.HELLO, payload=b'{"line":"SPDLINE","software":"x"}')))
        assert FrameType.HELLO_OK.to_bytes() not in (await reader.read(100))[3:4]
        writer.close()

    tell(people, directory, story)


def test_a_line_that_is_withdrawn_is_cut_off_and_not_let_in_again(people: Database, directory: Path) -> None:
    """Within two seconds, with the reason. Enrolled anew it goes on counting."""

    async def story(lines: Lines) -> None:
        await lines.enroll("SPDEND", COLLEAGUE)
        async with let_in(lines.file("SPDEND")) as one:
            await one.send(message(1, PLATE))
            answer = await one.next(FrameType.DATA)
            await one.send(Frame(FrameType.ACK, answer.seq, answer.ref))
            await lines.withdraw("SPDEND")
            heard = await one.until_closed(wait_s=3)
            assert why(heard[-1]) == "LINE_WITHDRAWN"
        with pytest.raises(Refused) as caught:
            async with lines.connected("SPDEND"):
                pass
        assert caught.value.code == "LINE_WITHDRAWN"
        await lines.enroll("SPDEND", COLLEAGUE)
        async with lines.connected("SPDEND") as line:
            assert line.ok.last_seq_received == 1
            assert (await line.ask(PLATE, "R2")).final
        with pytest.raises(BadInput):
            await lines.withdraw("NOSUCH")

    tell(people, directory, story)


def test_a_newer_connection_of_a_line_closes_the_older(people: Database, directory: Path) -> None:
    """One connection a line: the older is told so, the newer is served; nothing in between is lost."""

    async def story(lines: Lines) -> None:
        file = lines.file("SPDLINE")
        async with let_in(file) as one:
            await one.send(message(1, PLATE))
            async with let_in(file) as two:
                heard = await one.until_closed(wait_s=5)
                assert why(heard[-1]) == "LINE_REPLACED"
                await two.send(message(1, PLATE), message(2, PLATE))
                assert [(await two.next(FrameType.ACK)).seq for _ in range(2)] == [1, 2]
                assert {(await two.next(FrameType.DATA)).ref for _ in range(2)} == {"R1", "R2"}

    tell(people, directory, story)


def test_one_certificate_is_one_line(people: Database, directory: Path) -> None:
    """Enrolling it for a second line is turned down, and so is a line for nobody."""

    async def story(lines: Lines) -> None:
        from openclets.foundation.clock import SystemClock
        from openclets.line.enrolled import read_enrolment
        from openclets.line.enrolling import enroll

        made = training_certificate(lines.certificates, "SPDLINE", datetime.now(UTC))
        for name, fingerprint, operator, machine in (
            ("SECOND", made.fingerprint, OFFICER.id, False),
            ("THIRD", "ab" * 32, "NOBODY1", False),
            ("FOURTH", "cd" * 32, OFFICER.id, True),
        ):
            wanted = read_enrolment(name, fingerprint, operator, DESK.mnemonic, machine=machine, images=False)
            with pytest.raises(BadInput):
                await enroll(lines.database, SystemClock(), wanted, by="story", reason="a story")
        assert lines.rows("SELECT count(*) FROM line.line WHERE id IN ('SECOND', 'THIRD', 'FOURTH')") == [
            (0,)
        ]

    tell(people, directory, story)


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 4096, b"CX\x02\x10", encode(message(1, PLATE))[:-1] + b"\x00"],
    ids=["http", "zeros", "version", "crc"],
)
def test_bytes_that_are_no_frame_end_the_connection_and_nothing_else(
    people: Database, directory: Path, garbage: bytes
) -> None:
    """Before HELLO and after it: an ERR that says why, a closed connection, and other lines go on."""

    async def story(lines: Lines) -> None:
        file = lines.file("SPDLINE")
        async with peer(file) as early:
            await early.raw(garbage)
            heard = await early.until_closed(wait_s=5)
            assert [why(frame) for frame in heard] == ["LINE_FRAME"]
        async with let_in(file) as late:
            await late.raw(garbage)
            heard = await late.until_closed(wait_s=5)
            assert why(heard[-1]) == "LINE_FRAME"
        async with lines.connected("SPDLINE") as line:
            assert (await line.ask(PLATE, "R1")).final

    tell(people, directory, story)


def test_a_message_that_is_too_long_is_refused_by_its_length(people: Database, directory: Path) -> None:
    """64 KiB on an ordinary line, 4 MiB where images are enrolled; said before the payload is read."""

    async def story(lines: Lines) -> None:
        await lines.enroll("SPDPICS", COLLEAGUE, images=True)
        most = lines.limits.payload_bytes_max
        async with let_in(lines.file("SPDLINE")) as one:
            await one.raw(encode(message(1, "x" * (most + 1)))[:64])
            heard = await one.until_closed(wait_s=5)
            assert why(heard[-1]) == "LINE_FRAME"
        async with let_in(lines.file("SPDPICS")) as two:
            await two.send(message(1, "x" * (most + 1)))
            assert (await two.next(FrameType.ACK)).seq == 1
            assert (await two.next(FrameType.DATA)).payload.startswith(b"ER .")
        async with lines.connected("SPDLINE") as line:
            with pytest.raises(BadInput):
                await line.send("x" * (most + 1), "R1")
        text = PLATE + "." + "X" * (most - len(PLATE) - 1)
        async with lines.connected("SPDLINE") as line:
            assert (await line.ask(text, "R2")).text.startswith("ER .")

    tell(people, directory, story)


def test_a_silent_line_is_asked_and_then_given_up(people: Database, directory: Path) -> None:
    """PING, no answer, and the connection is cut; a line that answers stays."""

    async def story(lines: Lines) -> None:
        await lines.enroll("SPDLIVE", COLLEAGUE)
        async with lines.connected("SPDLIVE") as alive, let_in(lines.file("SPDLINE")) as silent:
            assert (await silent.next(FrameType.PING)).type is FrameType.PING
            await silent.send(Frame(FrameType.PING, 7, "P"))
            pong = await silent.next(FrameType.PONG)
            assert (pong.seq, pong.ref) == (7, "P")
            heard = await silent.until_closed(wait_s=10)
            assert {frame.type for frame in heard} <= {FrameType.PING}
            assert (await alive.ask(PLATE, "R1")).final

    tell(people, directory, story, replace(SHORT, ping_idle_s=0.3, dead_s=1.2))


def test_who_never_says_hello_is_cut_off(people: Database, directory: Path) -> None:
    """Nobody holds a place without saying who they are."""

    async def story(lines: Lines) -> None:
        async with peer(lines.file("SPDLINE")) as one:
            assert await one.until_closed(wait_s=5) == []

    tell(people, directory, story, replace(SHORT, hello_s=0.5))


def test_a_second_listener_waits_for_the_first(people: Database, directory: Path) -> None:
    """Two would ask the network for one inbox; the second takes over when the first has ended."""
    make_keys(directory)

    async def whole() -> None:
        async with served(people, directory) as network:
            second: asyncio.Task[bool]
            async with lines_of(network, people, directory):

                async def wait() -> bool:
                    async with lines_of(network, people, directory) as lines:
                        await lines.enroll("SPDLINE")
                        async with lines.connected("SPDLINE") as line:
                            return (await line.ask(PLATE, "R1")).final

                second = asyncio.ensure_future(wait())
                await asyncio.sleep(1)
                assert not second.done()
            assert await asyncio.wait_for(second, 20)

    with outside(directory):
        asyncio.run(whole())


def test_nothing_of_a_message_lies_in_clear(people: Database, directory: Path) -> None:
    """Inbox and outbox are sealed: a copy of the tables holds no plate."""

    async def story(lines: Lines) -> None:
        async with let_in(lines.file("SPDLINE")) as one:
            await one.send(message(1, PLATE))
            await one.next(FrameType.DATA)
            rows = lines.rows("SELECT sealed FROM line.outbox UNION ALL SELECT sealed FROM line.inbox")
            rows += lines.rows("SELECT token FROM line.line")
            assert rows and not [row for (row,) in rows if row and (b"0SYN001" in row or b"oc_" in row)]

    tell(people, directory, story)


def test_the_handshake_tells_what_the_line_needs(people: Database, directory: Path) -> None:
    """HELLO-OK: where the line stands, and the figures it has to keep to."""

    async def story(lines: Lines) -> None:
        async with peer(lines.file("SPDLINE")) as one:
            ok = await one.hello("SPDLINE")
            assert isinstance(ok, HelloOk)
            assert (ok.last_seq_received, ok.last_seq_sent) == (0, 0)
            assert (ok.window, ok.payload_max) == (64, 65_536)
        async with peer(lines.file("SPDLINE")) as two:
            no = await two.hello("SPDLINE", skin="xml")
            assert isinstance(no, No) and "skin" in no.message

    make = SHORT
    tell(people, directory, story, make)
