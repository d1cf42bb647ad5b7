"""One hash over many entries, and short proofs that an entry stands under it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# An entry and an inner node can never be taken for each other (RFC 6962 section 2.1).
_LEAF, _NODE = b"\0", b"\1"
MAX_PATH = 64


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return hashlib.sha256(_NODE + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The tree from its leaves up; the last level holds the root alone.

    Input     hashes of entries, at least one
    Source    RFC 6962 section 2.1: a node without a neighbour goes up as it is
    """
    found = [list(leaves)]
    while len(found[-1]) > 1:
        below = found[-1]
        above = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        found.append(above + below[len(above) * 2 :])
    return found


def path_of(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The neighbours on the way from a leaf to the root.

    Source    RFC 6962 section 2.1.1
    """
    path = []
    for level in tree[:-1]:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        index >>= 1
    return path


def root_from(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads; None where no tree of `count` leaves has such a path.

    Source    RFC 9162 section 2.1.3.2
    """
    if not 0 <= index < count:
        return None
    node, last, current = leaf, count - 1, index
    for beside in path:
        if last == 0:
            return None
        if current & 1 or current == last:
            node = node_hash(beside, node)
            while current and not current & 1:
                current, last = current >> 1, last >> 1
        else:
            node = node_hash(node, beside)
        current, last = current >> 1, last >> 1
    return node if last == 0 else None
