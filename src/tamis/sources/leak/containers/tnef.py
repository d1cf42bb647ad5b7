"""winmail.dat: what Outlook adds to a message, opened into attachments, text and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak import outlook
from tamis.sources.leak.containers import tnef_stream
from tamis.syntax.mapi import lzfu
from tamis.syntax.mapi import rebuilt as form
from tamis.syntax.mapi.bag import BINARY, TEXT, TEXT8

if TYPE_CHECKING:
    from typing import BinaryIO

    from tamis.sources.leak.containers.tnef_stream import Attached, Bundle

_TYPE = "application/vnd.ms-tnef"
_RTF, _HTML = 0x1009, 0x1013
_NAMES = (0x3707, 0x3704, 0x3001)


def recognises(glimpse: Glimpse) -> int:
    """95 for the first bytes of TNEF."""
    return 95 if glimpse.head.startswith(tnef_stream.MAGIC) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """Its text and properties, and each attachment and formatted body as a child."""
    data = stream.read()
    bundle = tnef_stream.parse(data)
    problems = list(bundle.problems)
    message = form.Rebuilt("tnef", bundle.bag, bundle.recipients)
    body = outlook.body_of(message)
    problems += body.notes
    sink.row(
        "document",
        {
            "kind": "other",
            "text": body.text,
            "text_reader": None if body.text is None else "tamis tnef 1",
            "text_is_cut": None if body.text is None else False,
            "is_encrypted": False,
        },
    )
    for row in outlook.property_rows(message):
        sink.row("property", row)
    if subject := outlook.subject_of(message.bag):
        # The mail around the bundle may say something else.
        sink.row("property", {"namespace": "mapi", "name": "subject", "value": subject})
    for number, name in bundle.names.items():
        told = {"namespace": "tnef", "name": f"property {number:04x}", "value": name}
        sink.row("property", told)
    emitted, failed = _attachments(bundle, data, sink, problems)
    emitted += _bodies(bundle, sink, emitted + failed, problems)
    reason = "; ".join(dict.fromkeys(problems))[:2000] or None
    status = "read" if reason is None else "partly"
    sink.row("item", {"status": status, "media_type": _TYPE, "reason": reason})
    if emitted or failed:
        counts = {"emitted_count": emitted, "failed_count": failed}
        sink.row("ledger", {"expected_count": emitted + failed, **counts, "note": reason})


def _attachments(bundle: Bundle, data: bytes, sink: Sink, problems: list[str]) -> tuple[int, int]:
    emitted = failed = 0
    for rank, one in enumerate(bundle.attachments):
        name = _name(one, rank)
        stated = one.bag.text(0x370E)
        place: dict[str, Any] = {
            "position": rank,
            "claimed_type": stated.strip().lower()[:200] if stated else None,
            "container_modified_at": one.bag.moment(0x3008),
        }
        if one.modified and one.bag.moment(0x3008) is None:
            told = {"name": "modified (local time, zone not stated)", "value": one.modified}
            sink.row("property", {"namespace": "tnef", "part_name": name, **told})
        if one.span is None:
            failed += 1
            problems.append(f"attachment {rank + 1} ({name[:80]}) has no bytes")
            sink.absent(name, "failed", "it has a name and no bytes in the bundle", **place)
            continue
        emitted += 1
        start, end = one.span
        if one.is_message:
            place["claimed_type"] = outlook.MESSAGE_TYPE
            sink.child(name, content=_message(data[start:end]), **place)
        else:
            sink.child(name, byte_start=start, byte_end=end, **place)
    return emitted, failed


def _message(data: bytes) -> bytes:
    """A message attached inside, in the form in which messages of Outlook stores are kept.

    What is attached to it in turn stands there as it was: another bundle is read as one.
    """
    inner = tnef_stream.parse(data)
    rebuilt = form.Rebuilt("tnef", inner.bag, inner.recipients, problems=inner.problems)
    for one in inner.attachments:
        content = None if one.span is None else data[slice(*one.span)]
        kind = "lost" if content is None else "value"
        if one.title:
            one.bag.put(0x3704 << 16 | TEXT, one.title.encode("utf-16-le", "surrogatepass"))
        rebuilt.attachments.append(form.Attachment(one.bag, kind, content, label=None))
    rebuilt.attachment_count = len(rebuilt.attachments)
    return form.write(rebuilt)


def _bodies(bundle: Bundle, sink: Sink, position: int, problems: list[str]) -> int:
    """The formatted bodies as items of their own: RTF unpacked, HTML as it is."""
    count = 0
    packed = bundle.bag.raw(_RTF, BINARY)
    if packed:
        found = lzfu.expand(packed)
        if found.problem:
            problems.append(f"the RTF body: {found.problem}")
        if found.data:
            told = {"position": position, "claimed_type": "application/rtf"}
            sink.child("body.rtf", content=found.data, **told)
            count += 1
    page = bundle.bag.raw(_HTML, BINARY, TEXT8, TEXT)
    if page:
        told = {"position": position + count, "claimed_type": "text/html"}
        sink.child("body.html", content=page, **told)
        count += 1
    return count


def _name(one: Attached, rank: int) -> str:
    names = (one.bag.text(number) for number in _NAMES)
    found = next((name for name in names if name), one.title)
    return found or f"attachment-{rank + 1}"


READER = LeakReader(
    name="tnef",
    media_types=(_TYPE, "application/ms-tnef"),
    recognises=recognises,
    read=read,
    keeps="attachments as spans of the bundle, attached messages, text, RTF, subject, people",
    cannot_know="which of it a reader outside Outlook ever saw",
)
