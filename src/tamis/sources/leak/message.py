"""One message taken apart: what its headers state, its parts, its text, its attachments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tamis.sources.leak.documents import html_tags
from tamis.syntax.mail import address, charset, date, headers, html, mime, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_FIELDS = 10_000
MAX_LOADS, MAX_VALUE = 200, 4_000
_BULK_PRECEDENCE = {"bulk", "list", "junk"}
_TEXT_TYPES = {"text/plain", "text/html", "text/enriched", "text/richtext"}


class Attachment(NamedTuple):
    """A part that becomes an item of its own.

    `span` is the range of the message that holds it, and `transform` the listed decoding that
    makes its bytes from there (None: they are the span); `content` is None where the span is all.
    """

    part_position: int
    name: str
    claimed_type: str | None
    content: bytes | None
    span: tuple[int, int] | None
    transform: str | None


@dataclass(slots=True)
class Reading:
    """Everything that was read out of one message."""

    message: dict[str, Any]
    fields: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    attachments: list[Attachment]
    loads: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(raw: bytes) -> Reading:
    """The rows of a message and what is attached to it, without their item ids.

    Limits    What the headers state, nothing more: none of it is proven. Of a field that occurs
              twice the first is taken; all are in `fields`.
    """
    block = headers.split(raw)
    tree = mime.walk(raw, [(one.name, one.value) for one in block.fields], block.body_start)
    notes = list(tree.notes)
    if len(block.fields) > MAX_FIELDS:
        notes.append(f"{len(block.fields):,} header fields: the first {MAX_FIELDS:,} are listed")
    loads: list[dict[str, Any]] = []
    body, attachments = _contents(raw, tree, notes, loads)
    message = _stated(block)
    message["body_text"] = body
    message["body_raw_bytes"] = len(raw) - block.body_start
    message["line_ends"] = block.line_ends
    return Reading(
        message,
        [_field_row(rank, one) for rank, one in enumerate(block.fields[:MAX_FIELDS])],
        [_part_row(part) for part in tree.parts],
        attachments,
        loads,
        notes,
    )


def _stated(block: headers.Headers) -> dict[str, Any]:
    """The columns of `message` that come from header fields."""
    first: dict[bytes, bytes] = {}
    received = 0
    for one in block.fields:
        name = one.name.lower()
        if name == b"received":
            received += 1
        first.setdefault(name, one.value)
    first.pop(b"", None)
    sender = address.parse(_text(first, b"from"))
    sent = date.parse(_text(first, b"date"))
    mailer = first.get(b"x-mailer", first.get(b"user-agent"))
    return {
        "message_id": _only(address.message_ids(_text(first, b"message-id"), 1)),
        "in_reply_to": _only(address.message_ids(_text(first, b"in-reply-to"), 1)),
        "reference_ids": address.message_ids(_text(first, b"references")),
        "from_address": next((one.address for one in sender if one.address), None),
        "from_name": sender[0].name if sender else None,
        "from_raw": _decoded(first, b"from"),
        "to_addresses": _addresses(first, b"to"),
        "cc_addresses": _addresses(first, b"cc"),
        "bcc_addresses": _addresses(first, b"bcc"),
        "subject": _decoded(first, b"subject"),
        "sent_at": sent[0] if sent else None,
        "sent_offset_s": sent[1] if sent else None,
        "sent_raw": _text(first, b"date") if b"date" in first else None,
        "received_count": received,
        "mailer": None if mailer is None else words.decode(mailer),
        "list_id": _decoded(first, b"list-id"),
        "is_bulk": is_bulk(first),
    }


def is_bulk(first: Mapping[bytes, bytes]) -> bool:
    """Whether a message calls itself newsletter, list or automatic mail.

    Input     the first value of each field, by lower-cased name
    Source    RFC 2919, RFC 2369, RFC 3834; Precedence by custom.
    """
    if b"list-id" in first or b"list-unsubscribe" in first:
        return True
    if _text(first, b"precedence").lower() in _BULK_PRECEDENCE:
        return True
    automatic = _text(first, b"auto-submitted").partition(";")[0].strip().lower()
    return automatic not in {"", "no"}


def _text(first: Mapping[bytes, bytes], name: bytes) -> str:
    value = first.get(name)
    return "" if value is None else words.text_of(value)


def _decoded(first: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = first.get(name)
    return None if value is None else words.decode(value)


def _addresses(first: Mapping[bytes, bytes], name: bytes) -> list[str]:
    value = first.get(name)
    if value is None:
        return []
    return [one.address for one in address.parse(words.text_of(value)) if one.address]


def _only(found: list[str]) -> str | None:
    return found[0] if found else None


def _field_row(rank: int, one: headers.Field) -> dict[str, Any]:
    value = headers.unfold(one.value)
    return {
        "position": rank,
        "name": one.name.decode("latin-1"),
        "value": value.decode("ascii")
        if value.isascii()
        else value.decode("utf-8", "backslashreplace"),
        "byte_start": one.byte_start,
        "byte_end": one.byte_end,
    }


def _part_row(part: mime.Part) -> dict[str, Any]:
    return {
        "position": part.position,
        "parent_position": part.parent_position,
        "media_type": part.media_type,
        "charset": part.charset,
        "transfer_encoding": part.transfer_encoding,
        "disposition": part.disposition,
        "name": part.name,
        "byte_start": part.byte_start,
        "byte_end": part.byte_end,
        "content_item_id": None,
    }


def load_rows(page: str, part: str) -> list[dict[str, Any]]:
    """The rows of `property` that name what a mail program would load from an HTML body.

    Limits    as `html_tags.survey`; of one body the first 200 addresses, and how many more
    """
    found, more = html_tags.loads(page, MAX_LOADS)
    if more:
        found.append(html_tags.Stated("not listed", str(more)))
    return [
        {"namespace": "loads", "name": one.name, "value": one.value[:MAX_VALUE], "part_name": part}
        for one in found
    ]


def _contents(
    raw: bytes, tree: mime.Tree, notes: list[str], loads: list[dict[str, Any]]
) -> tuple[str | None, list[Attachment]]:
    """The text of the body, and the parts that become items; what HTML parts load goes to `loads`.

    A part that is not taken as the text is looked at too: a mail program shows the richest.
    """
    texts: list[tuple[mime.Part, str]] = []
    attachments: list[Attachment] = []
    for part in mime.leaves(tree):
        if not _is_body(part):
            attachments.append(_attachment(raw, part, notes))
            continue
        data, problem = mime.content(raw, part)
        text, assumed = charset.decode(data, part.charset)
        notes.extend(
            f"part {part.position}: {one}" for one in (problem, assumed) if one is not None
        )
        texts.append((part, text))
        if part.media_type == "text/html":
            loads += load_rows(text, f"part {part.position}")
    return _body(tree, texts), attachments


def _is_body(part: mime.Part) -> bool:
    if part.disposition == "attachment" or part.name is not None:
        return part.parent_position is None and _is_text(part)
    return _is_text(part)


def _is_text(part: mime.Part) -> bool:
    shown = part.shown_type
    # A multipart that could not be opened is shown as text by every reader.
    return shown in _TEXT_TYPES or shown.startswith("multipart/")


def _body(tree: mime.Tree, texts: list[tuple[mime.Part, str]]) -> str | None:
    """All body texts in order; of alternatives only the first that says something."""
    if not texts:
        return None
    kept: list[str] = []
    told: set[int] = set()
    for part, found in texts:
        choices = set(_alternatives(tree, part))
        if choices & told:
            continue
        text = html.text_of(found) if part.media_type == "text/html" else found
        if not text.strip():
            continue
        told |= choices
        kept.append(text)
    return "\n".join(kept)


def _alternatives(tree: mime.Tree, part: mime.Part) -> Iterator[int]:
    """The multipart/alternative parts around a part, by position."""
    above = part.parent_position
    while above is not None:
        one = tree.parts[above]
        if one.media_type == "multipart/alternative":
            yield above
        above = one.parent_position


def _attachment(raw: bytes, part: mime.Part, notes: list[str]) -> Attachment:
    name = part.name or f"part-{part.position}"
    span = (part.byte_start, part.byte_end)
    if mime.is_identity(part):
        return Attachment(part.position, name, part.media_type, None, span, None)
    data, problem = mime.content(raw, part)
    listed = {"base64": "base64", "quoted-printable": "quoted_printable"}
    transform = listed.get(part.transfer_encoding or "") if problem is None else None
    if problem is not None:
        notes.append(f"part {part.position}: {problem}")
        if data == raw[span[0] : span[1]]:
            return Attachment(part.position, name, part.media_type, None, span, None)
    where = span if transform else None
    return Attachment(part.position, name, part.media_type, data, where, transform)
