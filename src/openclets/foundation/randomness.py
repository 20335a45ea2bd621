"""The system's randomness, drawn in blocks: asking the kernel for ten bytes costs as much as for a thousand.

For keys, salts, nonces and numbers of a process that needs many of them. Bytes are given out once; a process
that forks leaves what was drawn to its parent.
"""

from __future__ import annotations

import os
import threading
import weakref

from openclets.foundation.identifiers import Randomness

BLOCK_BYTES = 16_384


class BufferedRandomness:
    """`identifiers.Randomness` over a block of what `source` gives; any thread may call it."""

    def __init__(self, source: Randomness = os.urandom) -> None:
        self._source = source
        self._turn = threading.Lock()
        self._block = b""
        self._used = 0
        _buffers.add(self)

    def __call__(self, length: int) -> bytes:
        """`length` random bytes, given to nobody else."""
        with self._turn:
            start = self._used
            if start + length > len(self._block):
                if length > BLOCK_BYTES // 4:
                    return self._source(length)
                self._block, start = self._source(BLOCK_BYTES), 0
            self._used = start + length
            return self._block[start : start + length]

    def forget(self) -> None:
        """Give out nothing of what was drawn."""
        self._turn = threading.Lock()
        self._block, self._used = b"", 0


_buffers: weakref.WeakSet[BufferedRandomness] = weakref.WeakSet()


def _forget_all() -> None:
    for buffer in _buffers:
        buffer.forget()


os.register_at_fork(after_in_child=_forget_all)
