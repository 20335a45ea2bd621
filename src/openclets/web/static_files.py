"""Style sheets, scripts and fonts, each under an address that names its digest, so it may be cached for ever.

Files come from `static/`; those not written here are listed in `static/MANIFEST.toml` with source,
licence and digest.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from openclets.foundation.errors import Refused
from openclets.web.form_body import PageRequest

_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_ASSET_IN_CSS = re.compile(r'url\("([^"]+)"\)')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as served. `compressed` is its gzip form, or empty where that would not be smaller."""

    name: str
    digest: str
    media_type: str
    body: bytes
    compressed: bytes

    @property
    def path(self) -> str:
        return f"/static/{self.digest[:12]}/{self.name}"


@cache
def assets() -> dict[str, Asset]:
    """Every file of `static/` by name. Addresses inside style sheets are rewritten to those with digests."""
    folder = files("openclets.web") / "static"
    served = [entry for entry in folder.iterdir() if _suffix(entry.name) in _MEDIA_TYPES]
    bodies = {entry.name: entry.read_bytes() for entry in served}
    found = {name: _asset(name, body) for name, body in bodies.items() if not name.endswith(".css")}
    for name, body in bodies.items():
        if name.endswith(".css"):
            text = _ASSET_IN_CSS.sub(lambda match: f'url("{found[match[1]].path}")', body.decode())
            found[name] = _asset(name, text.encode())
    return found


def asset_path(name: str) -> str:
    """The address of a file by its name. Raises KeyError for a name that is not in `static/`."""
    return assets()[name].path


@get("/static/{digest:str}/{name:str}", include_in_schema=False)
async def static_file(request: PageRequest, digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """One asset; an address with another digest does not exist, so no stale copy is cached as this one."""
    asset = assets().get(name)
    if asset is None or asset.digest[:12] != digest:
        raise Refused("NOT_FOUND", "There is no such file.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    body = asset.body
    if asset.compressed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = asset.compressed
    return Response(body, media_type=asset.media_type, headers=headers)


def _asset(name: str, body: bytes) -> Asset:
    compressed = gzip.compress(body, 9, mtime=0)
    return Asset(
        name=name,
        digest=hashlib.sha256(body).hexdigest(),
        media_type=_MEDIA_TYPES[_suffix(name)],
        body=body,
        compressed=compressed if len(compressed) < len(body) * 0.95 else b"",
    )


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
