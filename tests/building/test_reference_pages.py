"""The reference pages say what the code says: each is made from it, and complete."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

import openclets.cli.entries_page  # noqa: F401  every slice declares its kinds on import
from building.building import DOCS, ROOT, calls, modules, page
from openclets.cli import commands_page
from openclets.foundation.settings import described
from openclets.journal.entry import declared_kinds

MADE = {
    module: f"docs/reference/{name}.md"
    for name, module in re.findall(r"^\t([\w-]+)=(openclets\.[\w.]+)", page("Makefile"), re.MULTILINE)
}
"""Module that prints a page, and the page, as `make docs` runs them."""

WRITTEN_BY_HAND = {"README.md", "journal.md", "http.md", "line-protocol.md"}


@pytest.mark.parametrize(("printer", "path"), sorted(MADE.items()))
def test_a_made_page_is_current(printer, path):
    """A page that is made from the code is what the code makes now; `make docs` makes it again."""
    made = subprocess.run([sys.executable, "-m", printer], capture_output=True, text=True, check=True).stdout
    assert made == page(path), "run: make docs"


def test_every_reference_page_is_made_or_known_to_be_written_by_hand():
    """No page of the reference is forgotten by `make docs`, and each is on the index."""
    pages = {path.name for path in (DOCS / "reference").glob("*.md")}
    assert {path.rpartition("/")[2] for path in MADE.values()} | WRITTEN_BY_HAND == pages
    index = page("docs/reference/README.md")
    assert [name for name in pages - {"README.md"} if f"({name})" not in index] == []


def test_every_printer_is_run_by_make_docs():
    """Who can print a reference page is run by `make docs`."""
    printers = {
        f"openclets.{m.name.removesuffix('.py').replace('/', '.')}"
        for m in modules()
        if "docs/reference/" in m.text and "__main__" in m.text
    }
    assert printers == set(MADE)


def test_every_setting_is_documented():
    """Each setting has its line, its variable, the form it takes and a sentence."""
    text = page("docs/reference/settings.md")
    for setting in described():
        assert f"| `{setting.name}` | `{setting.variable}` |" in text
        assert setting.form and setting.meaning.endswith(".")


@pytest.mark.parametrize("command", commands_page.commands(), ids=lambda command: command.line)
def test_every_command_has_help_with_an_example(command):
    """Each command says what it does and shows itself at work; each option says what it is for."""
    assert command.help.strip().endswith((".", command.line)) or "Example" in command.help
    assert re.search(rf"^.*{re.escape(command.line)}\b", command.help + command.epilog, re.MULTILINE)
    assert f"\n## {command.line}\n" in page("docs/reference/commands.md")
    for parameter in command.parameters:
        assert parameter.help.strip(), f"{command.line} {parameter.names} has no help"


@pytest.mark.parametrize("command", commands_page.commands(), ids=lambda command: command.line)
def test_every_example_uses_options_that_exist(command):
    """An example in a help text can be typed as it stands."""
    known = {name for parameter in command.parameters for name in parameter.names}
    for line in (command.help + "\n" + command.epilog).splitlines():
        if f"{command.line} " in line:
            used = set(re.findall(r"(?<!\S)--[a-z][\w-]*", line.partition(command.line)[2]))
            assert used <= known, line


def kinds_in_code() -> dict[str, list[str]]:
    """The names of entry kinds by the slice whose code declares them, read from the sources."""
    found: dict[str, list[str]] = {}
    for module in modules():
        for called, call in calls(module.tree):
            if called == "EntryKind" and call.args and isinstance(call.args[0], ast.Constant):
                found.setdefault(module.slice, []).append(str(call.args[0].value))
    return found


def test_every_kind_of_entry_is_in_the_reference():
    """Whatever can be entered is declared, and its sealed fields are on the page."""
    names = {name for declared in kinds_in_code().values() for name in declared}
    assert names and names <= set(declared_kinds())
    text = page("docs/reference/journal-entries.md")
    for name in names:
        kind = declared_kinds()[name]
        assert f"\n### {name}\n" in text
        assert kind.text.endswith(".") and kind.evidence
        assert all(f"| `{field}` |" in text for field in kind.body_fields)


@pytest.mark.parametrize("slice_name", sorted(kinds_in_code()))
def test_the_front_door_of_a_slice_names_what_it_enters(slice_name):
    """Who opens a slice learns which entries it makes."""
    door = (ROOT / "src" / "openclets" / slice_name / "__init__.py").read_text("utf-8")
    assert [name for name in kinds_in_code()[slice_name] if f"`{name}`" not in door] == []
