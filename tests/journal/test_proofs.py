"""C2SP tlog-proof: exact round trips, and a proof that shows what it says or is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.made_log import SIGNER, publish_log, seeded_leaves
from openclets.foundation.errors import BadInput
from openclets.journal.leaf import leaf_hash
from openclets.journal.log_folder import LogFolder
from openclets.journal.proofs import TlogProof, check_proof, parse_proof
from openclets.journal.signed_note import Signer

HASH = st.binary(min_size=32, max_size=32)


@given(
    st.builds(
        TlogProof,
        st.integers(0, 2**60),
        st.lists(HASH, max_size=63).map(tuple),
        st.just("origin\n5\nAAAA\n\n— origin AAAA\n"),
        st.binary(max_size=100),
    )
)
def test_a_proof_reads_back_as_it_was_written(proof: TlogProof):
    """Round trip; the checkpoint is kept verbatim."""
    assert parse_proof(proof.encode()) == proof


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> LogFolder:
    path = tmp_path_factory.mktemp("log")
    publish_log(path, seeded_leaves(700), steps=[300])
    return LogFolder(path)


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 699])
def test_every_entry_of_a_log_can_be_proven_offline(folder: LogFolder, index: int):
    """From the published files to text and back, the proof shows its leaf at its index."""
    leaf = seeded_leaves(700)[index]
    proof = folder.proof(index)

    assert proof is not None
    proven = check_proof(parse_proof(proof.encode()), SIGNER.verifier)
    assert (proven.leaf, proven.index, proven.checkpoint.size) == (leaf, index, 700)
    assert folder.find(leaf_hash(leaf)) == index


def test_an_entry_that_no_checkpoint_covers_has_no_proof_yet(folder: LogFolder, tmp_path: Path):
    """decisions.md 7: until then the server answers 202."""
    assert folder.proof(700) is None
    assert LogFolder(tmp_path).proof(0) is None
    assert folder.find(bytes(32)) is None


def test_a_proof_with_anything_changed_is_refused(folder: LogFolder):
    """Index, leaf, path, checkpoint and key: each alone makes the proof worthless."""
    proof = folder.proof(400)
    assert proof is not None
    check_proof(proof, SIGNER.verifier)
    other = folder.proof(401)
    assert other is not None

    wrong = [
        replace(proof, index=401),
        replace(proof, extra=other.extra),
        replace(proof, extra=b""),
        replace(proof, hashes=proof.hashes[1:]),
        replace(proof, hashes=(proof.hashes[0][::-1], *proof.hashes[1:])),
        replace(proof, checkpoint=proof.checkpoint.replace("\n700\n", "\n701\n")),
    ]
    for changed in wrong:
        with pytest.raises(BadInput):
            check_proof(changed, SIGNER.verifier)
    with pytest.raises(BadInput):
        check_proof(proof, Signer.from_seed(SIGNER.name, bytes(32)).verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\n\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + "A" * 43 + "=\n" * 64 + "\nx",
        "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\nx",
    ],
)
def test_text_of_any_other_form_is_no_proof(text: str):
    """Malformed proofs are refused before anything is computed."""
    with pytest.raises(BadInput):
        parse_proof(text)
