from __future__ import annotations

import io

import pytest

from tamis.sources.posts.frames import BrokenValueError, frames, shown, value


def spans(data: bytes, max_bytes: int = 1 << 20) -> list[tuple[int, int, bytes | None]]:
    return [tuple(frame) for frame in frames(io.BytesIO(data), max_bytes)]


def test_lines_keep_their_bytes_and_blank_ones_show() -> None:
    data = b'\xef\xbb\xbf{"a":1}\n\n{"b":2}\r\n{"c"'
    assert spans(data) == [
        (3, 10, b'{"a":1}'),
        (11, 11, b""),
        (12, 19, b'{"b":2}'),
        (21, 25, b'{"c"'),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b'[{"a":"]}\\""},\n {"b":[1, {"c": 2}]}]',
        b'{\n "a": "x\\\\"\n}\n{\n"b": {"c": "]"}\n}\n',
        b'[\n{"a": 1}\n]\n{"after": 1}',
    ],
)
def test_values_spread_over_lines_are_found_whole(data: bytes) -> None:
    found = spans(data)
    assert len(found) == 2
    for start, end, content in found:
        assert content == data[start:end]
        assert isinstance(value(content or b""), dict)


def test_values_over_chunk_borders() -> None:
    filler = b"x" * 700_000
    data = b"[" + b",".join(b'{"a": "' + filler + b'\\"{", "n": %d}' % n for n in range(4)) + b"]"
    assert [value(content or b"")["n"] for _, _, content in spans(data, 1 << 22)] == [0, 1, 2, 3]


def test_strays_and_missing_ends_are_shown() -> None:
    assert [content for _, _, content in spans(b'[{"a":1}, 7, {"b":2}')] == [
        b'{"a":1}',
        b"7",
        b'{"b":2}',
        b"[",
    ]
    assert [content for _, _, content in spans(b'{\n"a":1}\n]')] == [b'{\n"a":1}', b"]"]


def test_a_value_that_is_too_large_is_named_and_lines_go_on() -> None:
    data = b'{"a": "' + b"x" * 50 + b'"}\n{"b":2}\n'
    assert spans(data, 20) == [(0, 59, None), (60, 67, b'{"b":2}')]
    large = b'{\n"a": "' + b"x" * 3_000_000 + b'"}'
    assert spans(large, 20) == [(0, len(large), None)]


def test_halves_of_characters_do_not_stop_a_line() -> None:
    assert value(b'{"a":"\\ud800x"}') == {"a": "\ufffdx"}
    assert value(b'{"a":"\xff"}') == {"a": "\ufffd"}


@pytest.mark.parametrize("data", [b'{"a"', b"", b"[" * 5000, b"nul"])
def test_what_is_no_json_says_so(data: bytes) -> None:
    with pytest.raises(BrokenValueError, match="no complete JSON"):
        value(data)


def test_a_sample_is_short_and_harmless() -> None:
    assert shown(b'\x1b[31m"\n' + b"x" * 999) == ('\\x1b[31m"\\n' + "x" * 999)[:200]
    assert shown(None) == ""
