"""The listed decodings between a span of a container and the item it stands for.

`place.transform` names one of these, or several joined by `+`, applied from left to right. The
list is short on purpose: only what costs no more than its input and cannot fail half-way. What
needs more (archives, compression) is decoded in the cell, and gets a blob of its own.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from tamis.errors import CaseBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_PLAIN_FROM = re.compile(rb"(?m)^>From ")


def _base64(data: bytes) -> bytes:
    """The decoded bytes; what is no base64 letter is skipped (RFC 2045 section 6.8)."""
    letters = _NO_BASE64.sub(b"", data.split(b"=", 1)[0])
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _uuencode(data: bytes) -> bytes:
    """The decoded lines; lines that are no uuencoding are skipped."""
    found = []
    for line in data.splitlines():
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(found)


TRANSFORMS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "base64": _base64,
        "quoted_printable": quopri.decodestring,
        "uuencode": _uuencode,
        "mboxrd": lambda data: _QUOTED_FROM.sub(rb"\1", data),
        "mboxo": lambda data: _PLAIN_FROM.sub(b"From ", data),
    }
)


def transform(name: str, data: bytes) -> bytes:
    """The item's bytes, from the span `data` and the decoding that `place.transform` names.

    Errors    CaseBrokenError for a name that is not listed.
    """
    for step in name.split("+"):
        if step not in TRANSFORMS:
            raise CaseBrokenError(f"place.transform {step!r} is none of {', '.join(TRANSFORMS)}")
        data = TRANSFORMS[step](data)
    return data
