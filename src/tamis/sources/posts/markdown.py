"""Addresses in posts written in Markdown, without the marks that stand around them."""

from __future__ import annotations

import re

from tamis.syntax.text import written

_MARKED = re.compile(
    r"\[[^\]\n]{0,500}\]\(<?(https?://[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)>?"
    r"(?:[ \t]+\"[^\"\n]{0,300}\")?\)"
)
# Marks of bold, struck, hidden and verbatim text, which addresses do not hold.
_PAIRS = re.compile(r"\*\*|~~|\|\||`+")
# An asterisk or underscore may be part of an address: only what stands on both sides is a mark.
_AROUND = re.compile(r"(?<![\w/])([*_]{1,2})(?=https?://)(\S{1,2000}?)\1(?![\w/])")
_ESCAPED = re.compile(r"\\([*_~|`])")


def addresses(text: str) -> tuple[str, ...]:
    """The addresses in a text, each once: those behind words first, then those written out.

    Limits    Code is text like other: an address in it counts.
    """
    if "http" not in text and "www." not in text:
        return ()
    bare = _ESCAPED.sub(r"\1", text) if "\\" in text else text
    behind = _MARKED.findall(bare)
    rest = _PAIRS.sub(" ", _MARKED.sub(" ", bare))
    return tuple(dict.fromkeys((*behind, *written(_AROUND.sub(r" \2 ", rest)).urls)))
