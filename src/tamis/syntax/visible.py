"""Hostile text made fit to be shown: what a reader sees is what is there."""

from __future__ import annotations

import re
import unicodedata

_NAMED = {"\n": "␤", "\r": "␍", "\t": "␉", "\0": "␀", "\x1b": "␛", "\x7f": "␡"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Controls, marks that turn or hide text, and line ends that only some programs know.
_ACTING = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]"
)
# Joiners that ordinary emoji and scripts need are kept only between two visible characters.
_JOINERS = {"\u200d", "\u200c", "\ufe0f"}


def show_hidden(text: str, *, limit: int | None = None) -> str:
    """`text` on one line, with every control, format and bidirectional character written out.

    Line ends and tabs become their control pictures, all else that cannot be seen becomes
    ⟨U+XXXX⟩. With `limit`, a longer text is cut there and says how many characters it had.
    """
    if text.isascii() and text.isprintable():
        shown = text
    else:
        shown = "".join(map(_show, text if limit is None else text[: limit + 1]))
    if limit is not None and len(text) > limit:
        return f"{shown[:limit]}… [{len(text):,} characters]"
    return shown


def escape_json(line: str) -> str:
    """A line of JSON that says the same and holds nothing that a terminal or pager obeys."""
    if (line.isascii() and "\x7f" not in line) or line.removesuffix("\n").isprintable():
        return line
    return _ACTING.sub(_escaped, line)


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _show(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"⟨U+{ord(character):04X}⟩"
