"""Text from leaked files and posts, made harmless and legible before it meets a page."""

from __future__ import annotations

import html
import re
import unicodedata

from tamis.reports.markup import Markup
from tamis.syntax.visible import show_hidden

CUT_AFTER = 160
_MARKS_IN_A_ROW = 3
# Shown as nothing by most fonts, though letters or symbols by their category.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_JOINERS = frozenset("\u200c\u200d")
_PLAIN = re.compile(r"[\x20-\x7e\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f]*")
_SCHEME = re.compile(r"\b(ht|f)tp(s?)(?=://)", re.IGNORECASE)


def visible(text: str) -> str:
    """`text` as HTML in which nothing is hidden: controls, bidi overrides and fillers show.

    Output    escaped HTML; each hidden character as ␤ or ⟨U+202E⟩ in a `<span class="ctl">`,
              which typed brackets do not have; so, too, combining marks after three in a
              row; more than three of one kind in a row as one with its count
    """
    if _PLAIN.fullmatch(text):
        return html.escape(text, quote=True)
    shown: list[str] = []
    marks, times = 0, 0
    for position, character in enumerate(text):
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        is_hidden = marks > _MARKS_IN_A_ROW or _is_hidden(text, position)
        if times and not (is_hidden and character == text[position - 1]):
            shown.append(_hidden(text[position - 1], times))
            times = 0
        if is_hidden:
            times += 1
        else:
            shown.append(html.escape(character, quote=True))
    if times:
        shown.append(_hidden(text[-1], times))
    return "".join(shown)


def untrusted(text: str | None, limit: int = CUT_AFTER) -> Markup:
    """`text` as isolated, visible, defanged markup, cut with an explicit mark after `limit`.

    Missing   NULL is shown as the word "none", in another style than text
    """
    if text is None:
        return Markup('<span class="none">none</span>')
    if not text:
        return Markup('<span class="none">empty</span>')
    kept = visible(defanged(text[:limit]))
    cut = ""
    if len(text) > limit:
        cut = (
            f' <span class="cut">… first {limit:,} of {len(text):,} characters, '
            "the rest is not shown</span>"
        )
    return Markup(f"<bdi>{kept}</bdi>{cut}")


def defanged(text: str) -> str:
    """`text` with every web address unable to become a link: hxxp instead of its scheme."""
    return _SCHEME.sub(
        lambda found: f"{'hx' if found[1].lower() == 'ht' else 'f'}xp{found[2]}", text
    )


def dotless(text: str) -> str:
    """A host or address as analysts write it, so that nothing makes it a link: `[.]` for dots."""
    head, slash, tail = text.partition("://")
    host, path_mark, path = (tail if slash else head).partition("/")
    scheme = f"{defanged(head + '://')}" if slash else ""
    return scheme + host.replace(".", "[.]") + path_mark + path


def _is_hidden(text: str, position: int) -> bool:
    character = text[position]
    if character in _JOINERS and 0 < position < len(text) - 1:
        # Between two letters of a joining script, or inside an emoji, a joiner is spelling.
        return text[position - 1] < "\u0300" or text[position + 1] < "\u0300"
    return character in _FILLERS or character in _JOINERS or show_hidden(character) != character


def _hidden(character: str, times: int) -> str:
    shown = show_hidden(character)
    if shown == character:
        shown = f"⟨U+{ord(character):04X}⟩"
    repeated = f" \N{MULTIPLICATION SIGN} {times:,}" if times > _MARKS_IN_A_ROW else ""
    shown = shown if repeated else shown * times
    return f'<span class="ctl">{shown}{repeated}</span>'
