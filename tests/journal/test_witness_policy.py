"""C2SP tlog-policy: read strictly, and a quorum that was not reached is not reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal.made_log import SIGNER, publish_log, seeded_leaves
from openclets.foundation.errors import BadInput
from openclets.journal.log_folder import CHECKPOINT
from openclets.journal.log_source import FolderSource
from openclets.journal.signed_note import (
    COSIGNATURE_ED25519,
    Signature,
    SignedNote,
    Signer,
    VerifierKey,
    parse_note,
)
from openclets.journal.verify import Verdict, verify
from openclets.journal.witness_policy import cosigned_text, parse_policy

NAMES = ("court", "press", "university")
SIGNERS = {
    name: Signer.from_seed(f"{name}.invalid/witness", bytes([n] * 32)) for n, name in enumerate(NAMES, 1)
}


def witness_key(name: str) -> VerifierKey:
    return VerifierKey(SIGNERS[name].name, COSIGNATURE_ED25519, SIGNERS[name].verifier.public_key)


def cosign(note: SignedNote, name: str, timestamp: int = 1_790_000_000) -> SignedNote:
    """What a witness adds, from c2sp.org/tlog-cosignature."""
    signed = SIGNERS[name].sign(cosigned_text(note.text, timestamp)).signatures[0].signature
    added = Signature(SIGNERS[name].name, witness_key(name).key_id, timestamp.to_bytes(8, "big") + signed)
    return SignedNote(note.text, (*note.signatures, added))


WITNESSES = "".join(f"witness {name} {witness_key(name).encode()}\n" for name in NAMES)
LOG = f"log {SIGNER.verifier.encode()} https://log.invalid/\n"
GROUP = f"# two of three\n{LOG}{WITNESSES}group two 2 {' '.join(NAMES)}\n"
POLICY = GROUP + "quorum two\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    publish_log(tmp_path, seeded_leaves(20))
    return tmp_path


def set_witnesses(log: Path, *names: str) -> None:
    note = parse_note((log / CHECKPOINT).read_text("utf-8"))
    note = SignedNote(note.text, note.signatures[:1])
    for name in names:
        note = cosign(note, name)
    (log / CHECKPOINT).write_text(note.encode(), "utf-8")


@pytest.mark.parametrize(
    ("names", "holds"),
    [
        ((), False),
        (("court",), False),
        (("court", "court"), False),
        (("court", "press"), True),
        (NAMES, True),
    ],
)
def test_a_quorum_is_reached_by_different_witnesses_and_by_nothing_else(
    log: Path, names: tuple[str, ...], holds: bool
):
    """T10: two of three, and one that signs twice is one."""
    set_witnesses(log, *names)

    report = verify(FolderSource(log), policy=parse_policy(POLICY))

    assert (report.verdict is Verdict.HOLDS) is holds
    assert set(report.witnesses) == set(names)


def test_a_cosignature_of_another_text_or_time_counts_for_nothing(log: Path):
    """What was cosigned is this checkpoint at that time."""
    note = parse_note((log / CHECKPOINT).read_text("utf-8"))
    policy = parse_policy(POLICY)
    good = cosign(note, "court")
    moved = good.signatures[-1]
    later = Signature(moved.name, moved.key_id, (1_790_000_001).to_bytes(8, "big") + moved.signature[8:])
    other_text = cosign(SignedNote(note.text.replace("\n20\n", "\n21\n"), note.signatures), "court")

    assert policy.cosigners(good) == ("court",)
    assert policy.cosigners(SignedNote(note.text, (*note.signatures, later))) == ()
    assert policy.cosigners(SignedNote(note.text, other_text.signatures)) == ()


def test_a_policy_of_other_logs_refuses_ours(log: Path):
    """The log line pins the key."""
    other = Signer.from_seed(SIGNER.name, bytes(32)).verifier.encode()

    assert verify(FolderSource(log), policy=parse_policy("quorum none\n")).verdict is Verdict.HOLDS
    refused = verify(FolderSource(log), policy=parse_policy(f"log {other}\nquorum none\n"))
    assert refused.verdict is Verdict.DIFFERS


def test_groups_may_hold_groups():
    """The specification's example: two of one organisation and any of another."""
    policy = parse_policy(
        f"{WITNESSES}group a all court press\ngroup b any university\ngroup both all a b\nquorum both"
    )

    assert policy.reached(NAMES)
    assert not policy.reached(("court", "university"))
    assert not policy.reached(("court", "press"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        GROUP,
        POLICY + "quorum two\n",
        "quorum three\n" + POLICY,
        POLICY.replace("2 court", "4 court"),
        POLICY.replace("2 court", "0 court"),
        POLICY.replace("2 court", "some court"),
        POLICY.replace("group two", "group none"),
        POLICY.replace("group two", "group court"),
        POLICY.replace("two 2 court press", "two 2 court court"),
        POLICY.replace("# two of three\n", "unknown line\n"),
        POLICY.replace("# two", "\x01 two"),
        WITNESSES + WITNESSES.replace("witness ", "witness other-") + "quorum none\n",
        f"witness court {SIGNER.verifier.encode()}\nquorum court\n",
        "witness court nonsense\nquorum none\n",
        "group empty all\nquorum none\n",
    ],
)
def test_a_policy_that_is_not_clear_is_refused(text: str):
    """A rule of trust that may be read in two ways is none."""
    parse_policy(POLICY)
    with pytest.raises(BadInput):
        parse_policy(text)
