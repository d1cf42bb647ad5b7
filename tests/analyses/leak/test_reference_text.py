"""Two bodies side by side: by hand, by a slow comparison, and by what must always hold."""

from __future__ import annotations

import base64
import difflib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.leak.reference_text import changes, faces

HEAD = b"From: a@x.example\r\nMIME-Version: 1.0\r\n"
LINE = st.text(st.sampled_from("ab c"), min_size=1, max_size=6).filter(str.strip)


def two(plain: str, page: str | None, *, is_coded: bool = False, mark: str = "b") -> bytes:
    """A message with a plain text and, beside it, a page."""
    if page is None:
        return HEAD + b"Content-Type: text/plain\r\n\r\n" + plain.encode()
    data = page.encode()
    coded = b""
    if is_coded:
        data, coded = base64.encodebytes(data), b"Content-Transfer-Encoding: base64\r\n"
    return (
        HEAD + f'Content-Type: multipart/alternative; boundary="{mark}"\r\n\r\n'.encode()
        + f"--{mark}\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--{mark}\r\n".encode()
        + coded + b"Content-Type: text/html\r\n\r\n" + data + f"\r\n--{mark}--\r\n".encode()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("original", "leaked", "differing", "uncounted"),
    [
        (two("hi", "<p>hi</p>"), two("hi", "<p>hi</p>", is_coded=True, mark="z"), [], []),
        (two("hi", "<p>hi</p>"), two("hi", "<p class=x>hi</p>"), [], ["HTML markup"]),
        (two("hi", "<p>hi</p>"), two("hi", "<p>bye</p>"), ["html"], []),
        (two("hi", "<a href='u'>hi</a>"), two("hi", '<a href="v">hi</a>'), ["links"], []),
        (two("hi", "<a href='u'>hi</a>"), two("hi", '<a  href="u" >hi</a>'), [], ["HTML markup"]),
        (two("hi", None), two("hi", "<p>hi</p>"), [], ["an HTML page of the same words"]),
        (two("hi", None), two("hi", "<p>bye</p>"), ["html"], []),
        (two("hi", None), two("hi", "<p>hi<img src=http://t/></p>"), ["links"], []),
        (two("hi", "<p>hi</p>"), two("hi", None), [], ["no HTML page"]),
    ],
)
def test_pages_count_by_their_words_and_links(
    original: bytes, leaked: bytes, differing: list[str], uncounted: list[str]
) -> None:
    found = faces(original, leaked)
    assert (found.differing, found.uncounted) == (differing, uncounted)
    assert (found.shown is not None) == bool(differing)


def test_the_diff_shows_what_was_taken_out_and_put_in() -> None:
    told = changes("Dear all,\n\nwe pay  1000.\nBye", "Dear all,\nwe pay 9000.\nBye\nSend cash.")
    assert told.text == "- we pay 1000.\n+ we pay 9000.\n+ Send cash."
    assert not told.is_cut
    # Six words and eight: five stay, in order. 2 * 5 / (6 + 8).
    assert told.similarity == round(2 * 5 / 14, 4)


def test_of_a_long_line_the_stretch_that_changed_is_shown() -> None:
    line = "word " * 400
    told = changes(f"{line}1000 {line}", f"{line}9000 {line}").text
    assert "1000" in told
    assert "9000" in told
    assert len(told) < 700


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=12), st.lists(LINE, max_size=12))
def test_the_diff_rebuilds_the_leak_and_is_no_longer_than_the_slow_one(
    old: list[str], new: list[str]
) -> None:
    told = changes("\n".join(old), "\n".join(new))
    seen = [[" ".join(line.split()) for line in side] for side in (old, new)]
    taken = sorted(line[2:] for line in told.text.splitlines() if line.startswith("- "))
    put = sorted(line[2:] for line in told.text.splitlines() if line.startswith("+ "))
    left = sorted(seen[0])
    for line in taken:
        left.remove(line)
    assert sorted(left + put) == sorted(seen[1])
    assert (told.text == "") == (seen[0] == seen[1])
    slow = [line for line in difflib.ndiff(*seen) if line[0] in "+-"]
    assert max(len(taken), len(put)) <= len(slow)
    assert 0 <= told.similarity <= 1


def test_two_hostile_texts_are_compared_within_limits() -> None:
    started = time.process_time()
    told = changes("a\nb\n" * 300_000, "b\nc\n" * 300_000)
    assert told.is_cut
    assert len(told.text) < 20_000
    one = changes("x" * 2_000_000, "y" * 2_000_000)
    assert one.is_cut
    assert faces(HEAD + b"\r\n" + b"<" * 500_000, HEAD + b"\r\n" + b">" * 500_000).uncounted == []
    assert time.process_time() - started < 10
