"""Pages reduced to text: the quick patterns give what the obvious ones give."""

from __future__ import annotations

import random
import re

from tamis.syntax.mail import html

OBVIOUS = {"_BLANKS": re.compile(r"[ \t\r\f\v\xa0]+"), "_LINES": re.compile(r" ?\n[ \n]*")}


def test_blanks_and_lines_are_folded_as_by_the_obvious_patterns() -> None:
    dice = random.Random(1)
    for _ in range(20_000):
        text = "".join(dice.choices(" \n\t\xa0\r\fa", k=dice.randint(0, 9)))
        for name, to in (("_BLANKS", " "), ("_LINES", "\n")):
            assert getattr(html, name).sub(to, text) == OBVIOUS[name].sub(to, text), repr(text)


def test_blocks_are_lines_and_blanks_are_one() -> None:
    page = (
        "<p>one  two\xa0 three</p>\n<div> four<br>\n<br> five &amp; six</div><td>a</td><td>b</td>"
    )
    assert html.text_of(page) == "one two three\nfour\nfive & six\na b"


def test_a_comment_parts_no_word_and_a_script_does() -> None:
    assert html.text_of("jean.<!-- x -->martin@<!-- -->example.org") == "jean.martin@example.org"
    assert html.text_of("one<script>two</script>three<!-- <b>four") == "one three"
