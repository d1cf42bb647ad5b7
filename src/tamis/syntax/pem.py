"""Certificates between their marks (PEM)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def certificates_in(data: bytes) -> Iterator[bytes]:
    """The bytes of each certificate in a text; empty bytes for a block that is no base64.

    Source    RFC 7468 section 5
    """
    position = 0
    while (start := data.find(_BEGIN, position)) >= 0:
        end = data.find(_END, start)
        if end < 0:
            break
        position = end
        text = b"".join(data[start + len(_BEGIN) : end].split())
        try:
            yield base64.b64decode(text, validate=True)
        except ValueError:
            yield b""
