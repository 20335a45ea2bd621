"""The fault proxy does to a line what it is told, and to a line that is told nothing, nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faultproxy.faults import Fault, Manners, Unreadable, parse
from faultproxy.proxy import FaultProxy

TESTS = Path(__file__).parents[1]
Story = Callable[[FaultProxy], Awaitable[None]]


def tell(story: Story, words: str = "", *, listen: str = "127.0.0.1:0", seed: int = 1) -> None:
    """Run a story over a proxy in front of a server that sends back each line it gets."""

    async def whole() -> None:
        server = await asyncio.start_server(_echo, "127.0.0.1", 0)
        to = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with FaultProxy(listen, to, parse(words), seed=seed) as proxy:
            await asyncio.wait_for(story(proxy), 20)
        server.close()

    asyncio.run(whole())


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while line := await reader.readline():
            writer.write(line)
    writer.close()


async def connected(proxy: FaultProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if "/" in proxy.address:
        return await asyncio.open_unix_connection(proxy.address)
    host, _, port = proxy.address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def said(proxy: FaultProxy, text: bytes, *, patience_s: float = 0.4) -> bytes:
    """All that comes back for `text` until the line ends or nothing more comes."""
    reader, writer = await connected(proxy)
    writer.write(text)
    heard = b""
    with suppress(TimeoutError, ConnectionError):
        while block := await asyncio.wait_for(reader.read(4096), patience_s):
            heard += block
    writer.close()
    return heard


@settings(max_examples=20)
@given(st.binary(max_size=2000))
def test_a_line_that_is_told_nothing_changes_nothing(text: bytes) -> None:
    """Bytes come back as they went, and the end is passed on."""

    async def story(proxy: FaultProxy) -> None:
        reader, writer = await connected(proxy)
        writer.write(text + b"\n")
        writer.write_eof()
        assert await reader.read() == text + b"\n"
        writer.close()

    tell(story)


def test_a_delay_is_waited_for() -> None:
    """Nothing comes before its time; it is the server's answer that waits."""

    async def story(proxy: FaultProxy) -> None:
        began = time.monotonic()
        assert await said(proxy, b"a\n", patience_s=3) == b"a\n"
        assert time.monotonic() - began >= 0.25

    tell(story, "down:delay=0.3~0.05")


@pytest.mark.parametrize("words", ["up:drop", "down:drop"])
def test_what_is_dropped_never_comes_and_nobody_is_told(words: str) -> None:
    """The line stays open and silent."""

    async def story(proxy: FaultProxy) -> None:
        reader, writer = await connected(proxy)
        writer.write(b"a\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.3)
        assert not reader.at_eof()
        writer.close()

    tell(story, words)


def test_a_reset_is_an_error_and_not_an_end() -> None:
    """The other side's abrupt end reaches whoever asked."""

    async def story(proxy: FaultProxy) -> None:
        reader, writer = await connected(proxy)
        writer.write(b"a\n")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(1), 2)

    tell(story, "down:reset")


def test_a_cut_lets_so_many_bytes_through() -> None:
    """Exactly n, then the end."""

    async def story(proxy: FaultProxy) -> None:
        assert await said(proxy, b"0123456789\n") == b"0123"

    tell(story, "down:cut=4")


def test_a_half_open_line_hides_that_the_server_has_gone() -> None:
    """Who asked sees an open line; the server lost its own end."""

    async def story(proxy: FaultProxy) -> None:
        reader, writer = await connected(proxy)
        writer.write(b"a\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.3)
        writer.write(b"b\n")
        await writer.drain()
        assert not reader.at_eof()
        writer.close()

    tell(story, "up:half_open")


def test_a_drip_comes_byte_by_byte() -> None:
    """Whole in the end, at its pace."""

    async def story(proxy: FaultProxy) -> None:
        began = time.monotonic()
        assert await said(proxy, b"0123456789\n") == b"0123456789\n"
        assert time.monotonic() - began > 0.15

    tell(story, "down:drip=50")


def test_a_duplicate_is_the_block_twice() -> None:
    """With certainty where the chance is one."""

    async def story(proxy: FaultProxy) -> None:
        assert await said(proxy, b"a\n") == b"a\na\n"

    tell(story, "down:duplicate=1")


def test_a_reordered_block_is_overtaken_by_the_next() -> None:
    """And comes alone where none overtakes it."""

    async def story(proxy: FaultProxy) -> None:
        reader, writer = await connected(proxy)
        writer.write(b"first\n")
        await asyncio.sleep(0.08)
        writer.write(b"second\n")
        assert await reader.readexactly(13) == b"second\nfirst\n"
        writer.write(b"alone\n")
        assert await asyncio.wait_for(reader.readexactly(6), 2) == b"alone\n"
        writer.close()

    tell(story, "down:reorder=1")


def test_one_bit_of_a_corrupt_block_differs_and_a_seed_says_which() -> None:
    """The same seed spoils the same bit."""
    heard: list[bytes] = []

    async def story(proxy: FaultProxy) -> None:
        heard.append(await said(proxy, b"0123456789\n"))

    for seed in (7, 7, 8):
        tell(story, "down:corrupt=1", seed=seed)
    first, again, other = (int.from_bytes(h) ^ int.from_bytes(b"0123456789\n") for h in heard)
    assert first == again != other
    assert first.bit_count() == other.bit_count() == 1


def test_a_crossed_answer_reaches_somebody_else() -> None:
    """What one asked, the other hears."""

    async def story(proxy: FaultProxy) -> None:
        asker, to = await connected(proxy)
        other, other_to = await connected(proxy)
        await asyncio.sleep(0.05)
        to.write(b"mine\n")
        assert await asyncio.wait_for(other.readline(), 2) == b"mine\n"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asker.read(1), 0.1)
        to.close()
        other_to.close()

    tell(story, "down:cross=1")


def test_manners_change_while_a_line_lives() -> None:
    """From the next block on."""

    async def story(proxy: FaultProxy) -> None:
        reader, writer = await connected(proxy)
        writer.write(b"a\n")
        assert await reader.readline() == b"a\n"
        proxy.set("down:drop")
        writer.write(b"b\n")
        await asyncio.sleep(0.2)
        proxy.set("")
        writer.write(b"c\n")
        assert await reader.readline() == b"c\n"
        proxy.cut()
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        assert await said(proxy, b"d\n") == b""
        proxy.set("")
        assert await said(proxy, b"e\n") == b"e\n"

    tell(story)


def test_it_carries_over_a_unix_socket_too(directory: Path) -> None:
    """As PostgreSQL listens here."""

    async def story(proxy: FaultProxy) -> None:
        assert await said(proxy, b"a\n") == b"a\n"

    tell(story, listen=str(directory / "line.sock"))


def test_faults_are_read_as_they_are_written() -> None:
    """Both directions, several members, and back to none."""
    manners = parse("down:delay=0.5~0.2,drip=100 up:drop")
    assert manners == Manners(Fault(drop=True), Fault(delay=0.5, jitter=0.2, drip=100))
    assert parse("clear", manners) == Manners()
    assert parse("refuse", manners).refuse


@pytest.mark.parametrize(
    "words", ["drop", "down:", "sideways:drop", "down:drop=1", "down:cut", "down:cut=x", "up:drip=-1"]
)
def test_what_is_no_fault_is_named(words: str) -> None:
    """A slip of the pen never runs as a line that is well."""
    with pytest.raises(Unreadable):
        parse(words)


def test_the_command_carries_and_obeys() -> None:
    """It prints where it listens, takes faults, and changes them by what is typed."""
    command = [sys.executable, "-m", "faultproxy", "--listen", "127.0.0.1:0", "--fault", "down:cut=2"]

    async def story(proxy: FaultProxy) -> None:
        process = subprocess.Popen(
            [*command, "--to", proxy.address],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            through = FaultProxy("", "")
            through.address = (await asyncio.to_thread(process.stdout.readline)).strip()
            assert await said(through, b"abc\n") == b"ab"
            print("clear", file=process.stdin, flush=True)
            await asyncio.sleep(0.3)
            assert await said(through, b"abc\n") == b"abc\n"
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    tell(story)
    wrong = subprocess.run(
        [*command, "--to", "x:1", "--fault", "down:miracle"], cwd=TESTS, capture_output=True, text=True
    )
    assert wrong.returncode == 2 and "is no fault" in wrong.stderr
