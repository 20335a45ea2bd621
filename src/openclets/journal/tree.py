"""The Merkle tree of RFC 6962: roots, inclusion and consistency proofs, and their verification.

Pure functions of hashes. Where a hash comes from is asked of a `Subtrees`: tiles (`tiles.py`) or a list
of leaves. Source: RFC 6962, 2.1; verification as in RFC 9162, 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from openclets.foundation.errors import BrokenInvariant

HASH_LENGTH = 32
EMPTY_ROOT = hashlib.sha256().digest()

_sha256 = hashlib.sha256


class Subtrees(Protocol):
    """Gives the root of the perfect subtree `index` of height `level`: leaves [index·2^level,
    (index+1)·2^level).
    """

    def subtree(self, level: int, index: int) -> bytes: ...


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256 of a one byte and both children."""
    return _sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: bytes) -> bytes:
    """The root over concatenated hashes whose count is a power of two."""
    while len(hashes) > HASH_LENGTH:
        hashes = b"".join(
            [
                _sha256(b"\x01" + hashes[at : at + 64]).digest()
                for at in range(0, len(hashes), 2 * HASH_LENGTH)
            ]
        )
    return hashes


def decomposition(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees that make up leaves [start, end), left to right, as (level, index).

    `start` must be where a tree of `end` leaves can be cut: 0, or a multiple of the largest power of two
    below the width.
    """
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def fold(roots: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling height, left to right."""
    if not roots:
        return EMPTY_ROOT
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root


def root_of(size: int, subtrees: Subtrees) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return range_root(0, size, subtrees)


def range_root(start: int, end: int, subtrees: Subtrees) -> bytes:
    """The Merkle tree hash of leaves [start, end), where a proof may cut."""
    return fold([subtrees.subtree(level, index) for level, index in decomposition(start, end)])


def inclusion_proof(index: int, size: int, subtrees: Subtrees) -> list[bytes]:
    """The audit path of leaf `index` in a tree of `size`, from its sibling to the root's child."""
    if not 0 <= index < size:
        raise BrokenInvariant(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, subtrees))
            end = middle
        else:
            path.append(range_root(start, middle, subtrees))
            start = middle
    path.reverse()
    return path


def consistency_proof(old_size: int, size: int, subtrees: Subtrees) -> list[bytes]:
    """That the tree of `size` begins with the tree of `old_size`; empty when they are equal or the old
    one is.
    """
    if not 0 <= old_size <= size:
        raise BrokenInvariant(f"a tree of {size} cannot begin with one of {old_size}")
    if old_size in (0, size):
        return []
    path: list[bytes] = []
    start, end = 0, size
    whole = True
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(range_root(middle, end, subtrees))
            end = middle
        else:
            path.append(range_root(start, middle, subtrees))
            start = middle
            whole = False
    if not whole:
        path.append(range_root(start, end, subtrees))
    path.reverse()
    return path


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash at `index` of the tree with `root`."""
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and computed == root


def extends(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `size` begins with the tree of `old_size`."""
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_computed = computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_computed = node_hash(sibling, old_computed)
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and old_computed == old_root and computed == root


class CompactRange:
    """The right edge of a growing tree: just enough to know its root and to add to it."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        self._push(0, leaf)

    def append_tile(self, root: bytes, level: int = 8) -> None:
        """Add a perfect subtree of height `level` by its root. The size must be a multiple of its width."""
        if self.size % (1 << level):
            raise BrokenInvariant(f"a subtree of height {level} cannot follow {self.size} leaves")
        self._push(level, root)

    def root(self) -> bytes:
        """The root of everything added."""
        return fold([hash_ for _, hash_ in self._edge])

    def _push(self, level: int, root: bytes) -> None:
        self.size += 1 << level
        while self._edge and self._edge[-1][0] == level:
            root = node_hash(self._edge.pop()[1], root)
            level += 1
        self._edge.append((level, root))


class LeafHashes:
    """A tree over leaf hashes in memory; for tests and small extracts. Keeps every perfect subtree once
    computed.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels: list[list[bytes]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = list(pairwise(below))[::2]
            self._levels.append([node_hash(left, right) for left, right in pairs])

    def __len__(self) -> int:
        return len(self._levels[0])

    def subtree(self, level: int, index: int) -> bytes:
        return self._levels[level][index]


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1
