"""Destroys the keys of bodies, on an authority and by two people; leaves and proofs stay (security.md 3.3).

An entry says so first. Afterwards nobody can open the bodies, and with the salt gone nobody can guess them
from the public commitments either. Backups keep wrapped keys for as long as backups are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from openclets.foundation.canonical import encode
from openclets.foundation.database import Role
from openclets.foundation.errors import Refused
from openclets.foundation.link import Link
from openclets.journal.append import Journal
from openclets.journal.entry import Entered, EntryDraft
from openclets.journal.kinds import BODY_KEYS_DESTROYED

KEYRING_ROLE = Role.KEYRING
"""The only role that may delete, and from the table of keys alone."""


async def destroy_bodies(
    indexes: Sequence[int], authority: str, approved_by: tuple[str, str], journal: Journal, keyring_link: Link
) -> Entered:
    """Destroy the body keys of entries. `keyring_link` connects as `KEYRING_ROLE`.

    Raises Refused when fewer than two people approve or no authority is named. If it is cut short after its
    entry, it may be asked again.
    """
    if len(set(approved_by)) < 2 or not all(approved_by):
        raise Refused("NOT_ENTITLED", "Two people must approve that body keys are destroyed.")
    if not authority.strip() or not indexes:
        raise Refused("INPUT_INVALID", "Name the entries, and the order or rule that asks for it.")
    wanted = sorted(set(indexes))
    body = {"approved_by": list(approved_by), "authority": authority, "indexes": wanted}
    (entered,) = await journal.append(EntryDraft(BODY_KEYS_DESTROYED, encode(body)))
    async with keyring_link.connection() as connection:
        await connection.execute("DELETE FROM journal.body_key WHERE index = ANY(%s)", (wanted,))
    return entered
