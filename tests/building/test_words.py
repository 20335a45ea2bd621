"""The words of GLOSSARY.md: one word for one thing, and none of the words that name nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from building.building import Module, module, modules, page, rows, section, ticked

ALLOWED = {
    ("query", "records/"): "the port's own noun: one question to one record system",
    ("query", "adapters/"): "adapters take the port's Query",
    ("query", "switch/asking.py"): "hands the port's Query on",
    ("search", "adapters/synthetic/"): "how a record system files and finds, inside its own walls",
    ("status", "web/"): "HTTP's own word, as the libraries name their argument (status_code)",
    ("status", "cli/status.py"): "the command `openclets status` (interfaces.md 2)",
    ("user", "foundation/database.py"): "PostgreSQL's own word in a connection string",
    ("user", "foundation/postgres/"): "PostgreSQL's own word in a connection string",
    ("event", "web/api/transactions.py"): "server-sent events, by their name in HTML",
    ("event", "demo/past/"): "a table of the audit exchange (interfaces.md 4)",
    ("data", "foundation/settings.py"): "the setting data_dir, whose name is a promise (interfaces.md 2)",
    ("data", "cli/"): "the option --data and the setting data_dir (interfaces.md 2)",
    ("data", "line/"): "the frame DATA of CLX/1, the setting data_dir, an argument of the HTTP library",
    ("ack", "line/"): "the frame ACK of CLX/1 (messages.md 4.5)",
    ("data", "adapters/http_json/system.py"): "a keyword argument of the HTTP library",
}
"""(word, path or folder) -> why it may stand there."""


def banned() -> dict[str, str]:
    """Each word in code type under "say not" and under "Words that name nothing", with what to say."""
    text = page("GLOSSARY.md")
    found: dict[str, str] = {}
    for row in rows(section(text, "## Words in code")):
        found |= dict.fromkeys(ticked(row[-1]), row[0])
    for row in rows(section(text, "## Words that name nothing")):
        found |= dict.fromkeys(ticked(row[0]), row[1])
    return found


def identifiers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name the code gives, and every keyword it passes, with its line."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, line
            case ast.arg() | ast.keyword():
                yield node.arg or "", line
            case ast.Name(ctx=ast.Store()):
                yield node.id, line
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, line
            case ast.alias():
                yield node.asname or "", line


def words(identifier: str) -> Iterator[str]:
    """The words of a name, in the singular, and each two that stand together."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", identifier)
    single = [re.sub(r"(?<=[a-z]{2}[^sui])s$", "", part.lower()) for part in parts]
    yield from single
    yield from ("_".join(pair) for pair in pairwise(single))


def wrong_words(tried: Module) -> list[str]:
    """Each banned word in a name of this module, with its place."""
    named = [*identifiers(tried.tree), *((part, 0) for part in re.split(r"[/.]", tried.name)[:-1])]
    return [
        f"{tried.name}:{line}: {identifier} ({banned()[word]})"
        for identifier, line in named
        for word in words(identifier)
        if word in banned() and not _excused(word, tried.name)
    ]


def _excused(word: str, name: str) -> bool:
    return any(word == allowed and name.startswith(place) for allowed, place in ALLOWED)


def test_no_name_uses_a_word_the_glossary_refuses():
    """Whoever knows the field can read the names; no second word for one thing creeps in."""
    assert [wrong for each in modules() for wrong in wrong_words(each)] == []


def test_every_excuse_is_still_needed():
    """An excuse without a use is taken away."""
    needed = {
        (word, place)
        for each in modules()
        for identifier, _ in identifiers(each.tree)
        for word in words(identifier)
        for allowed, place in ALLOWED
        if word == allowed and each.name.startswith(place)
    }
    assert set(ALLOWED) - needed == set()


def test_a_refused_word_is_noticed():
    """The guard is shown red on a function, a class, an argument, a variable, a keyword and a file."""
    text = "class RecordManager:\n  def user_of(self, status): self.isActive = lookup = f(dept=1)\n"
    wrong = wrong_words(module("directory/string_utils.py", text))
    for word in ("RecordManager", "user_of", "status", "isActive", "lookup", "dept", "string_utils"):
        assert any(f" {word} (" in line for line in wrong), word


def test_the_glossary_refuses_the_house_words():
    """The words of the house rules are all refused."""
    house = "manager helper util data status user query audit_log event device_id dept alarm is_active"
    assert set(house.split()) <= set(banned())
