"""What browsers load is small, ours or listed, and as released."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.resources import files

from openclets.web.static_files import asset_path, assets

_FOLDER = files("openclets.web") / "static"
_MANIFEST = tomllib.loads((_FOLDER / "MANIFEST.toml").read_text("utf-8"))["file"]
_OWN = {"openclets.css", "terminal.js", "mark.svg"}


def _wrong_digests(rows: list[dict[str, str]]) -> list[str]:
    return [
        row["name"]
        for row in rows
        if hashlib.sha256((_FOLDER / row["name"]).read_bytes()).hexdigest() != row["sha256"]
    ]


def test_every_file_made_elsewhere_is_the_one_listed() -> None:
    """Source, version, licence and digest of each stand in MANIFEST.toml (decisions.md 20)."""
    assert _wrong_digests(_MANIFEST) == []
    assert _wrong_digests([_MANIFEST[0] | {"sha256": "0" * 64}]) == [_MANIFEST[0]["name"]]
    assert all(row["source"] and row["version"] and row["licence"] and row["evidence"] for row in _MANIFEST)


def test_no_file_is_served_that_is_neither_ours_nor_listed() -> None:
    """A file dropped into the folder is noticed."""
    assert set(assets()) == _OWN | {row["name"] for row in _MANIFEST}


def test_each_licence_travels_with_its_file() -> None:
    """The text of every licence is in the wheel beside the file."""
    for row in _MANIFEST:
        assert (_FOLDER / row["evidence"].removeprefix("found: ")).read_text("utf-8")


def test_the_first_load_of_the_terminal_is_at_most_60_kilobytes() -> None:
    """All files a first visit fetches, compressed as sent; 5 kB are kept for the page (decisions.md)."""
    sent = sum(len(asset.compressed or asset.body) for asset in assets().values())
    assert sent + 5_000 <= 60_000


def test_style_sheets_and_scripts_name_no_other_host() -> None:
    """No third-party asset (security.md 4.3); the namespace of SVG is a name, not an address."""
    for name in _OWN:
        text = assets()[name].body.decode()
        assert not re.search(r"(?<!xmlns=\")https?://", text), name


def test_an_address_changes_with_its_content() -> None:
    """So that a copy may be kept for ever."""
    asset = assets()["openclets.css"]
    assert asset.digest == hashlib.sha256(asset.body).hexdigest()
    assert asset_path("openclets.css") == f"/static/{asset.digest[:12]}/openclets.css"
    assert b'url("/static/' in asset.body
