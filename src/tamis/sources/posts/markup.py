"""Posts written in HTML as the text a reader sees, and the links that stand in it."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*+\"|'[^']*+'|[^<>\"']++)*+)>|<!--.*?-->", re.DOTALL
)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_BLOCK = {
    **dict.fromkeys(("div", "li", "ul", "ol", "pre", "h1", "h2", "h3"), "\n"),
    **dict.fromkeys(("p", "blockquote"), "\n\n"),
}
_UNSEEN = frozenset({"script", "style", "template"})
_BLANKS = re.compile(r"\n{3,}")


class Anchor(NamedTuple):
    """One link: where it leads, its classes, and the text it stands under."""

    href: str
    classes: frozenset[str]
    text: str


def plain(html: str) -> tuple[str, list[Anchor]]:
    """The text of a post written in HTML, and its links in order.

    Output    `<br>` is a line end, a paragraph ends in two, `<wbr>` is nothing: an address that
              a site broke for display is whole again
    Limits    No browser: what a style sheet hides is text here.
    """
    if "<" not in html:
        return unescape(html), []
    parts: list[str] = []
    anchors: list[Anchor] = []
    opened: list[tuple[dict[str, str], int]] = []
    at, unseen = 0, ""
    for tag in _TAG.finditer(html):
        if not unseen:
            parts.append(unescape(html[at : tag.start()]))
        at = tag.end()
        closing, name = tag[1], (tag[2] or "").lower()
        if unseen:
            unseen = "" if closing and name == unseen else unseen
        elif name in _UNSEEN and not closing:
            unseen = name
        elif name == "a" and not closing:
            opened.append((_attributes(tag[3]), len(parts)))
        elif name == "a" and opened:
            given, start = opened.pop()
            classes = frozenset(given.get("class", "").split())
            anchors.append(Anchor(given.get("href", ""), classes, "".join(parts[start:])))
        elif name == "br" or (closing and name in _BLOCK):
            parts.append(_BLOCK.get(name, "\n"))
    if not unseen:
        parts.append(unescape(html[at:]))
    return _BLANKS.sub("\n\n", "".join(parts)).strip("\n"), anchors


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }
