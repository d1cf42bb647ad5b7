from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest

from tamis.sources.posts.nested import Piece, nested

KEYS = frozenset({"messages"})


def pieces(data: bytes, max_bytes: int = 1 << 20) -> list[Piece]:
    return list(nested(io.BytesIO(data), KEYS, max_bytes))


def elements(data: bytes) -> list[Any]:
    return [json.loads(p.data or b"") for p in pieces(data) if p.why is None and not p.is_end]


def invented(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(6 if depth < 4 else 3)
    if kind == 0:
        return dice.randrange(10**9)
    if kind in {1, 2}:
        return "".join(dice.choice('ab"\\{}[],:\n\té😀') for _ in range(dice.randrange(20)))
    if kind == 3:
        return [invented(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {f"k{n}": invented(dice, depth + 1) for n in range(dice.randrange(4))}


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_same_elements_as_a_whole_parse_gives(seed: int, indent: int | None) -> None:
    dice = random.Random(seed)
    wanted = [{"n": n, "x": invented(dice)} for n in range(dice.randrange(6))]
    whole = {"a": invented(dice), "messages": wanted, "z": {"messages_not": [1]}}
    data = json.dumps(whole, indent=indent, ensure_ascii=dice.random() < 0.5).encode()
    found = pieces(data)
    assert [p.why for p in found] == [None] * len(found)
    assert elements(data) == wanted
    assert found[-1].is_end
    assert found[-1].around == {**whole, "messages": []}
    for piece in found[:-1]:
        assert data[piece.start : piece.end] == piece.data
        assert piece.around["a"] == whole["a"]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("cut", range(1, 12))
def test_small_chunks_give_the_same(indent: int | None, cut: int) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(cut, size or cut))

    data = json.dumps({"messages": [{"a": '"]}'}, {"b": [1, {}]}, {}]}, indent=indent).encode()
    slow = [p.data for p in nested(Slow(data), KEYS)]
    assert slow == [p.data for p in pieces(data)]


def test_lists_of_several_holders_know_their_own() -> None:
    holders = [{"name": n, "messages": [{"n": n}]} for n in range(3)]
    found = pieces(json.dumps({"chats": {"list": holders}}).encode())
    assert [p.around["name"] for p in found if not p.is_end] == [0, 1, 2]


def test_one_object_a_line_and_a_torn_line() -> None:
    line = b'{"messages": [{"a": 1}, {"b": 2}]}\n'
    found = pieces(line + line[:18] + b"\n" + line)
    assert [p.why is not None for p in found] == [False, False, False, True, False, False, False]
    assert found[3].start == len(line) + line.index(b'{"a"')


def test_an_element_without_an_end_costs_itself_where_the_file_is_indented() -> None:
    whole = json.dumps({"messages": [{"n": n, "x": {"y": [n]}} for n in range(9)]}, indent=2)
    torn = whole.replace('"n": 4', '"n": {{ 4', 1).encode()
    found = pieces(torn)
    assert [json.loads(p.data or b"")["n"] for p in found if not p.why and not p.is_end] == [
        *(0, 1, 2, 3, 5, 6, 7, 8)
    ]
    (bad,) = [p for p in found if p.why]
    assert torn[bad.start : bad.end].count(b'"n"') == 1


@pytest.mark.parametrize("stray", [b"}", b"]}", b"7,", b'"x"', b"{}}"])
def test_strays_in_a_list_are_shown_and_reading_goes_on(stray: bytes) -> None:
    data = b'{"messages": [{"a": 1}, ' + stray + b', {"b": 2}]}'
    found = pieces(data)
    assert any(p.why for p in found)
    if b"]" not in stray:
        assert {"b": 2} in [json.loads(p.data) for p in found if p.data and not p.why]


def test_a_value_too_large_is_named_with_all_that_was_not_read() -> None:
    data = b'{"messages": [{"a": 1}, {"b": "' + b"x" * 4_000_000 + b'"}, {"c": 3}]}'
    found = pieces(data, 1000)
    assert found[-1].why
    assert (found[-1].start, found[-1].end) == (data.index(b'{"b"'), len(data))


def test_an_object_without_the_list_says_what_it_is() -> None:
    (one,) = pieces(b'{"no": 5, "x": {}}')
    assert one.is_end
    assert not one.key
    assert one.around == {"no": 5, "x": {}}


@pytest.mark.parametrize("data", [b"", b" \n ", b"\xef\xbb\xbf"])
def test_nothing(data: bytes) -> None:
    assert not pieces(data)


@pytest.mark.parametrize("data", [b"7", b"null", b"x {", b"]", b"[[", b'"'])
def test_what_is_no_object_is_said(data: bytes) -> None:
    assert all(p.why for p in pieces(data))
    assert pieces(data)
