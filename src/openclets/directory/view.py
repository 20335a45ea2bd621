"""The directory as the switch sees it: one version of it, whole, in memory, never changed.

Kept current by `watch.DirectoryWatch`. Holds no password and no identifier in clear.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NoReturn

from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.terminal import Terminal
from openclets.foundation.errors import Refused

TOKEN_PREFIX: Final = "oc_"


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a token stands for: one operator at one terminal (decisions.md 11), until `expires` (aware, UTC).

    `machine` marks a system's token: its inquiries name the operator they are sent for.
    """

    operator_id: str
    terminal_id: str
    expires: datetime
    machine: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryView:
    """Agencies by ORI, operators by id, terminals by mnemonic, tokens by the SHA-256 of the token."""

    version: int
    agencies: Mapping[str, Agency]
    operators: Mapping[str, Operator]
    terminals: Mapping[str, Terminal]
    tokens: Mapping[bytes, TokenGrant] = field(default_factory=dict, repr=False)

    def terminals_of(self, agency_ori: str) -> tuple[Terminal, ...]:
        """The enrolled terminals of an agency, by mnemonic."""
        return tuple(
            terminal
            for mnemonic, terminal in sorted(self.terminals.items())
            if terminal.agency_ori == agency_ori and terminal.enrolled
        )

    def grant(self, token: str, now: datetime) -> TokenGrant:
        """Whom `token` stands for at `now`. Raises Refused(`NOT_AUTHENTICATED`), saying no more than that."""
        if not token.startswith(TOKEN_PREFIX) or not token.isascii():
            _refuse_token()
        grant = self.tokens.get(hashlib.sha256(token.encode("ascii")).digest())
        if grant is None or grant.revoked or now >= grant.expires:
            _refuse_token()
        return grant


def _refuse_token() -> NoReturn:
    raise Refused("NOT_AUTHENTICATED", "The token is unknown, expired or revoked.")
