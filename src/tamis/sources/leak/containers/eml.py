"""One message in a file of its own: .eml, Maildir, or any file whose bytes are a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak import message
from tamis.sources.leak.containers.tar import is_header

if TYPE_CHECKING:
    from typing import BinaryIO

_KNOWN = {
    *(b"from", b"to", b"cc", b"bcc", b"subject", b"date", b"message-id", b"received", b"sender"),
    *(b"return-path", b"delivered-to", b"reply-to", b"mime-version", b"content-type"),
    *(b"content-transfer-encoding", b"in-reply-to", b"references", b"dkim-signature"),
    *(b"x-mailer", b"list-id", b"resent-from", b"resent-date", b"newsgroups", b"path"),
    *(b"authentication-results", b"arc-seal", b"envelope-to", b"x-original-to", b"x-received"),
    *(b"domainkey-signature", b"precedence", b"user-agent", b"x-envelope-from", b"status"),
}
_STRONG = {
    *(b"from", b"received", b"return-path", b"delivered-to", b"message-id", b"subject", b"to"),
    *(b"mime-version", b"dkim-signature", b"x-received", b"newsgroups", b"arc-seal"),
}
_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:|[ \t]|>?From ")
_NAMED_MAIL = re.compile(
    r"\.(?:eml|msg|email|mail|rfc822|mht)$|:2,[A-Za-z]*$|^\d+\.(?:[A-Za-z0-9_]+\.)",
    re.IGNORECASE,
)
_END = re.compile(rb"\n\r?\n")
_HEAD_BYTES = 65536
_LONG_HEAD = 60_000


def recognises(glimpse: Glimpse) -> int:
    """How surely the bytes are a message, by the names of their first header fields.

    A file called like mail needs one known field; any other needs two, one of them telling.
    """
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if b"\0" in head[:512] and (is_header(head[:512]) or not _begins(head)):
        return 0  # a tar whose first file is a message looks like one from its second line on
    is_named = _NAMED_MAIL.search(glimpse.name) is not None
    names, odd = _first_names(head)
    known = {name for name in names if name in _KNOWN}
    # Its first fields alone may be longer than what is seen here.
    is_long = is_named and names and not odd and len(head) >= _LONG_HEAD and not _END.search(head)
    if not (known or is_long) or odd > len(names):
        return 0
    if len(known) >= 3 and known & _STRONG and odd <= 1:
        # Behind a `From ` line it may be a mailbox of several messages.
        return 70 if head.startswith(b"From ") else 90
    if len(known) >= 2 and known & _STRONG:
        return 70
    if is_named:
        return 60
    # A field or two alone (a digest part, a bounced header): only when nothing else stands there.
    is_telling = bool(known & {b"received", b"return-path", b"mime-version", b"message-id"})
    return 40 if not odd and (is_telling or names[0] == b"from") else 0


def _begins(head: bytes) -> bool:
    """Whether the first line is a field of mail, or the line that stands before one in a box."""
    match = _LINE.match(head)
    if match is None:
        return False
    return match[1].lower() in _KNOWN if match[1] else head.startswith((b"From ", b">From "))


def _first_names(head: bytes) -> tuple[list[bytes], int]:
    """Lower-cased field names at the start of `head`, and how many lines are no field."""
    names: list[bytes] = []
    odd = 0
    for count, line in enumerate(re.split(rb"\r\n|\n|\r", head[:_HEAD_BYTES], maxsplit=200)):
        if not line or count >= 200:
            break
        match = _LINE.match(line)
        if match is None:
            odd += 1
        elif match[1]:
            names.append(match[1].lower())
    return names, odd


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The rows of the message, and each attachment as a child."""
    reading = message.read(stream.read())
    for row in reading.fields:
        sink.row("header", row)
    for rank, one in enumerate(reading.attachments):
        start, end = one.span or (None, None)
        made = sink.child(
            one.name,
            content=one.content,
            byte_start=start,
            byte_end=end,
            transform=one.transform,
            position=rank,
            claimed_type=one.claimed_type,
        )
        reading.parts[one.part_position]["content_item_id"] = made or None
    for row in reading.parts:
        sink.row("part", row)
    sink.row("message", reading.message)
    for row in reading.loads:
        sink.row("property", row)
    count = len(reading.attachments)
    if count:
        sink.row("ledger", {"emitted_count": count, "failed_count": 0})
    notes = "; ".join(dict.fromkeys(reading.notes))
    sink.row(
        "item",
        {
            "status": "partly" if notes else "read",
            "media_type": "message/rfc822",
            "reason": notes[:2000] or None,
        },
    )


READER = LeakReader(
    name="eml",
    media_types=("message/rfc822",),
    recognises=recognises,
    read=read,
    keeps=(
        "every header field in order with its bytes, the MIME tree, the decoded text of the body, "
        "the addresses that HTML bodies would load, attachments and forwarded messages as items "
        "of their own"
    ),
    cannot_know="whether anything the headers state is true; what the mail store changed",
)
