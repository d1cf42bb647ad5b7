"""A message rebuilt from an Outlook store (PST, OST or MSG): its rows, and what is attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak import outlook
from tamis.syntax.mapi import rebuilt as form

if TYPE_CHECKING:
    from typing import BinaryIO

    from tamis.syntax.mapi.rebuilt import Attachment, Rebuilt

_NAMES = (0x3707, 0x3704, 0x3001)
_MIME_TAG, _CONTENT_ID, _LINK = 0x370E, 0x3712, 0x370D


def recognises(glimpse: Glimpse) -> int:
    """Certain, by the mark that tamis itself writes."""
    return 100 if glimpse.head.startswith(form.MAGIC) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The rows of the message, and each attachment as a child by its span."""
    data = stream.read()
    message = form.read(data)
    kind = outlook.class_of(message.bag)
    body = outlook.body_of(message)
    notes = [*message.problems, *body.notes]
    whole = {"media_type": f"application/vnd.tamis.outlook-{kind}", "byte_end": len(data)}
    parts: list[dict[str, Any]] = [whole]
    parts += [{**one, "parent_position": 0} for one in body.parts]
    lost = _attach(message, sink, parts, notes)
    for rank, row in enumerate(parts):
        sink.row("part", {"byte_start": 0, "byte_end": 0, **row, "position": rank})
    if kind == "message":
        for row in outlook.header_rows(message):
            sink.row("header", row)
        sink.row("message", outlook.message_row(message, body))
    else:
        sink.row("document", _document(message))
    for row in (*outlook.property_rows(message), *body.loads):
        sink.row("property", row)
    _close(message, sink, lost, notes, kind)


def _document(message: Rebuilt) -> dict[str, Any]:
    text = outlook.item_text(message)
    return {
        "kind": "other",
        "text": text,
        "text_reader": None if text is None else "tamis outlook 1",
        "text_is_cut": None if text is None else False,
        "is_encrypted": False,
    }


def _attach(
    message: Rebuilt, sink: Sink, parts: list[dict[str, Any]], notes: list[str]
) -> tuple[int, int]:
    """How many attachments came out, and how many did not."""
    emitted = failed = 0
    for rank, one in enumerate(message.attachments):
        name = _name(one, rank)
        row: dict[str, Any] = {
            "parent_position": 0,
            "media_type": _media_type(one),
            "name": name,
            "disposition": "inline" if one.bag.text(_CONTENT_ID) else "attachment",
        }
        if one.span is None:
            failed += 1
            notes.append(f"attachment {rank + 1} ({name[:80]}): {one.problem or 'without bytes'}")
        else:
            emitted += 1
            start, end = one.span
            row["byte_start"], row["byte_end"] = start, end
            row["content_item_id"] = (
                sink.child(
                    name,
                    byte_start=start,
                    byte_end=end,
                    position=rank,
                    claimed_type=row["media_type"],
                )
                or None
            )
        parts.append(row)
    return emitted, failed


def _name(one: Attachment, rank: int) -> str:
    names = (one.bag.text(number) for number in _NAMES)
    name = next((found for found in names if found), f"attachment-{rank + 1}")
    return f"{name}/{one.label}" if one.label else name


def _media_type(one: Attachment) -> str | None:
    if one.kind == "message":
        return outlook.MESSAGE_TYPE
    stated = one.bag.text(_MIME_TAG)
    return stated.strip().lower()[:200] if stated else None


def _close(
    message: Rebuilt, sink: Sink, counts: tuple[int, int], notes: list[str], kind: str
) -> None:
    """The rows that say what became of the message and of what is attached to it."""
    emitted, failed = counts
    stated = message.attachment_count
    # Several streams of one OLE object are one attachment to the store.
    listed = sum(one.kind != "more" for one in message.attachments)
    if stated is not None and stated > listed:
        notes.append(f"the store declares {stated} attachments and lists {listed}")
        failed += stated - listed
    if emitted or failed:
        sink.row(
            "ledger",
            {
                "expected_count": emitted + failed if stated is not None else None,
                "emitted_count": emitted,
                "failed_count": failed,
            },
        )
    told = "; ".join(dict.fromkeys(notes))
    sink.row(
        "item",
        {
            "status": "partly" if told else "read",
            "media_type": f"application/vnd.tamis.outlook-{kind}",
            "reason": told[:2000] or None,
        },
    )


READER = LeakReader(
    name="outlook",
    media_types=(outlook.MESSAGE_TYPE,),
    recognises=recognises,
    read=read,
    keeps=(
        "one message, contact, appointment, task or note of an Outlook store: its MAPI properties, "
        "the transport headers as kept there, the text, attachments and attached messages"
    ),
    cannot_know=(
        "the bytes that were sent: a store keeps properties, not the message; no signature can "
        "speak for a body rebuilt from them"
    ),
)
