"""How much one line may have open: messages taken and not answered, and answers not acknowledged.

Whatever is open is held here or in the database on the line's account; a line that does not take its answers
is told to wait with new messages (messages.md 4.5: NAK, keep and retry).
"""

from __future__ import annotations


class Room:
    """The window of one line, by count and by bytes."""

    def __init__(self, count_max: int, bytes_max: int, count: int = 0, held: int = 0) -> None:
        self._count_max = count_max
        self._bytes_max = bytes_max
        self._count = count
        self._held = held

    @property
    def count(self) -> int:
        """How many are open."""
        return self._count

    def has(self, count: int, size: int) -> bool:
        """Whether `count` more of `size` bytes together fit. One always fits where nothing is open."""
        if self._count == 0 and count == 1:
            return True
        return self._count + count <= self._count_max and self._held + size <= self._bytes_max

    def take(self, size: int) -> None:
        """A message of `size` bytes was taken."""
        self._count += 1
        self._held += size

    def answered(self, size: int) -> None:
        """A message of `size` bytes had its first answer, which is owed in its place."""
        self._held = max(self._held - size, 0)

    def owe(self) -> None:
        """One more answer is owed."""
        self._count += 1

    def acknowledged(self, count: int = 1) -> None:
        """The line has that many answers."""
        self._count = max(self._count - count, 0)
