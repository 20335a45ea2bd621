"""The directory's entries say what their kinds declare, and are of one public class."""

from __future__ import annotations

import json
import os

from directory.places import DESK, NOON, OFFICER
from openclets.directory import entries
from openclets.directory.credential import make_token
from openclets.directory.issue import Bearer, link_entry, token_entry
from openclets.journal.entry import declared_kinds


def test_every_kind_is_of_the_standing_class() -> None:
    """The public log doesn't tell a failed log-in from a new terminal."""
    own = [kind for kind in vars(entries).values() if isinstance(kind, entries.EntryKind)]
    assert len(own) >= 11
    assert {kind.leaf_class for kind in own} == {5}
    assert all(declared_kinds()[kind.name] is kind for kind in own)


def test_a_change_holds_exactly_what_its_kind_declares() -> None:
    """Body fields and their documentation can't drift apart."""
    draft = entries.changed("renew_training", OFFICER.id, {"x": "y"}, by="b", reason="r", operator=OFFICER)
    assert json.loads(draft.body).keys() == draft.kind.body_fields.keys()
    assert (draft.operator_id, draft.agency_ori) == (OFFICER.id, OFFICER.agency_ori)


def test_credentials_are_entered_by_half_their_digest_and_as_declared() -> None:
    """Neither the secret nor the digest that would find it stands in an entry."""
    secret = make_token(os.urandom)
    bearer = Bearer(OFFICER, DESK.mnemonic, site="terminal")
    for draft in (token_entry(bearer, secret, NOON, "b", "r"), link_entry(bearer, secret, NOON, "b")):
        body = json.loads(draft.body)
        assert body.keys() == draft.kind.body_fields.keys()
        assert secret.digest[:32] in body.values()
        assert secret.digest.encode() not in draft.body
        assert secret.text.encode() not in draft.body
