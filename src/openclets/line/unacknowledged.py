"""Frames that were sent and not acknowledged: how many more may be, and which are due to be sent again.

Pure; times are monotonic seconds and come in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Sent:
    frame: bytes
    due: float


class Unacknowledged:
    """A window of sent frames, bounded by count and by bytes."""

    def __init__(self, count_max: int, bytes_max: int, resend_s: float) -> None:
        self._count_max = count_max
        self._bytes_max = bytes_max
        self._resend_s = resend_s
        self._sent: dict[int, _Sent] = {}
        self._bytes = 0

    @property
    def free(self) -> int:
        """How many more may be sent; none while what is held has as many bytes as it may."""
        return 0 if self._bytes >= self._bytes_max else self._count_max - len(self._sent)

    def sent(self, seq: int, frame: bytes, now: float) -> None:
        """A frame went out under that number."""
        self._sent[seq] = _Sent(frame, now + self._resend_s)
        self._bytes += len(frame)

    def take(self, seq: int) -> bytes | None:
        """The frame of that number, which is held no longer; None where it is not held."""
        found = self._sent.pop(seq, None)
        if found is None:
            return None
        self._bytes -= len(found.frame)
        return found.frame

    def put_off(self, seq: int, until: float) -> None:
        """Do not send that one again before `until`."""
        if seq in self._sent:
            self._sent[seq].due = until

    def due(self, now: float) -> list[bytes]:
        """The frames to be sent again now, in the order of their numbers; each counts as sent."""
        found = []
        for _, sent in sorted(self._sent.items()):
            if sent.due <= now:
                sent.due = now + self._resend_s
                found.append(sent.frame)
        return found

    def next_due(self, now: float) -> float:
        """When the next one will be due; a resend time from now where none is held."""
        return min([sent.due for sent in self._sent.values()], default=now + self._resend_s)
