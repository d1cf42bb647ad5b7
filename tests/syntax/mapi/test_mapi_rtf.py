from __future__ import annotations

import random
import time

import pytest

from tamis.syntax.mapi import rtf

HTML = (
    rb"{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss\fcharset204 Arial;}}"
    rb"{\*\htmltag19 <html>}{\*\htmltag34 <body>}\pard{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
    rb"\'cf\'f0\'e8\'e2\'e5\'f2 &amp; \'e5\'f9\'b8{\*\htmltag72 </p>}\htmlrtf \par}\htmlrtf0 "
    rb"{\*\mhtmltag64 <p>}{\*\htmltag41 \par </body>}{\*\htmltag27 </html>}}"
)


def test_html_wrapped_in_rtf() -> None:
    found = rtf.read(HTML)
    assert found.is_html
    assert found.problem is None
    assert found.text == "<html><body><p>Привет &amp; ещё</p>\r\n</body></html>"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb"{\rtf1\ansi hello\par world}", "hello\r\nworld"),
        (rb"{\rtf1\ansi\ansicpg1252 caf\'e9}", "café"),
        (rb"{\rtf1\ansi\ansicpg936 \'ca\'fd\'be\'dd}", "数据"),
        (rb"{\rtf1{\fonttbl{\f1\fcharset204 A;}}\f1\'cf\plain\'e9}", "Пé"),
        (rb"{\rtf1\uc1 \u1055?\u1088?}", "Пр"),
        (rb"{\rtf1\uc2 \u1055\'cf\'f0!}", "П!"),
        (rb"{\rtf1\uc0 \u-10179\u-8704}", "\U0001f600"),
        (rb"{\rtf1\uc0 \u-10179 x}", "\ufffdx"),
        (rb"{\rtf1 a{\*\unknown secret}{\pict ffff}b}", "ab"),
        (rb"{\rtf1 \{x\}\\\~y}", "{x}\\\xa0y"),
        (rb"{\rtf1 a\bin3 }}}b}", "ab"),
        (b"{\\rtf1 a\r\nb\0c}", "abc"),
        (rb"{\rtf1 \lquote a\rquote\emdash b}", "\u2018a\u2019\u2014b"),
        (rb"{\rtf1 a}}}}}b", "ab"),
    ],
)
def test_plain_rtf(raw: bytes, text: str) -> None:
    found = rtf.read(raw)
    assert (found.text, found.is_html) == (text, False)


def test_what_is_no_rtf_says_so() -> None:
    assert rtf.read(b"hello").problem is not None


def test_a_million_braces_take_linear_time_and_no_recursion() -> None:
    started = time.process_time()
    found = rtf.read(b"{\\rtf1 a" + b"{" * 1_000_000 + b"b")
    assert found.problem is not None
    assert time.process_time() - started < 20


def test_any_bytes_give_text_that_can_be_stored() -> None:
    dice = random.Random(3)
    for _ in range(400):
        data = bytearray(HTML)
        for _ in range(dice.randint(1, 25)):
            data[dice.randrange(5, len(data))] = dice.choice(b"\\{}'*u0-9 \xff")
        rtf.read(bytes(data)).text.encode()
