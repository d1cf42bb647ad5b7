from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.syntax.merkle import leaf_hash, levels, path_of, root_from

# Published roots of the trees over the first entries of RFC 6962's reference implementations.
ENTRIES = [
    bytes.fromhex(one)
    for one in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def slow_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\1" + slow_root(hashes[:split]) + slow_root(hashes[split:])).digest()


@pytest.mark.parametrize(("count", "root"), ROOTS.items())
def test_roots_are_those_of_the_standard(count: int, root: str) -> None:
    assert levels([leaf_hash(one) for one in ENTRIES[:count]])[-1][0].hex() == root


@settings(max_examples=60)
@given(st.integers(1, 70), st.data())
def test_a_path_leads_to_the_root_and_only_from_its_own_leaf(
    count: int, data: st.DataObject
) -> None:
    leaves = [leaf_hash(bytes([at])) for at in range(count)]
    tree = levels(leaves)
    root = tree[-1][0]
    assert root == slow_root(leaves)
    index = data.draw(st.integers(0, count - 1))
    path = path_of(tree, index)
    assert root_from(leaves[index], index, count, path) == root
    other = data.draw(st.integers(0, count + 5))
    if other != index:
        assert root_from(leaves[index], other, count, path) != root
    assert root_from(leaf_hash(b"else"), index, count, path) != root
    assert root_from(leaves[index], index, count, [*path, root]) != root
    if path:
        assert root_from(leaves[index], index, count, path[:-1]) != root


def test_an_inner_node_is_no_leaf() -> None:
    tree = levels([leaf_hash(one) for one in ENTRIES[:4]])
    assert leaf_hash(tree[0][0] + tree[0][1]) != tree[1][0]
