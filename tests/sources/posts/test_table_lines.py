"""Rows split a block at a time are those that a line at a time gives, to the byte."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tamis.sources.posts import table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[int, int, list[str] | str]
PARTS = (
    *(b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\0", b"a", b"bc", "é".encode(), b"\xe9"),
    *(b"\xc3", b"\xef\xbb\xbf", "\u2028".encode(), b"\x85", b"\x1c", b";", b"\n\n", b"x" * 40),
)


def slowly(data: bytes, encoding: str, start: int) -> list[Row]:
    """The obvious way: one line after the other, its bytes counted as it is handed out."""
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    at = start

    def lines() -> Iterator[str]:
        nonlocal at
        text = io.TextIOWrapper(io.BytesIO(data), encoding, errors, newline="")
        for line in text:
            at += len(line.encode(encoding, errors))
            yield line.replace("\0", "\ufffd")

    reader, found = csv.reader(lines()), []
    while True:
        before = at
        try:
            row = next(reader)
        except StopIteration:
            return found
        except csv.Error as error:
            found.append((before, at, str(error)))
        else:
            found.append((before, at, row))


def in_blocks(data: bytes, encoding: str, start: int) -> list[Row]:
    lines = table_lines.Lines(io.BytesIO(data), encoding, start, ",")
    found: list[Row] = []
    while True:
        before = lines.at
        try:
            row = next(lines.reader)
        except StopIteration:
            return found
        except csv.Error as error:
            found.append((before, lines.at, str(error)))
        else:
            found.append((before, lines.at, row))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le"])
@given(parts=st.lists(st.sampled_from(PARTS), max_size=60), block=st.integers(1, 30))
@example(parts=[b"a", b"\r", b"\n", b"b"], block=2)
@example(parts=[b'"', b"a", b"\r", b"\n", b'"', b",", b"\r"], block=3)
@example(parts=[b"\xc3", b"\n", "é".encode()], block=1)
def test_blocks_of_any_size_give_the_rows_of_single_lines(
    encoding: str, parts: list[bytes], block: int
) -> None:
    data = b"".join(parts)
    if encoding == "utf-16-le":
        data = data.decode("latin-1").encode(encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_lines, "_BLOCK", block)
        assert in_blocks(data, encoding, 7) == slowly(data, encoding, 7)


def test_a_field_beyond_the_parser_s_limit_costs_the_same_rows() -> None:
    data = b'a,b\n"' + b"x\n" * 90_000 + b'",c\nd,e\n'
    assert in_blocks(data, "utf-8", 0) == slowly(data, "utf-8", 0)
    assert any(isinstance(row[2], str) for row in slowly(data, "utf-8", 0))


def test_torn_characters_are_told_from_their_block_on() -> None:
    lines = table_lines.Lines(io.BytesIO(b"a,b\n\xff,c\n"), "utf-8", 0, ",")
    assert list(lines.reader) == [["a", "b"], ["\udcff", "c"]]
    assert lines.is_torn
