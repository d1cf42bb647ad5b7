from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.reports.untrusted import defanged, dotless, untrusted, visible

MARKS = re.compile(r'<span class="ctl">(.*?)</span>')


def seen(text: str) -> str:
    """What a reader sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", visible(text)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, and é or ж", "plain, and é or ж"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\nb", "a␤b"),
        ("nul\0", "nul␀"),
        ("inv\u202egpj.exe", "inv⟨U+202E⟩gpj.exe"),
        ("z\u200bero", "z⟨U+200B⟩ero"),
        ("no\u200dlink", "no⟨U+200D⟩link"),
        ("\ufeffbom \u00ad \u2028", "⟨U+FEFF⟩bom ⟨U+00AD⟩ ⟨U+2028⟩"),
        ("filler\u3164", "filler⟨U+3164⟩"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301⟨U+0301⟩⟨U+0301⟩"),
        ("\x07" * 500, "⟨U+0007⟩ \N{MULTIPLICATION SIGN} 500"),
    ],
)
def test_nothing_hidden_stays_hidden(text: str, shown: str) -> None:
    assert seen(text) == shown


def test_a_typed_mark_cannot_pass_for_a_real_one() -> None:
    assert not MARKS.search(visible("⟨U+202E⟩ ␤"))
    assert MARKS.findall(visible("\u202e")) == ["⟨U+202E⟩"]


@given(st.text(max_size=80))
def test_no_text_makes_markup(text: str) -> None:
    left = visible(text).replace('<span class="ctl">', "").replace("</span>", "")
    assert not set(left) & set("<>\"'")
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", left)
    assert not re.search("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", left)


def test_long_text_is_cut_and_says_so() -> None:
    shown = untrusted("A" * 65_000, 160)
    assert "A" * 160 in shown
    assert "A" * 161 not in shown
    assert "first 160 of 65,000 characters" in shown


def test_missing_and_empty_are_told_from_text() -> None:
    assert untrusted(None) != untrusted("") != untrusted("none")


def test_addresses_do_not_become_links() -> None:
    assert defanged("see HTTPS://a.example and ftp://b") == "see hxxpS://a.example and fxp://b"
    assert dotless("https://a.b.example/x.html") == "hxxps://a[.]b[.]example/x.html"
    assert dotless("a.b.example") == "a[.]b[.]example"
