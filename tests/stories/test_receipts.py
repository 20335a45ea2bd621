"""A receipt can be checked by anybody, offline, with the public files alone."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from openclets.journal.leaf import leaf_hash
from openclets.journal.log_folder import LogFolder
from openclets.journal.tiles import ENTRIES, TILE_WIDTH, Tile, decode_bundle
from running_demo import EXEMPT, RunningDemo

COVERED_S = 3.0


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """An `openclets` command from another terminal."""
    return subprocess.run(
        [sys.executable, "-m", "openclets.cli.main", *arguments], capture_output=True, text=True, timeout=60
    )


def proof_of(demo: RunningDemo, transaction: str, operator: str = EXEMPT) -> list[httpx.Response]:
    """What `/proof` answers until it is 200."""
    heard: list[httpx.Response] = []
    deadline = time.monotonic() + COVERED_S
    while time.monotonic() < deadline:
        heard.append(demo.get(f"/api/v1/transactions/{transaction}/proof", operator))
        if heard[-1].status_code == 200:
            return heard
        time.sleep(0.02)
    raise AssertionError(f"not covered within {COVERED_S} s: {heard[-1].status_code}")


def leaf_at(demo: RunningDemo, index: int) -> bytes:
    """The leaf of an entry, read from the published files as anybody may."""
    folder = LogFolder(demo.log)
    checkpoint = folder.checkpoint()
    assert checkpoint is not None and index < checkpoint.size
    number, offset = divmod(index, TILE_WIDTH)
    width = min(TILE_WIDTH, checkpoint.size - number * TILE_WIDTH)
    return decode_bundle(folder.read_tile(Tile(ENTRIES, number, width)))[offset]


def receipts(demo: RunningDemo) -> list[tuple[str, dict[str, Any]]]:
    """The receipt of an answer and that of a refusal, with their transactions."""
    answered = demo.ask(demo.example("load")[1]).json()
    operator, body = demo.example("own_record")
    refused = demo.ask(body, operator).json()["error"]["receipt"]
    return [(answered["transaction"], answered["receipt"]), (refused["transaction"], refused)]


def test_a_receipt_is_the_leaf_of_the_published_log(running_demo: RunningDemo) -> None:
    """Index and hash name an entry of the files that anybody may fetch: for an answer and for a refusal."""
    made = receipts(running_demo)
    proof_of(running_demo, made[0][0])
    proof_of(running_demo, made[1][0], "SPDO001")
    for _, receipt in made:
        leaf = leaf_at(running_demo, receipt["index"])
        assert leaf_hash(leaf).hex() == receipt["entry_sha256"]
        assert receipt["origin"] == running_demo.log.joinpath("checkpoint").read_text().splitlines()[0]


def test_a_proof_comes_within_a_second_and_is_accepted_offline(
    running_demo: RunningDemo, tmp_path: Path
) -> None:
    """Until a checkpoint covers the entry the answer is 202 with a time to wait; then a proof that holds."""
    for _ in range(20):
        reply = running_demo.ask(running_demo.example("load")[1]).json()
        *waiting, found = proof_of(running_demo, reply["transaction"])
        for each in waiting:
            assert (each.status_code, each.headers["retry-after"], each.content) == (202, "1", b"")
        if waiting:
            break
    assert waiting, "no entry was asked about before it was covered"
    assert found.text.startswith("c2sp.org/tlog-proof@v1\n")
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.headers["x-entry-sha256"] == reply["receipt"]["entry_sha256"]
    file, vkey = tmp_path / "entry.tlog-proof", running_demo.log / "vkey"
    file.write_text(found.text)
    checked = command("journal", "check-proof", str(file), "--vkey", str(vkey), "--json")
    assert checked.returncode == 0, checked.stderr
    assert str(reply["receipt"]["index"]) in checked.stdout


def test_a_proof_that_was_changed_is_not_accepted(running_demo: RunningDemo, tmp_path: Path) -> None:
    """One digit of the index, and it proves nothing: exit 4."""
    reply = running_demo.ask(running_demo.example("load")[1]).json()
    text = proof_of(running_demo, reply["transaction"])[-1].text
    index = reply["receipt"]["index"]
    changed = re.sub(rf"^index {index}$", f"index {index - 1}", text, flags=re.M)
    assert changed != text
    file = tmp_path / "entry.tlog-proof"
    file.write_text(changed)
    checked = command("journal", "check-proof", str(file), "--vkey", str(running_demo.log / "vkey"))
    assert checked.returncode == 4, checked.stdout + checked.stderr


def test_the_log_verifies_from_another_terminal(running_demo: RunningDemo) -> None:
    """By folder and by address, while the network goes on writing."""
    for place in (str(running_demo.log), running_demo.urls["log"]):
        verified = command("journal", "verify", place, "--json")
        assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("name", ["checkpoint", "vkey"])
def test_the_served_log_is_the_folder(running_demo: RunningDemo, name: str) -> None:
    """What is fetched is what is on the disk, as text, never cached for long."""
    answer = running_demo.get(f"/log/state/{name}")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    if name == "vkey":
        assert answer.content == (running_demo.log / name).read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "tile/0/999",
        "tile/entries/999",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/x00/000",
        "tile/0/..%2f..%2f..%2f..%2fkeys%2fsigning.key",
        "..%2f..%2fkeys%2fsigning.key",
        "tile/99/000",
        "tile/0/00",
    ],
)
def test_a_name_that_is_no_tile_is_not_there(running_demo: RunningDemo, name: str) -> None:
    """Whatever is asked for under /log/, nothing but the log's own files is served."""
    answer = running_demo.get(f"/log/state/{name}")
    assert answer.status_code in (400, 404)
    assert b"PRIVATE" not in answer.content
    assert answer.json()["error"]["code"] in ("NOT_FOUND", "URL_INVALID")
