"""`openclets journal`: the exit codes and words that people and scripts rely on (interfaces.md 2)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from journal.made_log import ORIGIN, SIGNER, publish_log, seeded_leaves
from openclets.cli.journal import app
from openclets.journal.leaf import clear_form, commit, encode_leaf
from openclets.journal.log_folder import CHECKPOINT, VKEY, LogFolder
from openclets.journal.signed_note import Signer
from openclets.journal.tiles import ENTRIES, Tile

SIZE = 300
TRANSACTION = "0198c0de-0000-7000-8000-000000000001"
SALT = bytes(range(32))
BODY = '{"reason":"traffic stop"}'


def opened_leaf() -> bytes:
    """The leaf of entry 7, made from the opening below."""
    import hashlib
    from datetime import UTC, datetime

    canonical = clear_form(
        index=7, epoch=1, at=datetime(2026, 11, 22, 17, 0, tzinfo=UTC), kind="InquiryPermitted",
        transaction=TRANSACTION, agency_ori="CA9010000", operator_id="", terminal_id="", message_key="RQ",
        purpose_code="", ruleset_digest="", result_class="", 
        body_sha256=hashlib.sha256(BODY.encode()).digest(),
    )  # fmt: skip
    return encode_leaf(1, 0, commit(SALT, canonical))


OPENING = {
    "salt": SALT.hex(),
    "entry": {
        "index": 7,
        "epoch": 1,
        "at": "2026-11-22T17:00:00.000000Z",
        "kind": "InquiryPermitted",
        "transaction": TRANSACTION,
        "agency_ori": "CA9010000",
        "message_key": "RQ",
    },
    "body": BODY,
}
LEAVES = [*seeded_leaves(7), opened_leaf(), *seeded_leaves(SIZE - 8, seed=2)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    publish_log(tmp_path / "state", LEAVES, steps=[100])
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests."""
    monkeypatch.setenv("OPENCLETS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OPENCLETS_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("OPENCLETS_TOKEN", raising=False)


@pytest.fixture
def server(log: Path) -> Iterator[tuple[str, list[str]]]:
    """A server that gives the proof of entry 7 at the second time of asking, and the log's key."""
    asked: list[str] = []
    proof = LogFolder(log).proof(7)
    assert proof

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Authorization', '')}".strip())
            if self.path == f"/api/v1/transactions/{TRANSACTION}/proof":
                first = len(asked) == 1
                self.answer(202 if first else 200, "" if first else proof.encode())
            elif self.path == "/log/state/vkey":
                self.answer(200, (log / VKEY).read_text("utf-8"))
            else:
                self.answer(404, json.dumps({"error": {"code": "NOT_FOUND", "message": "nothing here"}}))

        def answer(self, code: int, text: str) -> None:
            self.send_response(code)
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}", asked
    httpd.shutdown()
    httpd.server_close()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_verify_says_what_holds_and_what_does_not(log: Path, tmp_path: Path):
    """0, 4 with the entry's number, 5 with the file's name, 2 for what is no log."""
    held = run("verify", log)
    assert held.exit_code == 0
    assert f"Holds: {SIZE} entries of {ORIGIN}" in held.output
    assert json.loads(run("verify", log, "--json").stdout)["entries_checked"] == SIZE

    file = log / Tile(ENTRIES, 0).path()
    whole = file.read_bytes()
    file.write_bytes(whole[:700] + bytes([whole[700] ^ 1]) + whole[701:])
    differs = run("verify", log, "--json")
    assert differs.exit_code == 4
    assert json.loads(differs.stdout)["findings"][0]["index"] == 700 // 66
    assert f"entry {700 // 66} " in run("verify", log).output

    file.unlink()
    missing = run("verify", log)
    assert missing.exit_code == 5
    assert "missing: tile/entries/000" in missing.output

    assert run("verify", tmp_path / "nowhere").exit_code == 2
    assert run("verify", "http://127.0.0.1:9/log").exit_code == 6


def test_verify_holds_a_log_against_key_policy_and_older_checkpoint(log: Path, tmp_path: Path):
    """--vkey pins, --policy asks for witnesses, --since for one history."""
    stranger = Signer.from_seed(ORIGIN, bytes(32))
    older = tmp_path / "older"
    publish_log(older, LEAVES[:100])
    fork = tmp_path / "fork"
    publish_log(fork, seeded_leaves(100, seed=9))
    witnessed = write(
        tmp_path / "policy",
        f"log {SIGNER.verifier.encode()}\nwitness court {_witness_vkey()}\nquorum court\n",
    )
    unwitnessed = write(tmp_path / "plain", f"log {SIGNER.verifier.encode()}\nquorum none\n")

    assert run("verify", log, "--vkey", SIGNER.verifier.encode()).exit_code == 0
    assert run("verify", log, "--vkey", log / VKEY).exit_code == 0
    assert run("verify", log, "--vkey", stranger.verifier.encode()).exit_code == 4
    assert run("verify", log, "--policy", unwitnessed).exit_code == 0
    refused = run("verify", log, "--policy", witnessed)
    assert refused.exit_code == 4
    assert "quorum" in refused.output
    assert run("verify", log, "--since", older / CHECKPOINT).exit_code == 0
    assert run("verify", log, "--since", fork / CHECKPOINT).exit_code == 4
    assert run("verify", older, "--since", log / CHECKPOINT).exit_code == 4
    assert run("verify", log, "--since", tmp_path / "nowhere").exit_code == 2
    assert run("verify", log, "--policy", write(tmp_path / "bad", "quorum\n")).exit_code == 2


def _witness_vkey() -> str:
    from openclets.journal.signed_note import COSIGNATURE_ED25519, VerifierKey

    key = Signer.from_seed("court.invalid", bytes([5] * 32)).verifier
    return VerifierKey(key.name, COSIGNATURE_ED25519, key.public_key).encode()


def test_a_proof_is_fetched_kept_and_checked_offline(
    log: Path, server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """202 is waited out; the log's key is kept; afterwards no server is needed."""
    url, asked = server
    monkeypatch.setenv("OPENCLETS_URL", url)
    monkeypatch.setenv("OPENCLETS_TOKEN", "secret")
    file = tmp_path / "look-up.tlog-proof"

    fetched = run("proof", TRANSACTION, "--out", file)
    assert fetched.exit_code == 0, fetched.output
    assert asked[:2] == [f"/api/v1/transactions/{TRANSACTION}/proof Bearer secret"] * 2

    monkeypatch.setenv("OPENCLETS_URL", "http://127.0.0.1:9")
    checked = run("check-proof", file)
    assert checked.exit_code == 0, checked.output
    assert f"In the log: entry 7 of {ORIGIN}" in checked.output
    assert json.loads(run("check-proof", file, "--json").stdout)["index"] == 7

    monkeypatch.setenv("OPENCLETS_DATA_DIR", str(tmp_path / "elsewhere"))
    assert run("check-proof", file).exit_code == 2
    assert run("check-proof", file, "--log", log).exit_code == 0
    assert run("check-proof", file, "--vkey", log / VKEY).exit_code == 0
    assert (
        run("check-proof", file, "--vkey", Signer.from_seed(ORIGIN, bytes(32)).verifier.encode()).exit_code
        == 4
    )


def test_a_proof_that_cannot_be_had_says_why(server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch):
    """2 for an unknown transaction, 6 for a server that is not there."""
    assert run("proof", TRANSACTION).exit_code == 6
    monkeypatch.setenv("OPENCLETS_URL", server[0])
    unknown = run("proof", "0198c0de-0000-7000-8000-00000000dead", "--json")
    assert unknown.exit_code == 2
    assert json.loads(unknown.stdout)["error"]["code"] == "NOT_FOUND"


def test_a_proof_with_a_word_changed_does_not_verify(log: Path, tmp_path: Path):
    """Any change to the file is 4, and so is a file that is no proof."""
    proof = LogFolder(log).proof(7)
    assert proof
    text = proof.encode()
    good = write(tmp_path / "good", text)
    assert run("check-proof", good, "--vkey", log / VKEY).exit_code == 0
    for number, changed in enumerate(
        (text.replace("index 7", "index 8"), text.replace(f"\n{SIZE}\n", "\n301\n"), text[:-2], "", "hello\n")
    ):
        assert changed != text
        bad = write(tmp_path / f"bad-{number}", changed)
        assert run("check-proof", bad, "--vkey", log / VKEY).exit_code == 4, changed
    assert run("check-proof", tmp_path / "nowhere", "--vkey", log / VKEY).exit_code == 2


def test_an_opening_is_held_against_the_proven_leaf(log: Path, tmp_path: Path):
    """B249: the entry shown is the entry made, or it is 4."""
    proof = LogFolder(log).proof(7)
    assert proof
    file = write(tmp_path / "proof", proof.encode())
    right = write(tmp_path / "right", json.dumps(OPENING))
    wrong = write(
        tmp_path / "wrong", json.dumps(OPENING | {"body": BODY.replace("traffic stop", "case 123")})
    )

    opened = run("check-proof", file, "--vkey", log / VKEY, "--opening", right)
    assert opened.exit_code == 0, opened.output
    assert "is the one that was entered" in opened.output
    assert run("check-proof", file, "--vkey", log / VKEY, "--opening", wrong).exit_code == 4
    assert run("check-proof", file, "--vkey", log / VKEY, "--opening", file).exit_code == 2


def test_an_export_verifies_by_itself(log: Path, tmp_path: Path):
    """The folder carries its own proof; a range that is not there is bad input."""
    out = tmp_path / "extract"

    assert run("export", "--range", "5..20", "--out", out, "--log", log).exit_code == 0
    held = run("verify", out)
    assert held.exit_code == 0
    assert f"entries 5 to 19 of the {SIZE}" in held.output
    (out / Tile(ENTRIES, 0).path()).unlink()
    assert run("verify", out).exit_code == 5
    for wrong in ("5..5", "x..y", "0..301", "5", "-1..5"):
        assert run("export", "--range", wrong, "--out", tmp_path / "no", "--log", log).exit_code == 2, wrong


def test_every_command_shows_an_example():
    """interfaces.md 2: `--help` with an example."""
    for command in ("verify", "proof", "check-proof", "export"):
        assert "Example: openclets journal" in run(command, "--help").output
