"""Where a listener's and a line's files are: those of the settings, or, in training, ones of our own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.secrets_folder import write_private
from openclets.foundation.settings import PREFIX, Settings
from openclets.line.certificates import training_authority, training_certificate
from openclets.line.line_file import LineFile

FOLDER = "line"
DEMO_FILE = "demo.json"


def line_folder(settings: Settings) -> Path:
    """Where an installation's training certificates and line files lie."""
    return settings.data_dir / FOLDER


def listener_files(settings: Settings, now: datetime) -> tuple[Path, Path, Path]:
    """The listener's certificate, its key, and the authority of lines' certificates (PEM files).

    Raises BadInput where the settings name some and not all, or none in an installation that is no training.
    """
    named = {name: getattr(settings, name) for name in ("line_certificate", "line_key", "line_authority")}
    missing = [name for name, path in named.items() if path is None]
    if missing and (len(missing) < len(named) or not settings.training):
        remedy = "name a PEM file; an authority of training is no authority for real lines"
        raise BadInput(
            tuple(Fault(PREFIX + name.upper(), "is not set", remedy, "SETTING_INVALID") for name in missing),
            "SETTING_INVALID",
        )
    if not missing:
        return named["line_certificate"], named["line_key"], named["line_authority"]
    folder = line_folder(settings)
    authority = training_authority(folder, now)
    own = training_certificate(folder, "listener", now, hosts=_hosts(settings))
    return own.certificate, own.key, authority


def write_line_file(path: Path, file: LineFile) -> None:
    """Write what a line connects with, mode 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, msgspec.json.format(msgspec.json.encode(file)).decode() + "\n")


def chosen_line_file(settings: Settings, named: Path | None) -> LineFile:
    """The line file of a command: the one named, that of the settings, or the demo's."""
    return LineFile.read(named or settings.line_file or line_folder(settings) / DEMO_FILE)


def _hosts(settings: Settings) -> tuple[str, ...]:
    return tuple(dict.fromkeys((settings.line_host, "127.0.0.1", "localhost")))
