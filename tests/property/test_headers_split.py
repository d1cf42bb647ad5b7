"""RFC 5322 section 2.2 against the raw header splitter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.mail.headers import split, unfold

NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1
).map(str.encode)
VALUES = st.binary(max_size=40).map(
    lambda raw: b" " + raw.translate(None, bytes([*range(32), 127]))
)


class TestHeaderFields:
    """ "Header fields are lines beginning with a field name, followed by a colon (":"), followed
    by a field body, and terminated by CRLF." "The body is simply a sequence of characters that
    follows the header section and is separated from the header section by an empty line."
    """

    @given(st.lists(st.tuples(NAMES, VALUES), min_size=1), st.binary(max_size=50))
    def test_written_fields_are_read_back(
        self, pairs: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        pairs = [(b"X-Top", b" 1"), *pairs]
        raw = b"".join(n + b":" + v + b"\r\n" for n, v in pairs) + b"\r\n" + body
        headers = split(raw)
        assert [(f.name, f.value) for f in headers.fields] == pairs
        assert raw[headers.body_start :] == body
        assert not headers.defects

    @given(st.binary(max_size=300))
    def test_any_bytes_are_split_into_spans_that_do_not_overlap(self, raw: bytes) -> None:
        headers = split(raw)
        position = 0
        for field in headers.fields:
            assert position <= field.byte_start < field.byte_end <= headers.body_start
            position = field.byte_end
        assert headers.body_start <= len(raw)


class TestFolding:
    """ "Unfolding is accomplished by simply removing any CRLF that is immediately followed by
    WSP."
    """

    @given(st.lists(st.text("abc ", min_size=1).map(str.encode), min_size=1))
    def test_folding_then_unfolding_gives_the_value_back(self, words: list[bytes]) -> None:
        value = b"x" + b"".join(b"\r\n " + word for word in words)
        headers = split(b"A:" + value + b"\r\n\r\n")
        expected = (b"x" + b"".join(b" " + word for word in words)).strip()
        assert unfold(headers.fields[0].value) == expected
