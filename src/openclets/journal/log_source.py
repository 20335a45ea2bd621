"""Where a verifier gets a log's public files: a folder, or the address they are served at.

Reads only; believes nothing. A tile whose partial file is gone is taken from the full tile that replaced it,
as c2sp.org/tlog-tiles allows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import httpx

from openclets.foundation.errors import BadInput, Fault, Unavailable
from openclets.journal.log_folder import cut_tile
from openclets.journal.tiles import Tile

FILE_BYTES_MAX = 32 * 1024 * 1024
_CONNECTIONS = 8
_AHEAD = 32


class MissingFile(Exception):
    """A file that the log should have is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class LogSource(Protocol):
    """The public files of one log. `read` raises MissingFile; `tiles` gives each tile's bytes, or None if
    missing."""

    name: str

    def read(self, path: str) -> bytes: ...

    def tiles(self, wanted: Iterable[Tile]) -> Iterator[tuple[Tile, bytes | None]]: ...


def open_source(place: str) -> LogSource:
    """A source for a folder or an http(s) address: the log's own, or one it lies under (`log/state`).

    Raises BadInput when it is neither. Where no checkpoint is found, the place itself is the
    source, and what it lacks is told by whoever reads it.
    """
    if place.startswith(("http://", "https://")):
        sources: list[LogSource] = [HttpSource("/".join((place.rstrip("/"), *below))) for below in _BELOW]
        return next((source for source in sources if _has_head(source)), sources[0])
    folder = Path(place)
    if not folder.is_dir():
        fault = f"{place} is neither a folder nor an http(s) address"
        raise BadInput((Fault("log", fault, "Name the folder or the address that holds `checkpoint`."),))
    sources = [FolderSource(folder.joinpath(*below)) for below in _BELOW]
    return next((source for source in sources if _has_head(source)), sources[0])


_BELOW = ((), ("state",), ("log", "state"))


def _has_head(source: LogSource) -> bool:
    try:
        source.read("checkpoint")
    except (MissingFile, NotADirectoryError):
        return False
    return True


class FolderSource:
    """A folder of files."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder

    def read(self, path: str) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFile(path) from error

    def tiles(self, wanted: Iterable[Tile]) -> Iterator[tuple[Tile, bytes | None]]:
        for tile in wanted:
            yield tile, read_tile(self, tile)


class HttpSource:
    """Files served over HTTP; tiles are fetched a few ahead over several connections."""

    def __init__(self, address: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self.name = address.rstrip("/")
        self._client = httpx.Client(timeout=30, transport=transport)

    def read(self, path: str) -> bytes:
        try:
            answer = self._client.get(f"{self.name}/{path}")
        except httpx.HTTPError as error:
            reason = f"{self.name} does not answer: {error}"
            raise Unavailable("SERVER_UNREACHABLE", reason) from error
        if answer.status_code in (404, 410):
            raise MissingFile(path)
        if answer.status_code != 200 or len(answer.content) > FILE_BYTES_MAX:
            raise Unavailable("SERVER_UNREACHABLE", f"{self.name}/{path} answers {answer.status_code}")
        return answer.content

    def tiles(self, wanted: Iterable[Tile]) -> Iterator[tuple[Tile, bytes | None]]:
        with ThreadPoolExecutor(_CONNECTIONS) as threads:
            ahead: deque[tuple[Tile, Future[bytes | None]]] = deque()
            for tile in wanted:
                ahead.append((tile, threads.submit(read_tile, self, tile)))
                if len(ahead) > _AHEAD:
                    first, future = ahead.popleft()
                    yield first, future.result()
            for first, future in ahead:
                yield first, future.result()


def read_tile(source: LogSource, tile: Tile) -> bytes | None:
    """A tile's bytes, or None when neither it nor the full tile in its place is there."""
    try:
        return source.read(tile.path())
    except MissingFile:
        if tile.is_full:
            return None
    try:
        return cut_tile(source.read(tile.full().path()), tile)
    except MissingFile:
        return None
