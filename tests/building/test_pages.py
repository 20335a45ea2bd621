"""What the pages promise is there: files, tests, commands, links, error codes, citations."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from building.building import DOCS, ROOT, SOURCE, Module, calls, module, modules, page, rows, section, ticked
from openclets.cli import commands_page
from openclets.foundation.errors import catalogue

PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if "design" not in path.parts
)


def test_every_invariant_names_a_file_that_keeps_it_and_a_test_that_tries_to_break_it():
    """An invariant without a test is a wish."""
    table = rows(section(page("ARCHITECTURE.md"), "## Invariants"))
    assert len(table) >= 10
    for number, text, keeps, breaks in table:
        assert number and text.endswith(".")
        assert ticked(keeps) and ticked(breaks), number
        for path in ticked(keeps):
            assert (SOURCE / path).is_file(), f"invariant {number}: {path}"
        for path in ticked(breaks):
            name, _, test = path.partition("::")
            assert (ROOT / "tests" / name).is_file(), f"invariant {number}: {path}"
            assert not test or f"def {test}(" in page(f"tests/{name}"), f"invariant {number}: {path}"


def test_every_file_on_the_map_is_there():
    """The list from concept to file leads somewhere, line by line."""
    table = rows(section(page("ARCHITECTURE.md"), "## Where to find it"))
    assert len(table) >= 25
    missing = [path for row in table for path in ticked(row[1]) if not (SOURCE / path).exists()]
    assert missing == []


def test_every_slice_is_told_of():
    """ARCHITECTURE.md has each slice, and none that isn't there."""
    told = {ticked(row[0])[0] for row in rows(section(page("ARCHITECTURE.md"), "## The order of slices"))}
    here = {path.parent.name for path in SOURCE.glob("*/__init__.py")} | {"wiring"}
    assert told == here


COMMAND_LINES = [
    (name, line)
    for name in PAGES
    for block in re.findall(r"^```sh\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines()
    if re.search(r"(?:^|[\s/])(?:openclets|make) ", line.partition("#")[0])
]


@pytest.mark.parametrize(("name", "line"), COMMAND_LINES)
def test_every_command_in_a_page_can_be_typed(name, line):
    """A page never shows a command, a verb, an option or a make target that isn't there."""
    assert unknown_command(line) == "", f"{name}: {line}"


def test_the_readme_shows_commands():
    """The two commands and the check of the log are in the README."""
    shown = [line for name, line in COMMAND_LINES if name == "README.md"]
    for wanted in ("make run", "make test", "openclets journal verify"):
        assert any(wanted in line for line in shown), wanted


def test_a_command_that_does_not_exist_is_noticed():
    """The guard is shown red: no such target, no such verb, no such option."""
    assert unknown_command("make miracles")
    assert unknown_command("openclets journal falsify x")
    assert unknown_command("openclets journal verify x --quickly")
    assert not unknown_command("make run  # openclets unknown")


def unknown_command(line: str) -> str:
    """What in a command line isn't there; empty where all is."""
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    typed = line.partition(" #")[0].split()
    for n, word in enumerate(typed):
        if word == "make" and n + 1 < len(typed) and typed[n + 1] not in targets and "=" not in typed[n + 1]:
            return f"no target {typed[n + 1]}"
        if word.rpartition("/")[2] == "openclets" and n + 1 < len(typed):
            return _unknown_verb(typed[n + 1 :])
    return ""


def _unknown_verb(typed: list[str]) -> str:
    if typed[0] in ("--help", "--version", "-h"):
        return ""
    for command in commands_page.commands():
        if tuple(typed[: len(command.words)]) == command.words:
            known = {name for parameter in command.parameters for name in parameter.names} | {"--help", "-h"}
            used = {word.partition("=")[0] for word in typed if re.fullmatch(r"--?[a-z][\w=-]*", word)}
            return f"no option {used - known}" if used - known else ""
    return f"no command {' '.join(typed[:2])}"


LINKS = [
    (name, target)
    for name in PAGES
    for target in re.findall(r"\]\(([^)\s]+)\)", page(name))
    if not target.startswith(("http:", "https:", "mailto:"))
]


@pytest.mark.parametrize(("name", "target"), LINKS)
def test_every_link_leads_somewhere(name, target):
    """A moved page takes its links along."""
    path, _, anchor = target.partition("#")
    found = (ROOT / name).parent / path if path else ROOT / name
    assert found.exists(), f"{name}: {target}"
    if anchor and found.suffix == ".md":
        headings = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in slugs, f"{name}: {target}"


def codes_raised(tried: Module) -> set[str]:
    """The codes that a module's errors carry, as far as they stand there as text."""
    found: set[str] = set()
    for called, call in calls(tried.tree):
        place = {"Refused": 0, "Unavailable": 0, "BadInput": 1, "_refused": 0, "refuse": 1, "withhold": 1}
        if called in place:
            given = [*call.args[place[called] : place[called] + 1]]
            given += [keyword.value for keyword in call.keywords if keyword.arg == "code"]
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found |= set(re.findall(r"^[A-Z][A-Z_]+$", value.value))
    return found


def test_every_error_code_raised_is_in_the_catalogue():
    """Each surface finds what to make of an error; a code without a row would fail at the worst moment."""
    raised = set().union(*(codes_raised(each) for each in modules()))
    assert raised - set(catalogue()) == set()
    assert codes_raised(module("a.py", "raise Refused('NO_SUCH_CODE', 'x')")) == {"NO_SUCH_CODE"}


def test_every_error_code_of_the_catalogue_is_raised_somewhere():
    """A row that nothing uses is taken out."""
    texts = {node.value for m in modules() for node in ast.walk(m.tree) if isinstance(node, ast.Constant)}
    assert set(catalogue()) - texts == set()


def test_every_record_of_a_decision_has_the_parts():
    """Motivation, design, drawbacks, alternatives, open questions; numbered without a gap."""
    records = sorted((DOCS / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(len(records)))
    for path in records:
        text = path.read_text("utf-8")
        for part in ("Motivation", "Design", "Drawbacks", "Alternatives", "Open questions"):
            assert f"\n## {part}\n" in text, f"{path.name} lacks {part}"
        assert path.name in page("docs/decisions/README.md")


CITATION = re.compile(r"(?<![\w/.-])([a-z][a-z_-]+\.(?:md|csv))\b(?: (\d+(?:\.\d+)?))?")


def test_every_page_that_the_sources_cite_is_in_the_repository():
    """A rule that stands on `decisions.md 10` can be followed there, to the very paragraph."""
    here = {
        path.name: path for path in (*ROOT.glob("*.md"), *DOCS.rglob("*"), *(ROOT / "tests").rglob("*.csv"))
    }
    missing = set()
    for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.toml"), *SOURCE.rglob("*.cedar")):
        for cited, part in CITATION.findall(path.read_text("utf-8")):
            if cited not in here and cited.removesuffix(".csv") not in _exchange_tables():
                missing.add(cited)
            elif part and cited in here and not _has_part(here[cited].read_text("utf-8"), part):
                missing.add(f"{cited} {part}")
    assert missing == set()


def _has_part(text: str, part: str) -> bool:
    """Whether a page has that numbered heading or paragraph, or the one it is a point of."""
    for number in (part, part.partition(".")[0]):
        if re.search(rf"^(?:#+ )?{re.escape(number)}\.? ", text, re.MULTILINE):
            return True
    return False


def _exchange_tables() -> set[str]:
    text = (SOURCE / "exchange" / "tables.toml").read_text("utf-8")
    return {table["name"] for table in tomllib.loads(text)["table"]} | {"pyarrow"}


def test_the_screenshot_of_the_readme_is_there():
    """The first picture anybody sees exists."""
    pictures = re.findall(r"!\[[^\]]+\]\((docs/screenshots/[^)]+)\)", page("README.md"))
    assert pictures and all((ROOT / picture).is_file() for picture in pictures)
