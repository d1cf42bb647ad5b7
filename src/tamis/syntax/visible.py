"""Hostile text made fit to be shown: what a reader sees is what is there."""

from __future__ import annotations

import unicodedata

_NAMED = {"\n": "␤", "\r": "␍", "\t": "␉", "\0": "␀", "\x1b": "␛", "\x7f": "␡"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
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


def _show(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"⟨U+{ord(character):04X}⟩"
