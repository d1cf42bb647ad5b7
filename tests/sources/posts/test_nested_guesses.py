"""Elements found by how the one before ended are those that counting brackets finds."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.sources.posts import nested as module
from tamis.sources.posts.nested import Piece, _Ends, nested

if TYPE_CHECKING:
    from typing import Any

KEYS = frozenset({"posts"})
TEXTS = st.sampled_from(
    ["plain", '"}, {"no": 1', "},\n  {", '\\"', "é[{", "]}", "\n", '{"no": 2}, {"no": 3}']
)
POSTS = st.lists(
    st.fixed_dictionaries({"no": st.integers(0, 9), "com": TEXTS, "list": st.lists(TEXTS)}),
    max_size=6,
)


def pieces(data: bytes, *, is_guessing: bool) -> list[Piece]:
    with pytest.MonkeyPatch.context() as patch:
        if not is_guessing:
            patch.setattr(_Ends, "guess", lambda *_: None)
        return list(nested(io.BytesIO(data), KEYS))


@given(
    POSTS,
    st.sampled_from([None, 1, 2]),
    st.integers(1, 400),
    st.lists(
        st.tuples(
            st.integers(0, 2000),
            st.integers(0, 9),
            st.sampled_from([b"", b'"', b"}", b"{", b"]", b"\\", b"\xff", b"\n", b","]),
        ),
        max_size=3,
    ),
)
def test_the_same_pieces_whatever_was_torn(
    posts: Any, indent: int | None, chunk: int, torn: list[tuple[int, int, bytes]]
) -> None:
    one = {"name": "x", "posts": posts}
    data = json.dumps(one, indent=indent).encode() + b"\n" + json.dumps({"posts": posts}).encode()
    for at, size, put in torn:
        data = data[:at] + put + data[at + size :]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        found = pieces(data, is_guessing=True)
        assert [one._replace(parsed=None) for one in found] == pieces(data, is_guessing=False)
    for one in found:
        assert one.parsed is None or one.parsed == json.loads(one.data or b"")


def test_most_elements_are_guessed() -> None:
    posts = [{"no": number, "com": "text"} for number in range(20)]
    for indent in (None, 2):
        found = list(nested(io.BytesIO(json.dumps({"posts": posts}, indent=indent).encode()), KEYS))
        assert sum(one.parsed is not None for one in found) >= 17


def test_a_range_is_read_line_by_line_though_its_first_line_is_torn() -> None:
    whole = b'{"posts": [{"no": 1}]}\n'
    data = b'{"posts": [{"no"\n' + whole + whole
    found = list(nested(io.BytesIO(data), KEYS, is_range=True))
    assert [one.data for one in found if one.data] == [b'{"no": 1}'] * 2
