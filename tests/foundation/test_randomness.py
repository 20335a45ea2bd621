"""Randomness drawn in blocks."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from openclets.foundation.randomness import BLOCK_BYTES, BufferedRandomness


def test_every_byte_is_given_once_and_in_full() -> None:
    """Pieces of any length have that length, and two threads never get the same one."""
    random = BufferedRandomness()
    assert [len(random(length)) for length in (0, 1, BLOCK_BYTES, 5)] == [0, 1, BLOCK_BYTES, 5]
    with ThreadPoolExecutor(4) as threads:
        pieces = list(threads.map(random, [16] * 20_000))
    assert len(set(pieces)) == len(pieces)


def test_what_is_given_is_what_the_source_gave() -> None:
    """Nothing is left out or used again where one block ends and the next begins."""
    drawn: list[bytes] = []

    def source(length: int) -> bytes:
        drawn.append(os.urandom(length))
        return drawn[-1]

    random = BufferedRandomness(source)
    given = b"".join(random(1024) for _ in range(BLOCK_BYTES // 1024 * 2))
    assert given == b"".join(drawn)


def test_a_forked_process_draws_afresh() -> None:
    """Parent and child never give out the same bytes."""
    random = BufferedRandomness()
    random(1)
    inward, outward = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        os.write(outward, random(64))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(inward, 64) != random(64)
    os.close(inward)
    os.close(outward)
