"""What an installation may choose: read once, from variables and one TOML file, every fault named at once.

A variable `OPENCLETS_PORT` goes before the line `port = …` of the file that `OPENCLETS_SETTINGS` names, and
that before the default. An unknown name stops the start: a misspelt setting must not pass for one in force.
Run as a module it prints its own reference page.
"""

from __future__ import annotations

import difflib
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from msgspec import Meta, Struct
from psycopg.conninfo import conninfo_to_dict

from openclets.foundation.errors import BadInput, Fault

PREFIX = "OPENCLETS_"
FILE_VARIABLE = "OPENCLETS_SETTINGS"


class Size(StrEnum):
    """How large an invented state is made."""

    SMALL = "small"
    COUNTY = "county"
    STATE = "state"


class LogLevel(StrEnum):
    """The least serious thing that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def default_data_dir() -> Path:
    """`var` beside the sources in a clone; a folder of the account's own where installed from a wheel."""
    root = Path(__file__).resolve().parents[3]
    if (root / "pyproject.toml").exists() and (root / "src" / "openclets").exists():
        return root / "var"
    return Path("~/.local/share/openclets").expanduser()


def _setting(meaning: str, form: str, *, default: str = "", secret: bool = False) -> Meta:
    return Meta(description=meaning, extra={"form": form, "default": default, "secret": secret})


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting, with its default. `docs/reference/settings.md` is made from this."""

    data_dir: Annotated[
        Path,
        _setting(
            "Where the database, keys, log and releases of this installation are kept.",
            "a folder",
            default="`var` in a clone, `~/.local/share/openclets` from a wheel",
        ),
    ] = msgspec.field(default_factory=default_data_dir)
    host: Annotated[str, _setting("The address the sites are served at.", "an address or host name")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int,
        Meta(ge=0, le=65535),
        _setting("The port of the sites; 0 takes a free one.", "a number from 0 to 65535"),
    ] = 8060
    metrics_port: Annotated[
        int,
        Meta(ge=0, le=65535),
        _setting(
            "The port of the process's own numbers (/metrics, Prometheus); 0 is off.",
            "a number from 0 to 65535",
        ),
    ] = 0
    url: Annotated[
        str,
        _setting(
            "The server that commands such as `openclets inquire` speak to.", "an http or https address"
        ),
    ] = "http://127.0.0.1:8060"
    token: Annotated[
        str,
        _setting(
            "The credential those commands show; each names an operator and a terminal.", "text", secret=True
        ),
    ] = ""
    database_dsn: Annotated[
        str,
        _setting(
            "A PostgreSQL server that somebody else runs, reached as a role that may create roles and "
            "databases; empty starts one of our own.",
            "a PostgreSQL connection string or postgresql:// address",
            secret=True,
        ),
    ] = ""
    postgres_bin: Annotated[
        Path | None,
        _setting(
            "The program folder of another PostgreSQL for our own server to run.",
            "a folder that holds postgres and initdb",
            default="the one that came with openclets",
        ),
    ] = None
    size: Annotated[
        Size, _setting("How large an invented state the demo makes.", "small, county or state")
    ] = Size.SMALL
    seed: Annotated[
        int,
        Meta(ge=0, le=2**53),
        _setting("What the invented state grows from; the same seed makes the same state.", "a whole number"),
    ] = 1
    log_level: Annotated[
        LogLevel, _setting("The least serious thing that is logged.", "debug, info, warning or error")
    ] = LogLevel.INFO
    time_zone: Annotated[
        ZoneInfo,
        _setting(
            "Where legal days and shifts begin, for agencies that name no zone of their own.",
            "a name of the tz database",
            default="`America/Los_Angeles`",
        ),
    ] = msgspec.field(default_factory=lambda: ZoneInfo("America/Los_Angeles"))
    log_origin: Annotated[
        str,
        Meta(min_length=1, pattern=r"^[^\s+]+$"),
        _setting(
            "The name the public log signs under; never changed once entries exist.", "text without spaces"
        ),
    ] = "openclets.invalid/demo/state"
    training: Annotated[
        bool,
        _setting(
            "Whether invented people, plates and numbers are taken; a network that serves real ones sets it "
            "false.",
            "true or false",
        ),
    ] = True

    message_keys_on: Annotated[
        str,
        _setting(
            "Message keys that are known by recollection only and are to be carried here all the same; "
            "docs/reference/message-keys.md lists them.",
            "networks and keys such as `NCIC.QWE`, with commas between",
        ),
    ] = ""
    line_host: Annotated[str, _setting("The address the line listener is at.", "an address or host name")] = (
        "127.0.0.1"
    )
    line_port: Annotated[
        int,
        Meta(ge=0, le=65535),
        _setting("The port of the line listener; 0 takes a free one.", "a number from 0 to 65535"),
    ] = 8061
    line_certificate: Annotated[
        Path | None,
        _setting("The line listener's certificate.", "a PEM file", default="in training one of its own"),
    ] = None
    line_key: Annotated[
        Path | None,
        _setting("The private key of that certificate.", "a PEM file", default="in training one of its own"),
    ] = None
    line_authority: Annotated[
        Path | None,
        _setting(
            "The certificates that sign those of lines.", "a PEM file", default="in training one of its own"
        ),
    ] = None
    line_file: Annotated[
        Path | None,
        _setting(
            "What `openclets line send` and `legacy` connect with, as `line enroll` wrote it.",
            "a JSON file",
            default="`line/demo.json` in the data folder",
        ),
    ] = None

    def __repr__(self) -> str:
        shown = (f"{s.name}={'…' if s.secret else getattr(self, s.name)!r}" for s in described())
        return f"Settings({', '.join(shown)})"


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as people read of it."""

    name: str
    kind: Any
    form: str
    meaning: str
    default: str
    secret: bool

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


def described() -> tuple[Described, ...]:
    """Every setting, in the order of the page."""
    hints = get_type_hints(Settings, include_extras=True)
    return tuple(_describe(field, hints[field.name]) for field in msgspec.structs.fields(Settings))


def read_settings(variables: Mapping[str, str]) -> Settings:
    """The settings that `variables` (the environment) and the file they name come to.

    An empty variable counts as absent. Raises BadInput(SETTING_INVALID) with every fault, each naming its
    setting.
    """
    faults: list[Fault] = []
    chosen: dict[str, object] = {}
    by_name = {setting.name: setting for setting in described()}
    for source, name, value in (*_in_file(variables, faults), *_in_variables(variables)):
        setting = by_name.get(name)
        if setting is None:
            faults.append(_unknown(source, name, tuple(by_name)))
            continue
        try:
            chosen[name] = _read(setting, value)
        except (ValueError, psycopg.Error):
            shown = "its value" if setting.secret else repr(value)
            faults.append(
                Fault(source, f"{shown} is not {setting.form}", f"give {setting.form}", "SETTING_INVALID")
            )
    if faults:
        raise BadInput(tuple(faults), code="SETTING_INVALID")
    return msgspec.convert(chosen, Settings, dec_hook=_as_is)


def reference_page() -> str:
    """The text of `docs/reference/settings.md`."""
    rows = "\n".join(
        f"| `{s.name}` | `{s.variable}` | {s.form} | {s.default or 'none'} | {s.meaning} |"
        for s in described()
    )
    return f"""# Settings

Made by `python -m openclets.foundation.settings`; a test fails when this page is out of date.

A setting is given by a variable, or by a line of the TOML file that `{FILE_VARIABLE}` names; the variable
wins. An unknown name or a faulty value stops the start and names itself, all of them at once. An empty
variable counts as absent.

| setting | variable | form | default | meaning |
|---|---|---|---|---|
{rows}
"""


def _in_variables(variables: Mapping[str, str]) -> Iterator[tuple[str, str, object]]:
    for variable, value in sorted(variables.items()):
        if variable.startswith(PREFIX) and variable != FILE_VARIABLE and value:
            yield variable, variable.removeprefix(PREFIX).lower(), value


def _in_file(variables: Mapping[str, str], faults: list[Fault]) -> list[tuple[str, str, object]]:
    named = variables.get(FILE_VARIABLE)
    if not named:
        return []
    try:
        lines = tomllib.loads(Path(named).read_text("utf-8"))
    except (OSError, ValueError) as error:
        remedy = "name a readable TOML file in UTF-8"
        faults.append(Fault(FILE_VARIABLE, f"{named} cannot be read: {error}", remedy, "SETTING_INVALID"))
        return []
    return [(f"{named}: {name}", name, value) for name, value in lines.items()]


def _unknown(source: str, name: str, names: tuple[str, ...]) -> Fault:
    near = difflib.get_close_matches(name, names, n=1)
    meant = near[0] if near else ""
    if source.startswith(PREFIX):
        meant = PREFIX + meant.upper() if meant else ""
    remedy = f"did you mean {meant}?" if meant else "docs/reference/settings.md lists them all"
    return Fault(source, "no setting has this name", remedy, "SETTING_INVALID")


def _read(setting: Described, value: object) -> object:
    read = msgspec.convert(value, setting.kind, strict=False, dec_hook=_hook)
    check = _CHECKS.get(setting.name)
    if check is not None:
        check(str(value))
    return read


def _hook(kind: type, value: object) -> object:
    """The kinds msgspec does not know itself: a path (with `~`), a time zone."""
    if not isinstance(value, str):
        raise ValueError(f"text expected, not {type(value).__name__}")
    if issubclass(kind, Path):
        return Path(value).expanduser()
    if kind is ZoneInfo:
        return _zone(value)
    raise TypeError(f"no way to read a {kind.__name__}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"no time zone {name}") from error


def _as_is(kind: type, value: object) -> object:
    return value


def _check_url(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http address")


_CHECKS: Mapping[str, Callable[[str], object]] = {"url": _check_url, "database_dsn": conninfo_to_dict}


def _describe(field: msgspec.structs.FieldInfo, hint: Any) -> Described:
    told = next(part for part in get_args(hint) if isinstance(part, Meta) and part.extra)
    extra = told.extra or {}
    default = extra["default"]
    if not default and field.default not in (msgspec.NODEFAULT, "", None):
        default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
    return Described(field.name, hint, extra["form"], told.description or "", default, extra["secret"])


if __name__ == "__main__":
    sys.stdout.write(reference_page())
