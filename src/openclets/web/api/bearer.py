"""From a bearer token to who is at the counter. What fails here is no entry: nobody is known to
have asked.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from openclets.directory.view import DirectoryView
from openclets.foundation.errors import Refused, catalogue
from openclets.switch.inquiry import Sender

_security = logging.getLogger("openclets.security")

TOKEN_BYTES_MAX = 200


def sender_of(
    headers: list[tuple[bytes, bytes]],
    view: DirectoryView,
    now: datetime,
    channel: str = "api",
    peer: object = None,
) -> Sender:
    """The sender a request's token names. Raises Refused(`NOT_AUTHENTICATED`), in one wording for any fault.

    `peer` is the other end of the connection, for the security log; what headers say of it is not believed.
    """
    shown = [value for name, value in headers if name == b"authorization"]
    if len(shown) != 1:
        # Two credentials could be read as either by whoever stands before us and by us.
        raise _refused("more than one credential" if shown else "no credential", peer)
    return _sender(shown[0], view, now, channel, peer)


def _sender(value: bytes, view: DirectoryView, now: datetime, channel: str, peer: object) -> Sender:
    scheme, _, token = value.partition(b" ")
    if scheme.lower() != b"bearer" or not 1 <= len(token) <= TOKEN_BYTES_MAX:
        raise _refused("malformed credential", peer)
    grant = view.tokens.get(hashlib.sha256(token.strip()).digest())
    if grant is None:
        raise _refused("unknown token", peer)
    if grant.revoked or now >= grant.expires:
        raise _refused("revoked or expired token", peer)
    return Sender(
        grant.operator_id, grant.terminal_id, "machine" if grant.machine else channel, grant.machine
    )


def _refused(why: str, peer: object) -> Refused:
    _security.warning(
        "not authenticated: %s, from %s", why, peer[0] if isinstance(peer, tuple | list) else "-"
    )
    return Refused("NOT_AUTHENTICATED", catalogue()["NOT_AUTHENTICATED"].text)
