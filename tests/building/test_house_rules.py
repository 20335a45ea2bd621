"""Rules of the house that can be read off the sources: errors, SQL, printing, paths, size, front doors."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from building.building import ROOT, SOURCE, Module, calls, module, modules, page, slices

SQL_ELSEWHERE = {
    "foundation/": "makes the database, its roles and the server under it",
    "migrations/": "makes the tables",
    "journal/heads.py": "the publisher's own store: heads and the leaves they cover",
    "journal/entries.py": "the readers' store: entries, wraps and sealed bodies",
    "journal/check_store.py": "holds the tables against the published book",
    "journal/destruction.py": "the one DELETE, under a role of its own",
    "directory/watch.py": "listens for changes: LISTEN takes no store",
    "directory/credential_store.py": "the store of credentials, apart from the rest of the directory",
    "line/act_store.py": "the store of acts on lines, which two processes share",
    "line/turn.py": "one advisory lock: one listener at a time",
    "adapters/synthetic/load.py": "fills the invented state's tables",
}
"""Places besides `store.py` where SQL may stand, and why."""

LONG = {
    "policy/compile.py": "one case for each construct of Cedar; parted, no half could be read alone",
    "journal/verify.py": "the checks of a log in the order in which they rest on one another",
    "foundation/settings.py": "the settings one after another, described, read and printed from one struct",
    "cli/journal.py": "four commands whose options are most of the text",
    "demo/world/courts.py": "the tables of courts, cases, orders and warrants of the invented state",
}
"""Files above `LINES_MAX`, and why."""

LINES_MAX = 320
PRINTERS = ("cli/",)
BARE = {"Exception", "BaseException", "RuntimeError", "AssertionError"}


def bare_raises(tried: Module) -> list[str]:
    """Where an exception is raised that nobody could act on."""
    found = []
    for node in ast.walk(tried.tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id in BARE:
                found.append(f"{tried.name}:{node.lineno} raises {raised.id}")
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            found.append(f"{tried.name}:{node.lineno} catches everything")
    return found


def runs_sql(tried: Module) -> bool:
    """Whether the module speaks to a database itself."""
    return any(called in ("execute", "executemany", "executescript") for called, _ in calls(tried.tree))


def made_up_sql(tried: Module) -> list[str]:
    """Where a statement is put together from text at the moment it is run."""
    return [
        f"{tried.name}:{call.lineno}"
        for called, call in calls(tried.tree)
        if called in ("execute", "executemany")
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]


def may_hold_sql(name: str) -> bool:
    return name.endswith("/store.py") or any(name.startswith(place) for place in SQL_ELSEWHERE)


def printing(tried: Module) -> list[str]:
    return [f"{tried.name}:{call.lineno}" for called, call in calls(tried.tree) if called == "print"]


def test_nothing_is_raised_that_nobody_could_act_on():
    """Refused, unavailable, broken invariant; or the error of the type at hand. Never a bare one."""
    assert [place for each in modules() for place in bare_raises(each)] == []
    wrong = module("a.py", "try:\n  raise Exception('x')\nexcept:\n  raise RuntimeError\n")
    assert len(bare_raises(wrong)) == 3


def test_sql_stands_in_stores():
    """A slice's SQL is in its store, or in a place with a reason."""
    assert [each.name for each in modules() if runs_sql(each) and not may_hold_sql(each.name)] == []
    assert runs_sql(module("switch/ruling.py", "await c.execute('SELECT 1')"))
    assert not may_hold_sql("switch/ruling.py")


def test_no_statement_is_put_together_from_text():
    """Values travel as parameters; names of tables as sql.Identifier or from a closed set."""
    assert [
        place for each in modules() if not each.name.startswith("migrations/") for place in made_up_sql(each)
    ] == []
    assert made_up_sql(module("a.py", "c.execute(f'SELECT {x}')\nc.execute('SELECT ' + x)"))


def test_only_commands_print():
    """Everything else logs, or gives back what it has to say."""
    assert [p for each in modules() if not each.name.startswith(PRINTERS) for p in printing(each)] == []
    assert printing(module("a.py", "print(1)")) == ["a.py:1"]


def test_no_file_outgrows_a_reader():
    """Near 300 lines one looks for the second noun; a longer file has its reason here."""
    assert {
        each.name: each.lines for each in modules() if each.lines > LINES_MAX and each.name not in LONG
    } == {}


def test_the_long_files_are_there():
    """A reason does not outlive its file."""
    assert {name for name in LONG if not (SOURCE / name).exists()} == set()
    assert {name for name in SQL_ELSEWHERE if not (SOURCE / name).exists()} == set()


@pytest.mark.parametrize("name", slices())
def test_every_slice_has_a_front_door(name):
    """Who opens a slice is told its duty first, and what it leaves to others."""
    door = ast.get_docstring(ast.parse((SOURCE / name / "__init__.py").read_text("utf-8")))
    assert door and len(re.findall(r"[.;:](?:\s|$)", door)) >= 2, f"{name}/__init__.py says too little"


def test_every_module_says_what_it_is_for():
    """A module's docstring is its duty in a sentence."""
    assert [
        m.name for m in modules() if m.text.strip() and not (ast.get_docstring(m.tree) or "").strip()
    ] == []


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


LEFT_BEHIND = re.compile(r"\b(?:TO" r"DO|FIX" r"ME)\b")
OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|mnt)/\w")


@pytest.mark.parametrize("pattern", [LEFT_BEHIND, OF_A_MACHINE], ids=["left undone", "path of a machine"])
def test_nothing_in_the_repository_speaks_of_one_machine_or_of_work_left(pattern):
    """Work to do is an issue; a path is given, never known."""
    kinds = (".py", ".toml", ".md", ".cedar", ".html", ".css", "Makefile", ".yml", ".cfg")
    found = [
        f"{name}:{n}"
        for name in tracked()
        if name.endswith(kinds) and name != "uv.lock"
        for n, line in enumerate(page(name).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_a_path_of_a_machine_is_noticed():
    """The guard is shown red."""
    assert OF_A_MACHINE.search("see /ho" + "me/somebody/x") and not OF_A_MACHINE.search("http://x/work")
    assert LEFT_BEHIND.search("# TO" + "DO: later")
