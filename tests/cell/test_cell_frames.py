"""Frames: what was agreed comes through, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.cell.frames import HEAD, MAX_FRAME, Answer, FrameError, is_name, pack, unpack

GOOD = {
    "token": "t",
    "status": "done",
    "kind": "",
    "reason": "",
    "result": [1],
    "files": [["a", True]],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53), 1 << 53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=st.dictionaries(st.text(), JSON), rest=st.binary(max_size=20))
def test_a_frame_comes_back_and_leaves_what_follows(value: dict[str, object], rest: bytes) -> None:
    buffer = bytearray(pack(value) + rest)
    assert unpack(buffer) == value
    assert buffer == rest


@given(value=st.dictionaries(st.text(), JSON), cut=st.integers(1, 1000))
def test_an_incomplete_frame_waits(value: dict[str, object], cut: int) -> None:
    whole = pack(value)
    buffer = bytearray(whole[: max(0, len(whole) - cut)])
    assert unpack(buffer) is None
    assert buffer == whole[: len(buffer)]


@given(data=st.binary(max_size=200))
def test_any_bytes_give_an_object_or_a_refusal(data: bytes) -> None:
    try:
        value = unpack(bytearray(data))
    except FrameError:
        return
    assert value is None or isinstance(value, dict)


def test_frames_have_a_largest_size() -> None:
    with pytest.raises(FrameError, match="longer"):
        unpack(bytearray(HEAD.pack(MAX_FRAME + 1)))
    with pytest.raises(FrameError, match="longer"):
        pack({"x": "y" * MAX_FRAME})


def test_an_answer_is_taken_apart() -> None:
    assert Answer.read(GOOD, "t") == Answer("done", "", "", [1], (("a", True),))


@pytest.mark.parametrize(
    "change",
    [
        {"token": "u"},
        {"token": ["t"]},
        {"status": "finished"},
        {"status": ["done"]},
        {"status": "failed", "kind": "shrug"},
        {"status": "failed", "kind": []},
        {"reason": None},
        {"files": {}},
        {"files": ["a"]},
        {"files": [["a"]]},
        {"files": [["a", 1]]},
        {"files": [[["a"], True]]},
        {"files": [["a", True], ["a", False]]},
        {"more": 1},
    ],
)
def test_any_other_answer_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FrameError):
        Answer.read({**GOOD, **change}, "t")


def test_a_missing_field_is_refused() -> None:
    for name in GOOD:
        with pytest.raises(FrameError):
            Answer.read({k: v for k, v in GOOD.items() if k != name}, "t")


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "a/b", "/a", "a\0", "a\n", "A", "é", "-a", "a" * 129, "a b"]
)
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("name", ["message", "part-1.txt", "0" * 64, "a" * 128])
def test_plain_names_are_names(name: str) -> None:
    assert is_name(name)
