"""What the guide for dispatch systems shows can be typed, and does what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from running_demo import RunningDemo

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "connect-a-dispatch-system.md"


def run(demo: RunningDemo, *words: str, code: int = 0) -> str:
    """What a command prints; it must end with `code`."""
    command = [sys.executable, "-m", "openclets.cli.main", "line", *words]
    told = json.loads((demo.folder / "demo.json").read_text("utf-8"))["line"]
    variables = {
        **os.environ,
        "OPENCLETS_DATA_DIR": str(demo.folder),
        "OPENCLETS_LINE_PORT": str(told["port"]),
    }
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, env=variables)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


def test_the_worked_example_of_the_guide_runs(running_demo: RunningDemo, tmp_path: Path) -> None:
    """Copied from the page, started as it stands, on the demo's own line."""
    (text,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    example = tmp_path / "example.py"
    example.write_text(text)
    file = running_demo.folder / "line" / "demo.json"
    done = subprocess.run(
        [sys.executable, str(example), str(file)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("TRANSACTION ") == 2 and done.stdout.count("FINAL") == 2


def test_what_the_demo_offers_to_try_on_its_line_finds_its_record(running_demo: RunningDemo) -> None:
    """The line that the welcome prints, typed as it stands."""
    printed = running_demo.printed()
    typed = re.search(r"line send --with (\S+) \\\n\s+'([^']+)'", printed)
    assert typed is not None, printed
    said = run(running_demo, "send", "--with", typed[1], typed[2])
    assert "(dmv.vehicle): RECORD" in said


def test_a_line_is_enrolled_listed_used_and_withdrawn_by_commands(running_demo: RunningDemo) -> None:
    """The desk's four commands, and a client's exit codes."""
    since = running_demo.size()
    made = json.loads(
        run(
            running_demo, "enroll", "GUIDECAD", "--operator", "CADSYS01", "--terminal", "SPD0F01",
            "--machine", "--json",
        )
    )  # fmt: skip
    listed = json.loads(run(running_demo, "list", "--json"))["lines"]
    assert {one["line"]: one["in_force"] for one in listed}["GUIDECAD"]
    asked = "SPD0F01.A12.SPDO001.QPS.LIC/0ABC123.RSN/TRAFFIC STOP"
    answered = json.loads(run(running_demo, "send", "--with", made["file"], "--json", asked))
    (answer,) = answered["answers"]
    assert answer["text"].startswith("*A12\n") and answer["exit"] == 0 and not answered["not_answered"]
    refused = run(running_demo, "send", "--with", made["file"], "QPS.LIC/0ABC123.RSN/X", code=2)
    assert "on_behalf_of" in refused
    run(running_demo, "withdraw", "GUIDECAD")
    assert "withdrawn" in run(running_demo, "send", "--with", made["file"], asked, code=3)
    kinds = {entry.kind for entry in running_demo.entries(since)}
    assert {"LineEnrolled", "LineWithdrawn", "LineConnected"} <= kinds


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("send",), 2, "nothing is to be sent"),
        (("send", "--with", "no-such-file.json", "RQ.LIC/0ABC123"), 2, "line enroll"),
        (("enroll", "A B", "--operator", "X", "--terminal", "Y"), 2, "letters and digits"),
        (("withdraw", "NOSUCH"), 2, "no line of that name"),
        (("legacy", "--host", "0.0.0.0"), 2, "loopback"),
    ],
)
def test_a_slip_is_told_with_its_remedy(
    running_demo: RunningDemo, words: tuple[str, ...], code: int, said: str
) -> None:
    """Wrong usage is exit code 2, in words, without a trace."""
    heard = run(running_demo, *words, code=code)
    assert said in heard and "Traceback" not in heard
