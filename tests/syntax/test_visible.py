from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.visible import show_hidden


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\r\n", "two␤lines␍␤"),
        ("\x1b[2Jwiped", "␛[2Jwiped"),
        ("invoice\u202egnp.exe", "invoice⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("\ud800 alone", "⟨U+D800⟩ alone"),
        ("déjà vu, привет", "déjà vu, привет"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert show_hidden(text) == shown


def test_a_cut_says_how_long_the_text_was() -> None:
    assert show_hidden("a" * 65_000, limit=5) == "aaaaa… [65,000 characters]"


@given(st.text())
def test_nothing_shown_controls_a_terminal(text: str) -> None:
    shown = show_hidden(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not [c for c in shown if unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE"}]
