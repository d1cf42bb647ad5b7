from __future__ import annotations

import hashlib
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.registry import Glimpse
from tamis.sources.leak.containers import mbox

FROM = b"From a@example.org Fri May  5 10:00:00 2017\n"
ONE = b"From: a@example.org\nSubject: one\n\nfirst\n"
TWO = b"From: b@example.org\nSubject: two\n\nsecond\n"


def cut(raw: bytes) -> tuple[list[bytes], mbox.Survey]:
    survey = mbox.Survey()
    spans = list(mbox.cut(io.BytesIO(raw), len(raw), survey))
    return [raw[start:end] for start, end in spans], survey


def test_mboxo_and_mboxrd_keep_their_quoting() -> None:
    quoted = b"From: a@b\n\n>From here on\n>>From there\n"
    found, survey = cut(FROM + quoted + b"\n" + FROM + TWO + b"\n")
    assert found == [quoted, TWO]
    assert survey.quoted == 1
    assert "'>From '" in (survey.sentence() or "")


def test_crlf() -> None:
    raw = (FROM + ONE + b"\n" + FROM + TWO + b"\n").replace(b"\n", b"\r\n")
    found, _ = cut(raw)
    assert found == [ONE.replace(b"\n", b"\r\n"), TWO.replace(b"\n", b"\r\n")]


def test_mboxcl2_length_is_believed_where_it_lands_on_a_message() -> None:
    body = b"text\n\n" + FROM + b"Subject: no message of its own\n\nx\n"
    head = b"From: a@b\nContent-Length: %d\n\n" % len(body)
    found, survey = cut(FROM + head + body + b"\n" + FROM + TWO)
    assert found == [head + body, TWO]
    assert (survey.by_length, survey.inside_length, survey.wrong_length) == (1, 1, 0)


def test_mboxcl2_body_without_a_last_line_end() -> None:
    head = b"From: a@b\nContent-Length: 4\n\n"
    found, _ = cut(FROM + head + b"text\n" + FROM + head + b"last")
    assert found == [head + b"text", head + b"last"]


def test_a_wrong_length_is_not_believed() -> None:
    head = b"From: a@b\nContent-Length: 3\n\n"
    found, survey = cut(FROM + head + b"longer text\n\n" + FROM + TWO)
    assert found == [head + b"longer text\n", TWO]
    assert survey.wrong_length == 1
    beyond = b"From: a@b\nContent-Length: 99999999\n\nx\n"
    assert cut(FROM + beyond)[0] == [beyond]


@pytest.mark.parametrize(
    "line",
    [
        b"From all of us at the office: happy new year\n",
        b"From 1 May 2017 at 10:00:00 the office is closed\n",
        b"From x Fri May  5 10:00:00 2017 and so on\n",
    ],
)
def test_prose_that_begins_with_from_is_text_and_is_reported(line: bytes) -> None:
    message = b"From: a@b\n\nhello\n\n" + line + b"Note: this\n\nbye\n"
    found, survey = cut(FROM + message + b"\n" + FROM + TWO)
    assert found == [message, TWO]
    assert survey.kept_as_text == 1
    assert survey.first_kept_at == len(FROM) + message.index(line)


def test_netscape_lines_without_date_or_blank_line() -> None:
    found, survey = cut(b"From - \n" + ONE + b"From - \n" + TWO + b"\nFrom - x\nA: b\n")
    assert found == [ONE, TWO + b"\nFrom - x\nA: b\n"]
    assert (survey.dateless, survey.unparted, survey.kept_as_text) == (2, 1, 1)


@pytest.mark.parametrize(
    "line",
    [
        b"From a@b Fri May  5 10:00:00 2017",
        b"From a@b Fri May  5 10:00:00 CEST 2017",
        b"From a@b Fri May  5 10:00:00 2017 +0200",
        b"From - Fri May 05 10:00:00 2017",
        b"From a@b Fri, 5 May 2017 10:00:00 +0200",
        b"From uucp Fri May  5 10:00 1988 remote from host",
        b'From "a b"@c  Fri May  5 10:00:00 2017',
        b"From MAILER-DAEMON Fri May  5 10:00:00 2017",
    ],
)
def test_forms_of_dated_lines(line: bytes) -> None:
    found, survey = cut(line + b"\n" + ONE + b"\n" + line + b"\n" + TWO)
    assert found == [ONE, TWO]
    assert survey.dateless == 0
    head = line + b"\n" + ONE
    assert mbox.recognises(Glimpse("x", head, len(head))) == 95


def test_cut_off_and_strange_bytes() -> None:
    raw = FROM + ONE + b"\n" + FROM + b"Subject: x\n\n\0\0" + b"y" * 300_000
    found, survey = cut(raw)
    assert found[1] == raw[len(FROM) * 2 + len(ONE) + 1 :]
    assert not survey.has_last_line_end
    assert cut(b"") == ([], mbox.Survey(has_last_line_end=True))
    junk, survey = cut(b"junk\n\n" + FROM + ONE)
    assert junk == [ONE]
    assert survey.skipped_bytes == 6


@pytest.mark.parametrize("chunk", [1, 7, 64, 4096])
def test_the_size_of_the_window_changes_nothing(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [
        b"From: a%d@b\nSubject: s\n\n%s\n" % (n, b"line\n" * (n * 7 % 50)) for n in range(60)
    ]
    raw = b"".join(FROM + one + b"\n" for one in messages)
    monkeypatch.setattr(mbox, "_CHUNK", chunk)
    monkeypatch.setattr(mbox, "_LOOKAHEAD", 256)
    assert cut(raw)[0] == messages


MESSAGE = st.builds(
    lambda head, lines: b"From: a@b\n" + head + b"\n" + b"".join(line + b"\n" for line in lines),
    st.sampled_from([b"", b"Subject: x\n", b"X-A: b\n c\n"]),
    st.lists(
        st.one_of(
            st.sampled_from([b"", b"From x", b">From y", b"From - ", b"a: b", FROM.strip()]),
            st.binary(max_size=60).map(lambda b: b.replace(b"\n", b"")),
        ),
        max_size=12,
    ),
)


@settings(max_examples=200)
@given(st.lists(MESSAGE, min_size=1, max_size=6), st.booleans())
def test_what_a_careful_writer_wrote_comes_back_with_its_hash(
    messages: list[bytes],
    is_crlf: bool,  # noqa: FBT001
) -> None:
    """RFC 4155: a line of a message that begins with `From ` is quoted by the writer."""
    quoted = []
    for message in messages:
        lines = message.split(b"\n")
        quoted.append(
            b"\n".join(
                [
                    lines[0],
                    *(b">" + x if x.lstrip(b">").startswith(b"From ") else x for x in lines[1:]),
                ]
            )
        )
    if is_crlf:
        quoted = [one.replace(b"\r", b"").replace(b"\n", b"\r\n") for one in quoted]
    line = FROM.replace(b"\n", b"\r\n") if is_crlf else FROM
    raw = b"".join(line + one + (b"\r\n" if is_crlf else b"\n") for one in quoted)
    found, _ = cut(raw)
    assert [hashlib.sha256(one).hexdigest() for one in found] == [
        hashlib.sha256(one).hexdigest() for one in quoted
    ]


def test_mutated_mailboxes_never_crash_and_spans_stay_in_order() -> None:
    dice = random.Random(4155)
    base = FROM + ONE + b"\n" + FROM + b"Content-Length: 7\n" + TWO + b"\n" + FROM + ONE
    for _ in range(2_000):
        raw = bytearray(base)
        for _ in range(dice.randrange(1, 6)):
            place = dice.randrange(len(raw))
            raw[place : place + dice.randrange(3)] = dice.choice(
                [b"\n", b"", b"\r", b"From ", b"\0", b"\n\nFrom ", FROM]
            )
        spans = list(mbox.cut(io.BytesIO(bytes(raw)), len(raw)))
        last = 0
        for start, end in spans:
            assert last <= start <= max(start, end) <= len(raw)
            last = max(start, end)
