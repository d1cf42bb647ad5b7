"""Hashes of what a message shows, by which two messages are seen to show the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.syntax.mail.display import STRUCTURAL
from tamis.syntax.mail.dkim import relaxed_header, simple_body, to_crlf

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.headers import Headers

_FIELDS = (b"from", b"to", b"cc", b"subject", b"date")
_STRUCTURE = (*STRUCTURAL, b"content-disposition")


@dataclass(frozen=True, slots=True)
class DisplayHashes:
    """SHA-256 of the fields people see, of what says how to read the body, and of the body.

    `is_plain`: readers agree about the header block, and no such field stands twice.
    """

    fields_sha256: str
    structure_sha256: str
    body_sha256: str
    is_plain: bool


def display_hashes(raw: bytes, headers: Headers, display: Display) -> DisplayHashes:
    """The hashes of what a message shows.

    Two messages with equal hashes, both plain, differ at most in other header fields, in runs of
    white space in From, To, Cc, Subject and Date, in the line ends they are stored with, and in
    empty lines at the end (RFC 6376 sections 3.4.2 and 3.4.3). White space in the fields that say
    how to read the body counts: some readers find no boundary or encoding where others do.
    """
    names = (*_FIELDS, *_STRUCTURE)
    counts = [len(display.ranks.get(name, ())) for name in names]
    is_plain = not display.defects and not display.conflicts and max(counts) <= 1
    return DisplayHashes(
        _hash(headers, display, _FIELDS, relaxed_header),
        _hash(headers, display, _STRUCTURE, _as_written),
        hashlib.sha256(simple_body(raw[headers.body_start :])).hexdigest(),
        is_plain and display.count(b"from") == 1,
    )


def _as_written(name: bytes, value: bytes) -> bytes:
    return name + b":" + to_crlf(value)


def _hash(
    headers: Headers,
    display: Display,
    names: tuple[bytes, ...],
    form: Callable[[bytes, bytes], bytes],
) -> str:
    found = hashlib.sha256()
    for name in names:
        for rank in display.ranks.get(name, ()):
            found.update(form(name, headers.fields[rank].value))
    return found.hexdigest()
