"""Prints `docs/reference/commands.md` from the commands themselves: the page cannot differ from `--help`.

`python -m openclets.cli.commands_page > docs/reference/commands.md` writes it anew; a test says when that is
due.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import typer.main

from openclets.cli.main import app

_OPENING = """\
# Commands

Written by `python -m openclets.cli.commands_page` from the commands; change their help, not this page.

Settings come from `OPENCLETS_*` variables or a file: [settings.md](settings.md). A command that speaks to a
server takes its address from `OPENCLETS_URL` and its credential from `OPENCLETS_TOKEN`. `--json` prints one
document on standard output; progress and logs go to standard error. Where an option has no default, the
setting of the same name holds, if there is one.

| exit code | means |
|---|---|
| 0 | done |
| 1 | failed unexpectedly |
| 2 | wrong usage or bad input; all faults are listed |
| 3 | refused by a rule |
| 4 | does not verify, or differs from what was claimed |
| 5 | incomplete: part of what was needed is missing |
| 6 | unavailable; try again |
| 130 | interrupted |
"""


@dataclass(frozen=True, slots=True)
class Command:
    """A command by the words that call it, e.g. `("journal", "verify")`. `help` and `epilog` as written."""

    words: tuple[str, ...]
    help: str
    epilog: str
    parameters: tuple[Parameter, ...]

    @property
    def line(self) -> str:
        return " ".join(("openclets", *self.words))


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or option. `names` is what is typed: the options, or the argument in capitals."""

    names: tuple[str, ...]
    is_option: bool
    takes: str
    required: bool
    default: str
    help: str


def commands() -> tuple[Command, ...]:
    """Every command there is, in the order of `openclets --help`."""
    return tuple(_leaves(typer.main.get_command(app), ()))


def reference_page() -> str:
    """The page as Markdown."""
    return _OPENING + "".join(_section(command) for command in commands())


def _leaves(group: Any, words: tuple[str, ...]) -> Iterator[Command]:
    for name, command in group.commands.items():
        is_group = hasattr(command, "commands")
        if is_group:
            yield from _leaves(command, (*words, name))
        if not is_group or command.invoke_without_command:
            parameters = tuple(_parameter(each) for each in command.params if each.name != "help")
            yield Command((*words, name), command.help or "", command.epilog or "", parameters)


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.param_type_name == "option"
    names = (*parameter.opts, *parameter.secondary_opts) if is_option else (parameter.name.upper(),)
    flag = is_option and parameter.is_flag
    return Parameter(
        names=names,
        is_option=is_option,
        takes="" if flag else _takes(parameter),
        required=parameter.required,
        default=_default(parameter),
        help=parameter.help or "",
    )


def _takes(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(str(member.value) for member in annotation)
    return {int: "a number", str: "text", Path: "a path"}.get(annotation, "text")


def _default(parameter: Any) -> str:
    if isinstance(parameter.show_default, str):
        return str(parameter.show_default)
    if parameter.default in (None, "", False) or not parameter.show_default:
        return ""
    return f"`{parameter.opts[0]}`" if parameter.default is True else f"`{parameter.default}`"


def _section(command: Command) -> str:
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in command.help.split("\n\n"))
    epilog = _as_code(command.epilog)
    table = "".join(_row(parameter) for parameter in command.parameters)
    head = "\n| | takes | default | meaning |\n|---|---|---|---|\n" if table else ""
    return f"\n## {command.line}\n\n{_shown(text)}\n{epilog}{head}{table}"


def _shown(text: str) -> str:
    """The paragraphs of a help text; those that are examples as code."""
    return "\n\n".join(
        _example(part) if part.startswith("Example: ") else part for part in text.split("\n\n")
    )


def _example(paragraph: str) -> str:
    return f"    {paragraph.removeprefix('Example: ')}"


def _as_code(epilog: str) -> str:
    lines = [line.strip() for line in epilog.strip().splitlines() if line.strip() not in ("", "Examples:")]
    examples = [line for line in lines if "openclets " in line and not line.endswith((".", ","))]
    words = " ".join(line for line in lines if line not in examples)
    shown = "".join(f"\n    {line}\n" for line in examples)
    return shown + (f"\n{words}\n" if words else "")


def _row(parameter: Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.names)
    default = "required" if parameter.required else parameter.default or "none"
    return f"| {names} | {parameter.takes or 'nothing'} | {default} | {parameter.help} |\n"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
