from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.mail import headers, mime


def tree_of(raw: bytes) -> mime.Tree:
    block = headers.split(raw)
    return mime.walk(raw, [(one.name, one.value) for one in block.fields], block.body_start)


def bodies(raw: bytes) -> list[tuple[str, bytes]]:
    return [(p.shown_type, raw[p.byte_start : p.byte_end]) for p in mime.leaves(tree_of(raw))]


NESTED = b"""Content-Type: multipart/mixed; boundary=o\r
\r
preamble\r
--o\r
Content-Type: multipart/alternative; boundary="i i"\r
\r
--i i\r
\r
plain\r
--i i\r
Content-Type: text/html\r
\r
<p>\r
--i i--\r
epilogue\r
--o  \r
Content-Type: application/pdf; name=x.pdf\r
Content-Transfer-Encoding: base64\r
\r
QUJD\r
--o--\r
rest\r
"""


def test_parts_have_their_byte_ranges() -> None:
    tree = tree_of(NESTED)
    assert [(p.media_type, p.parent_position, p.is_multipart) for p in tree.parts] == [
        ("multipart/mixed", None, True),
        ("multipart/alternative", 0, True),
        (None, 1, False),
        ("text/html", 1, False),
        ("application/pdf", 0, False),
    ]
    assert bodies(NESTED) == [
        ("text/plain", b"plain"),
        ("text/html", b"<p>"),
        ("application/pdf", b"QUJD"),
    ]
    assert tree.notes == ()
    assert mime.content(NESTED, tree.parts[4]) == (b"ABC", None)
    assert tree.parts[4].name == "x.pdf"


def test_an_outer_delimiter_ends_inner_parts() -> None:
    raw = NESTED.replace(b"--i i--\r\nepilogue\r\n", b"")
    assert bodies(raw)[1] == ("text/html", b"<p>")
    assert len(bodies(raw)) == 3


def test_a_message_without_its_end_is_noted() -> None:
    tree = tree_of(NESTED[: NESTED.index(b"--o--")])
    assert len(tree.parts) == 5
    assert any("no closing delimiter" in note for note in tree.notes)


def test_a_delimiter_that_never_comes_is_noted() -> None:
    tree = tree_of(b"Content-Type: multipart/mixed; boundary=x\n\nbody\n")
    assert len(tree.parts) == 1
    assert any("never occurs" in note for note in tree.notes)


def test_a_part_header_without_blank_line_ends_at_the_delimiter() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: a/b\n--x\n\ntext\n--x--\n"
    )
    assert bodies(raw) == [("a/b", b""), ("text/plain", b"text")]


def test_boundaries_that_begin_alike_are_told_apart() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"
        b"Content-Type: multipart/mixed; boundary=xy\n\n--xy\n\nin\n--xy--\n--x\n\nout\n--x--\n"
    )
    assert bodies(raw) == [("text/plain", b"in"), ("text/plain", b"out")]


def test_depth_and_number_are_bounded() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    tree = tree_of(deep)
    assert len(tree.parts) <= mime.MAX_DEPTH + 1
    assert any("deeper" in note for note in tree.notes)
    wide = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 30_000
    tree = tree_of(wide)
    assert len(tree.parts) == mime.MAX_PARTS
    assert any("parts" in note for note in tree.notes)


@pytest.mark.parametrize("piece", [b"--", b"--x", b"\n--x", b"--x\n", b"a: b\n", b"\n--x\na: b"])
def test_walking_takes_linear_time(piece: bytes) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + piece * (2_000_000 // len(piece))
    began = time.process_time()
    tree_of(raw)
    assert time.process_time() - began < 10


def test_transfer_encodings() -> None:
    def decoded(encoding: bytes, body: bytes) -> tuple[bytes, str | None]:
        raw = b"Content-Transfer-Encoding: " + encoding + b"\n\n" + body
        return mime.content(raw, tree_of(raw).parts[0])

    assert decoded(b"Quoted-Printable", b"=C3=A9=\nx") == (b"\xc3\xa9x", None)
    assert decoded(b"BASE64 (c)", b"QUJD\nRA==\n") == (b"ABCD", None)
    assert decoded(b"8-bit", b"x") == (b"x", None)
    assert decoded(b"x-uuencode", b"begin 644 a\n#86)C\n`\nend\n") == (b"abc", None)
    whole, note = decoded(b"base64", b"QUI=QUI=")
    assert whole == b"ABAB"
    assert note is not None
    assert decoded(b"base64", b"QUJDR")[1] is not None
    kept, note = decoded(b"zip", b"x")
    assert kept == b"x"
    assert note is not None


@given(st.binary(max_size=2000), st.sampled_from([b"x", b"a b", b"--", b"="]))
def test_any_bytes_give_a_tree_whose_ranges_lie_inside(body: bytes, boundary: bytes) -> None:
    raw = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n' + body
    tree = tree_of(raw)
    assert [part.position for part in tree.parts] == list(range(len(tree.parts)))
    for part in tree.parts:
        assert 0 <= part.byte_start <= part.byte_end <= len(raw)
        mime.content(raw, part)
        above = part.parent_position
        if above is not None:
            assert above < part.position
            assert tree.parts[above].byte_end >= part.byte_start
