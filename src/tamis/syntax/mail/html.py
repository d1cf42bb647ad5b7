"""HTML reduced to the text it would show, in one linear pass; nothing is rendered or followed."""

from __future__ import annotations

import html
import re

_HIDDEN = re.compile(r"<(?:(!--)|(script|style|title|template)\b)", re.IGNORECASE)
_CLOSING = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "title", "template")
}
# Each attempt ends at the next angle bracket, so that the whole takes linear time.
_BREAKING = re.compile(
    r"</?(?:br|p|div|tr|li|ul|ol|dl|dt|dd|h[1-6]|table|blockquote|pre|hr|section|article|header"
    r"|footer|center|form|address)\b[^<>]*>",
    re.IGNORECASE,
)
_CELL = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[/!?A-Za-z][^<>]*>")
# A single blank, and a single line end, stay as they are: replacing them would cost most.
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]{2,}|[\t\r\f\v\xa0]")
_LINES = re.compile(r" \n[ \n]*|\n[ \n]+")


def text_of(page: str) -> str:
    """The text of an HTML page: blocks as lines, entities decoded, scripts and styles left out.

    Limits    No style is evaluated: text hidden by CSS is kept. An attribute that holds an angle
              bracket may leave its rest in the text.
    """
    kept = _without_hidden(page)
    kept = _BREAKING.sub("\n", _BLANKS.sub(" ", kept.replace("\n", " ")))
    kept = html.unescape(_TAG.sub("", _CELL.sub(" ", kept)))
    return _LINES.sub("\n", _BLANKS.sub(" ", kept)).strip()


def _without_hidden(page: str) -> str:
    """`page` without comments and without elements whose content is never shown."""
    pieces: list[str] = []
    position = 0
    while match := _HIDDEN.search(page, position):
        pieces.append(page[position : match.start()])
        if match[1]:
            end = page.find("-->", match.end())
            position = len(page) if end < 0 else end + 3
            # A comment parts no word; an element that is not shown stands for a blank.
            continue
        closing = _CLOSING[match[2].lower()].search(page, match.end())
        # An element that never closes hides the rest, as it does in a browser.
        position = len(page) if closing is None else closing.start()
        pieces.append(" ")
    pieces.append(page[position:])
    return "".join(pieces)
