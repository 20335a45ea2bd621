"""`/log/state/…`: the public log's files, without log-in (decisions.md 17). Full tiles never
change; the rest may.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from litestar import Router, get
from litestar.exceptions import NotFoundException
from litestar.params import Parameter
from litestar.response import Response

from openclets.web.api.service import ServiceGiven

_FULL_TILE = re.compile(r"tile/(?:entries|[0-9]{1,2})(?:/x[0-9]{3})*/[0-9]{3}")
_PARTIAL_TILE = re.compile(r"(tile/(?:entries|[0-9]{1,2})(?:/x[0-9]{3})*/[0-9]{3})\.p/([1-9][0-9]{0,2})")
_IMMUTABLE = "public, max-age=31536000, immutable"

Name = Annotated[str, Parameter(description="a path of C2SP tlog-tiles")]


@get("/state/checkpoint", summary="The signed head of the log")
async def checkpoint(service: ServiceGiven) -> Response[bytes]:
    """A C2SP signed note."""
    return _text(service, "checkpoint")


@get("/state/vkey", summary="The log's verifier key")
async def verifier_key(service: ServiceGiven) -> Response[bytes]:
    """`origin+hash+key`, as signed notes name it."""
    return _text(service, "vkey")


@get("/state/tile/{rest:path}", summary="A tile of the log")
async def tile(service: ServiceGiven, rest: Name) -> Response[bytes]:
    """A hash tile or an entry bundle. A name that is no tile's, and a tile not written yet, are both 404."""
    name = "tile" + rest
    folder = service.running.log_folder.path
    if _FULL_TILE.fullmatch(name):
        return _file(folder / name, _IMMUTABLE)
    partial = _PARTIAL_TILE.fullmatch(name)
    if partial is None or int(partial[2]) > 255:
        raise NotFoundException
    return _file(folder / name, "no-cache")


def _text(service: ServiceGiven, name: str) -> Response[bytes]:
    found = _file(service.running.log_folder.path / name, "no-cache")
    found.media_type = "text/plain"
    return found


def _file(path: Path, cache: str) -> Response[bytes]:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFoundException from None
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": cache})


log_router = Router("/log", route_handlers=[checkpoint, verifier_key, tile], tags=["public log"])
