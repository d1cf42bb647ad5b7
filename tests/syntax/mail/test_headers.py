"""The raw header splitter: every byte accounted for, nothing swallowed, nothing raised."""

from __future__ import annotations

import time

import pytest

from tamis.syntax.mail.headers import Headers, line_ends, split, unfold


def names(headers: Headers) -> list[bytes]:
    return [field.name for field in headers.fields]


def kinds(headers: Headers) -> set[str]:
    return {defect.kind for defect in headers.defects}


def test_fields_keep_order_duplicates_case_and_byte_ranges() -> None:
    raw = b"Received: a\r\nSUBJECT: one\r\nReceived: b\r\nSubject: two\r\n\r\nbody\r\n"
    headers = split(raw)
    assert names(headers) == [b"Received", b"SUBJECT", b"Received", b"Subject"]
    assert [raw[f.byte_start : f.byte_end] for f in headers.fields] == [
        b"Received: a\r\n",
        b"SUBJECT: one\r\n",
        b"Received: b\r\n",
        b"Subject: two\r\n",
    ]
    assert raw[headers.body_start :] == b"body\r\n"
    assert [f.value for f in headers.named(b"subject")] == [b" one", b" two"]
    assert headers.first(b"received") == headers.fields[0]
    assert headers.first(b"cc") is None
    assert headers.defects == ()


def test_folded_value_keeps_its_folding_and_unfolds() -> None:
    headers = split(b"Subject: one\r\n two\r\n\tthree\r\nTo: x\r\n\r\n")
    assert headers.fields[0].value == b" one\r\n two\r\n\tthree"
    assert unfold(headers.fields[0].value) == b"one two\tthree"
    assert names(headers) == [b"Subject", b"To"]


@pytest.mark.parametrize(
    ("raw", "whole", "block"),
    [
        (b"A: 1\r\nB: 2\r\n\r\nx\r\n", "crlf", "crlf"),
        (b"A: 1\nB: 2\n\nx\n", "lf", "lf"),
        (b"A: 1\rB: 2\r\rx\r", "cr", "cr"),
        (b"A: 1\r\nB: 2\n\r\nx\n", "mixed", "mixed"),
        (b"A: 1\nB: 2\n\nx\r\n", "mixed", "lf"),
        (b"A: 1", "none", "none"),
    ],
)
def test_line_ends_are_told(raw: bytes, whole: str, block: str) -> None:
    headers = split(raw)
    assert (headers.line_ends, headers.block_line_ends) == (whole, block)
    assert line_ends(raw) == whole
    assert names(headers)[0] == b"A"


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_body_starts_after_the_first_blank_line_whatever_the_line_end(end: bytes) -> None:
    raw = end.join([b"A: 1", b"B: 2", b"", b"", b"C: 3", b""])
    headers = split(raw)
    assert names(headers) == [b"A", b"B"]
    assert raw[headers.body_start :] == end + b"C: 3" + end


def test_mbox_line_on_top_is_reported_and_is_no_field() -> None:
    raw = b"From a@b Thu Jan  1 00:00:00 1970\nSubject: x\n\nbody"
    headers = split(raw)
    assert headers.envelope == (0, raw.index(b"Subject"))
    assert names(headers) == [b"Subject"]


def test_a_from_field_with_space_before_its_colon_is_no_mbox_line() -> None:
    headers = split(b"From : eve@example.org\nFrom: a@example.org\n\n")
    assert headers.envelope is None
    assert names(headers) == [b"From", b"From"]
    assert kinds(headers) == {"space_before_colon"}


def test_second_mbox_line_is_a_malformed_line() -> None:
    headers = split(b"From a\nFrom b\nSubject: x\n\n")
    assert headers.envelope == (0, 7)
    assert names(headers) == [b"", b"Subject"]
    assert kinds(headers) == {"malformed_line"}


@pytest.mark.parametrize(
    ("raw", "defect", "expected"),
    [
        (b"no colon here\r\nSubject: x\r\n\r\n", "malformed_line", [b"", b"Subject"]),
        (b" orphan fold\r\nSubject: x\r\n\r\n", "malformed_line", [b"", b"Subject"]),
        (b"Sub\r\n ject: x\r\nTo: y\r\n\r\n", "malformed_line", [b"", b"To"]),
        (b": no name\r\nTo: y\r\n\r\n", "malformed_line", [b"", b"To"]),
        (b"Sub ject: x\r\n\r\n", "malformed_name", [b"Sub ject"]),
        (b"Subj\xe9t: x\r\n\r\n", "malformed_name", [b"Subj\xe9t"]),
        (b"Subject\t : x\r\n\r\n", "space_before_colon", [b"Subject"]),
        (b"\xef\xbb\xbfSubject: x\r\n\r\n", "bom", [b"Subject"]),
        (b"\r\n\r\nSubject: x\r\n\r\n", "leading_blank_line", [b"Subject"]),
        (b"\nSubject: x\n\n", "leading_blank_line", [b"Subject"]),
        (b"Subject: x\r\n   \r\nTo: y\r\n\r\n", "blank_fold", [b"Subject", b"To"]),
        (b"Subject: x\n\t", "blank_fold", [b"Subject"]),
        (b"X: a\rSubject: x\r\n\r\n", "bare_cr", [b"X"]),
        (b"X: a\r\r\nSubject: x\r\n\r\n", "bare_cr", [b"X", b"Subject"]),
        (b"X: a\0b\r\n\r\n", "nul", [b"X"]),
        (b"X: a\x0bb\r\n\r\n", "control_character", [b"X"]),
        (b"X: a\r\n", "no_body_separator", [b"X"]),
    ],
)
def test_what_readers_disagree_about_is_a_defect_and_nothing_is_lost(
    raw: bytes, defect: str, expected: list[bytes]
) -> None:
    headers = split(raw)
    assert defect in kinds(headers)
    assert names(headers) == expected


def test_bytes_of_fields_and_what_surrounds_them_make_the_message() -> None:
    raw = b"From x\n\nA: 1\n b\nnonsense\nB:2\n\nbody\n\n"
    headers = split(raw)
    block = b"".join(raw[f.byte_start : f.byte_end] for f in headers.fields)
    assert raw[:8] + block + b"\n" + raw[headers.body_start :] == raw


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r", b"\0", b":", b" ", b"\xef\xbb\xbf", b"From "])
def test_next_to_nothing_does_not_raise(raw: bytes) -> None:
    assert 0 <= split(raw).body_start <= len(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"X: " + b"a" * 1_000_000 + b"\r\nSubject: x\r\n\r\n",
        b"X:\r\n" + b" a\r\n" * 250_000 + b"\r\n",
        b"a" * 1_000_000,
        b"\r" * 1_000_000,
        b"\n" * 1_000_000,
        b" \n" * 500_000,
        b"a:\n" * 300_000,
        b"\r \n" * 300_000,
    ],
)
def test_a_megabyte_of_anything_is_split_in_linear_time(raw: bytes) -> None:
    start = time.perf_counter()
    split(raw)
    assert time.perf_counter() - start < 5
