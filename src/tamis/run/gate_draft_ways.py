"""Addresses in a draft: written out, made safe to print, or bare, as a reader would follow them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.syntax.text import written
from tamis.syntax.web import domain

if TYPE_CHECKING:
    from collections.abc import Iterator

# Forms that keep an address from being a link and still show where it leads; of one line each.
_SAFE_FORM = re.compile(
    r"(?P<scheme>\bh(?:xx|\*\*|__|--|t\*|\*t)p(?P<s>s?)(?=[ ]{0,2}[:\[({]))"
    r"|(?P<dot>(?<=\w)[ ]{0,2}[\[({<]{1,2}[ ]{0,2}(?:\.|dot|point|punkt)"
    r"[ ]{0,2}[\])}>]{1,2}[ ]{0,2}(?=\w))"
    r"|(?P<colon>[ ]{0,2}[\[({][ ]{0,2}:[ ]{0,2}[\])}][ ]{0,2})"
    r"|(?P<strokes>[\[({]://[\])}])|(?P<stroke>(?<=\w)[\[({]/[\])}](?=\w))",
    re.IGNORECASE,
)
_STANDS_FOR = {"dot": ".", "colon": ":", "strokes": "://", "stroke": "/"}
_BARE = re.compile(
    r"(?<![\w@./:=&?%+-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}(?![\w@-])"
    r"(?::\d{2,5}(?!\d))?(?:/[^\s<>\"'`|\]\u3000]{0,2000})?"
)
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\(\s{0,4}<?([^\s<>)]{1,2000})")
_NAMED_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\](?:\[([^\]\n]{0,300})\])?(?!\()")
_DEFINED = re.compile(r"(?m)^ {0,3}\[([^\]\n]{1,300})\]:\s{0,4}<?([^\s<>]{1,2000})")
_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]{1,15}:)?//", re.IGNORECASE)


def unsafe(text: str) -> str:
    """The text with addresses as they were before they were made safe to print.

    hxxps[:]//files (dot) example is https://files.example; line breaks stay where they are.
    """
    return _SAFE_FORM.sub(_stood_for, text)


def _stood_for(found: re.Match[str]) -> str:
    if found["scheme"]:
        return f"http{found['s']}"
    return next(sign for name, sign in _STANDS_FOR.items() if found[name])


def addresses_in(text: str) -> Iterator[tuple[str, bool]]:
    """Each address of a text as it stands, and whether it is a host alone, without a path.

    Limits    Without a scheme only what ends in a public suffix, so that file names and the end
              of a sentence with no blank behind it are seldom one; `example` and `onion` are.
    """
    yield from ((one, False) for one in written(text).urls)
    for found in _BARE.finditer(text):
        address = found[0].rstrip(".,;:!?)*_")
        host, _, path = address.partition("/")
        name = host.partition(":")[0].lower()
        if _is_host(name):
            yield address, not path


def _is_host(name: str) -> bool:
    top = name.rpartition(".")[2]
    return top in {"onion", "example", "test"} or domain(name) is not None


def images_of_markdown(text: str) -> list[str]:
    """Addresses of images elsewhere that a page made of a Markdown text would load."""
    defined = {name.strip().lower(): address for name, address in _DEFINED.findall(text)}
    named = (other or name for name, other in _NAMED_IMAGE.findall(text))
    found = [*_IMAGE.findall(text), *(defined.get(one.strip().lower(), "") for one in named)]
    return [one for one in dict.fromkeys(found) if _REMOTE.match(one)]
