"""Roots and proofs against the definition of RFC 6962 itself."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.foundation.errors import BrokenInvariant
from openclets.journal.tree import (
    EMPTY_ROOT,
    CompactRange,
    LeafHashes,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    node_hash,
    root_of,
)

HASHES = [hashlib.sha256(b"\x00" + n.to_bytes(4, "big")).digest() for n in range(600)]
TREE = LeafHashes(HASHES)


def defined_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(defined_root(hashes[:split]), defined_root(hashes[split:]))


@given(st.integers(0, 600))
def test_a_root_is_the_merkle_tree_hash_of_rfc_6962(size: int):
    """Tree, compact range and definition agree at every size."""
    edge = CompactRange()
    for leaf in HASHES[:size]:
        edge.append(leaf)

    assert root_of(size, TREE) == edge.root() == defined_root(HASHES[:size])


@given(st.integers(1, 600).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_an_inclusion_proof_shows_its_leaf_and_no_other(place: tuple[int, int]):
    """The audit path leads from leaf to root; with any part changed it does not."""
    index, size = place
    root = root_of(size, TREE)
    proof = inclusion_proof(index, size, TREE)

    assert includes(HASHES[index], index, size, proof, root)
    assert not includes(HASHES[(index + 1) % 600], index, size, proof, root)
    assert not includes(HASHES[index], size, size, proof, root)
    assert not includes(HASHES[index], index, size, [*proof, HASHES[0]], root)
    assert not includes(HASHES[index], index, size, proof, EMPTY_ROOT)
    if proof:
        assert not includes(HASHES[index], index, size, proof[:-1], root)
        assert not includes(HASHES[index], index ^ 1, size, proof, root)


@given(st.integers(0, 600).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))))
def test_a_consistency_proof_shows_that_a_tree_was_only_added_to(sizes: tuple[int, int]):
    """The old root follows from the proof; another old root, or a larger old size, does not."""
    old_size, size = sizes
    old_root, root = root_of(old_size, TREE), root_of(size, TREE)
    proof = consistency_proof(old_size, size, TREE)

    assert extends(old_size, old_root, size, root, proof)
    assert not extends(old_size, HASHES[0][::-1], size, root, proof)
    assert not extends(old_size, old_root, size, root, [*proof, HASHES[0]])
    assert not extends(size + 1, root, size, root, [])
    if 0 < old_size < size:
        assert not extends(old_size, old_root, size, root, proof[:-1])
        assert not extends(old_size, old_root, size, root, [*proof[:-1], HASHES[-1]])


def test_an_empty_tree_has_the_hash_of_nothing():
    """RFC 6962, 2.1: MTH({}) = SHA-256()."""
    assert root_of(0, TREE) == EMPTY_ROOT == CompactRange().root()


def test_a_proof_outside_the_tree_is_a_broken_invariant():
    """Nobody may ask for what is not there."""
    with pytest.raises(BrokenInvariant):
        inclusion_proof(5, 5, TREE)
    with pytest.raises(BrokenInvariant):
        consistency_proof(6, 5, TREE)
    edge = CompactRange()
    edge.append(HASHES[0])
    with pytest.raises(BrokenInvariant):
        edge.append_tile(HASHES[1])
