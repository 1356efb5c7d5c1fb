"""Merkle trees as in RFC 6962, section 2.1: roots and proofs from stored subtrees, and their verification.

A complete subtree is named by its height and its number at that height: (3, 2) covers the leaves 16 to 23.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

type Subtree = Callable[[int, int], bytes]

EMPTY = hashlib.sha256(b"").digest()


class NotProved(Exception):
    """The proof does not show what it was given for."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below `count`, which is more than 1."""
    return 1 << (count - 1).bit_length() - 1


def complete_subtrees(first: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest complete subtrees that together cover the leaves from `first` to before `end`, in order."""
    while first < end:
        height = (end - first).bit_length() - 1
        if first:
            height = min(height, (first & -first).bit_length() - 1)
        yield height, first >> height
        first += 1 << height


def fold(hashes: Sequence[bytes]) -> bytes:
    """Hash the subtrees of one tree together, in the order of their leaves; heights must fall."""
    if not hashes:
        return EMPTY
    *rest, root = hashes
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def _of(first: int, end: int, subtree: Subtree) -> bytes:
    """MTH(D[first:end]); `first` is a multiple of the range's size rounded up to a power of two."""
    return fold([subtree(*each) for each in complete_subtrees(first, end)])


def root(size: int, subtree: Subtree) -> bytes:
    """The root of the tree's first `size` leaves."""
    return _of(0, size, subtree)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962, 2.1.1: from the leaf's sibling upwards. Raises ValueError unless 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf in a tree of that size")
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(_of(middle, end, subtree))
            end = middle
        else:
            path.append(_of(first, middle, subtree))
            first = middle
    return path[::-1]


def consistency_proof(earlier: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962, 2.1.2: that the first `earlier` leaves are a prefix. Raises ValueError unless 0 < earlier <= size."""
    if not 0 < earlier <= size:
        raise ValueError("there is no such earlier tree")
    proof: list[bytes] = []
    first, end, known = 0, size, True
    while earlier != end:
        middle = first + _split(end - first)
        if earlier <= middle:
            proof.append(_of(middle, end, subtree))
            end = middle
        else:
            proof.append(_of(first, middle, subtree))
            first, known = middle, False
    if not known:
        proof.append(_of(first, end, subtree))
    return proof[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that the proof leads to (RFC 9162, 2.1.3.2). Raises NotProved for a proof of another length."""
    if not 0 <= index < size:
        raise NotProved("the index lies outside the tree")
    number, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise NotProved("the proof is too long")
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    if last:
        raise NotProved("the proof is too short")
    return found


def verify_consistency(earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise NotProved unless the proof shows that the one tree is a prefix of the other (RFC 9162, 2.1.4.2)."""
    if earlier == size:
        if proof or earlier_root != root:
            raise NotProved("two trees of one size differ")
        return
    if not 0 < earlier < size or not proof:
        raise NotProved("the proof is for other sizes")
    path = list(proof) if earlier & (earlier - 1) else [earlier_root, *proof]
    number, last = earlier - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for each in path[1:]:
        if last == 0:
            raise NotProved("the proof is too long")
        if number & 1 or number == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, each)
        number, last = number >> 1, last >> 1
    if last or old != earlier_root or new != root:
        raise NotProved("the earlier tree is not a prefix of the later one")
