"""What a system needs to connect as a line, as one JSON file: name, address, certificates."""

from __future__ import annotations

from pathlib import Path

import msgspec

from openclets.foundation.errors import BadInput, Fault


class LineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths are taken from the file's own folder, which `read` fills in as `folder`."""

    line: str
    host: str
    port: int
    certificate: str
    key: str
    authority: str
    skin: str = "keyed"
    folder: str = ""

    @staticmethod
    def read(path: str | Path) -> LineFile:
        """The file at `path`. Raises BadInput."""
        try:
            found = msgspec.json.decode(Path(path).read_bytes(), type=LineFile)
        except (OSError, msgspec.MsgspecError) as wrong:
            remedy = "name the file that `openclets line enroll` wrote, with --with or OPENCLETS_LINE_FILE"
            fault = Fault(str(path), f"cannot be read: {wrong}", remedy, "SETTING_INVALID")
            raise BadInput((fault,), "SETTING_INVALID") from wrong
        return msgspec.structs.replace(found, folder=found.folder or str(Path(path).parent))

    def path(self, name: str) -> Path:
        """A file it names."""
        return Path(self.folder) / name
