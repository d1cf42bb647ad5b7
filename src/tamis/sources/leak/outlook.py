"""One message of an Outlook store taken apart: rows from its MAPI properties, as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.sources.leak import message as mail
from tamis.syntax.mail import address, charset, html
from tamis.syntax.mapi import lzfu, rtf
from tamis.syntax.mapi.bag import BINARY, TEXT, TEXT8
from tamis.syntax.mapi.codepage import codec_of_codepage

if TYPE_CHECKING:
    from datetime import datetime

    from tamis.syntax.mapi.bag import Bag
    from tamis.syntax.mapi.rebuilt import Rebuilt

# What is no e-mail, by the beginning of its class; anything else is one.
_CLASSES = (
    ("ipm.contact", "contact"),
    ("ipm.distlist", "distribution-list"),
    ("ipm.appointment", "appointment"),
    ("ipm.taskrequest", "message"),
    ("ipm.task", "task"),
    ("ipm.stickynote", "note"),
    ("ipm.activity", "journal-entry"),
    ("ipm.configuration", "setting"),
    ("ipm.microsoft", "setting"),
)
MESSAGE_TYPE = "application/vnd.tamis.outlook-message"
_PLAIN, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_META = re.compile(rb"<meta[^<>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_NAMED_ENDS = {"\r\n": "crlf", "\n": "lf", "\r": "cr"}
_LINE_ENDS_SHOWN = 100_000


@dataclass(slots=True)
class Body:
    """The bodies of a message: parts in order, the text shown, and the HTML if there is one."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    text: str | None = None
    raw_bytes: int = 0
    line_ends: str = "none"
    loads: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def class_of(bag: Bag) -> str:
    """What kind of thing an object is: message, contact, appointment, task, note and so on."""
    stated = (bag.text(0x001A) or "").lower()
    return next((kind for start, kind in _CLASSES if stated.startswith(start)), "message")


def message_row(rebuilt: Rebuilt, body: Body) -> dict[str, Any]:
    """The row of `message`; what MAPI does not hold is taken from the transport headers.

    Limits    A time without a Date field is the submission time that the store states, in UTC.
    """
    bag = rebuilt.bag
    stated = mail.read(_block(rebuilt) + b"\r\n\r\n").message if rebuilt.headers else {}
    row: dict[str, Any] = {**_people(rebuilt, stated)}
    row["message_id"] = _first_id(bag.text(0x1035)) or stated.get("message_id")
    row["in_reply_to"] = _first_id(bag.text(0x1042)) or stated.get("in_reply_to")
    row["reference_ids"] = address.message_ids(bag.text(0x1039) or "") or stated.get(
        "reference_ids", []
    )
    row["subject"] = subject_of(bag) or stated.get("subject")
    row["sent_at"], row["sent_offset_s"] = _sent(bag, stated)
    for name in ("sent_raw", "mailer", "list_id"):
        row[name] = stated.get(name)
    row["received_count"] = stated.get("received_count", 0)
    row["is_bulk"] = bool(stated.get("is_bulk"))
    row["body_text"] = body.text
    row["body_raw_bytes"] = body.raw_bytes
    row["line_ends"] = body.line_ends
    return row


def header_rows(rebuilt: Rebuilt) -> list[dict[str, Any]]:
    """The transport headers that the store kept, field by field, where they stand."""
    if not rebuilt.headers:
        return []
    # A line of Outlook's own in front of the fields is no field: it is left to the bytes.
    block = _block(rebuilt)
    start = rebuilt.headers_start + len(rebuilt.headers) - len(block)
    rows = mail.read(block.rstrip(b"\r\n") + b"\r\n\r\n").fields
    limit = len(block)
    for row in rows:
        row["byte_start"] = min(row["byte_start"], limit) + start
        row["byte_end"] = min(row["byte_end"], limit) + start
    return rows


def subject_of(bag: Bag) -> str | None:
    """The subject without the mark that says how long its prefix is."""
    found = bag.text(0x0037)
    if found and found[0] == "\x01":
        found = found[2:]
    if found is None:
        parts = bag.text(0x003D), bag.text(0x0E1D)
        found = "".join(one for one in parts if one)
    return found or None


def body_of(rebuilt: Rebuilt) -> Body:
    """The text of the message: plain if the store holds it, else from HTML, else from RTF."""
    bag, body = rebuilt.bag, Body()
    plain = bag.text(_PLAIN)
    page = _html(bag, body)
    rich = _rich(bag, body) if page is None and bag.raw(_RTF, BINARY) else None
    if page is not None:
        body.loads = mail.load_rows(page, "HTML body")
    elif rich is not None and rich.is_html:
        # Outlook shows the page inside RTF, whatever plain text stands beside it.
        body.loads = mail.load_rows(rich.text, "HTML in the RTF body")
    _part(bag, body, _PLAIN, "text/plain")
    _part(bag, body, _HTML, "text/html")
    _part(bag, body, _RTF, "application/rtf")
    if plain is not None and plain.strip():
        body.text = plain
    elif page is not None:
        body.text = html.text_of(page)
    else:
        body.text = plain if rich is None else _words(rich)
    sizes = (bag.raw(number) for number in (_PLAIN, _HTML, _RTF))
    body.raw_bytes = sum(len(one) for one in sizes if one)
    found = {_NAMED_ENDS[one] for one in _LINE_ENDS.findall((plain or "")[:_LINE_ENDS_SHOWN])}
    body.line_ends = found.pop() if len(found) == 1 else "mixed" if found else "none"
    return body


def item_text(rebuilt: Rebuilt) -> str | None:
    """All that a contact, an appointment or a task says in words, in the order of its tags."""
    bag = rebuilt.bag
    texts = [subject_of(bag)]
    texts += [
        bag.text_of(tag)
        for tag in sorted(bag.values)
        if tag & 0xFFFF in {TEXT, TEXT8} and tag >> 16 in _SPOKEN
    ]
    texts.append(body_of(rebuilt).text)
    kept = dict.fromkeys(one.strip() for one in texts if one and one.strip())
    return "\n".join(kept) or None


def property_rows(rebuilt: Rebuilt) -> list[dict[str, Any]]:
    """What the store keeps beside what a message shows: class, times, who changed it last."""
    bag = rebuilt.bag
    rows: list[dict[str, Any]] = []
    for number, name in _PROPERTIES.items():
        noted: datetime | None = bag.moment(number)
        value = bag.text(number) if noted is None else noted.isoformat()
        if value is None and (counted := bag.number(number)) is not None and not _is_time(number):
            value = str(counted)
        if value is None and (raw := bag.raw(number, BINARY)):
            value = raw[:512].hex()
        if value is not None:
            row = {"namespace": "mapi", "name": name, "value": value, "noted_at": noted}
            rows.append({"position": len(rows), **row})
    return rows


def _is_time(number: int) -> bool:
    return _PROPERTIES[number].endswith("_time")


def _block(rebuilt: Rebuilt) -> bytes:
    raw = rebuilt.headers or b""
    if raw.startswith(b"Microsoft Mail Internet Headers"):
        return raw.partition(b"\n")[2]
    return raw


def _sent(bag: Bag, stated: dict[str, Any]) -> tuple[datetime | None, int | None]:
    if stated.get("sent_at") is not None:
        return stated["sent_at"], stated["sent_offset_s"]
    return bag.moment(0x0039) or bag.moment(0x0E06), None


def _first_id(found: str | None) -> str | None:
    ids = address.message_ids(found, 1) if found else []
    return ids[0] if ids else None


def _people(rebuilt: Rebuilt, stated: dict[str, Any]) -> dict[str, Any]:
    """Who the store says sent it and to whom; of two senders the one that it was sent for."""
    bag = rebuilt.bag
    name = bag.text(0x0042) or bag.text(0x0C1A)
    sender = _address(bag, 0x5D02, 0x0064, 0x0065) or _address(bag, 0x5D01, 0x0C1E, 0x0C1F)
    if sender is None or "@" not in sender:
        sender = stated.get("from_address") or sender
    shown = None if name is None and sender is None else f"{name or ''} <{sender or ''}>".strip()
    people: dict[str, Any] = {
        "from_address": sender,
        "from_name": name or stated.get("from_name"),
        "from_raw": shown or stated.get("from_raw"),
    }
    listed: dict[int, list[str]] = {1: [], 2: [], 3: []}
    for one in rebuilt.recipients:
        found = _address(one, 0x39FE, 0x3002, 0x3003)
        if found is not None:
            listed.setdefault((one.number(0x0C15) or 1) & 0xF, []).append(found)
    for kind, column in ((1, "to_addresses"), (2, "cc_addresses"), (3, "bcc_addresses")):
        people[column] = listed[kind] or stated.get(column, [])
    return people


def _address(bag: Bag, smtp: int, kind: int, plain: int) -> str | None:
    """The SMTP address if there is one, else the one the store uses inside itself."""
    found = bag.text(smtp)
    if found is None or "@" not in found:
        found = bag.text(plain)
    if found is None:
        return None
    if "@" in found and (bag.text(kind) or "SMTP").upper() == "SMTP":
        parsed = [one.address for one in address.parse(found) if one.address]
        return parsed[0] if parsed else found
    return found


def _html(bag: Bag, body: Body) -> str | None:
    """The HTML body as text; None when the store holds none."""
    stated = bag.text(_HTML)
    if stated is not None:
        return stated
    raw = bag.raw(_HTML, BINARY)
    if raw is None:
        return None
    page = bag.number(0x3FDE)
    name = codec_of_codepage(page) if page else None
    if name is None and (declared := _META.search(raw[:4096])):
        name = declared[1].decode("ascii")
    text, assumed = charset.decode(raw, name)
    if assumed is not None:
        body.notes.append(f"HTML body: {assumed}")
    return text


def _rich(bag: Bag, body: Body) -> rtf.RtfText | None:
    """The RTF body as text, or as the HTML inside it."""
    expanded = lzfu.expand(bag.raw(_RTF, BINARY) or b"")
    found = rtf.read(expanded.data) if expanded.data else None
    problems = (expanded.problem, found.problem if found else None)
    body.notes.extend(f"RTF body: {one}" for one in problems if one)
    return found


def _words(rich: rtf.RtfText) -> str:
    return html.text_of(rich.text) if rich.is_html else rich.text


def _part(bag: Bag, body: Body, number: int, media_type: str) -> None:
    """One row of `part` for a body that the store holds."""
    tag = bag.tag(number, TEXT, TEXT8, BINARY)
    value = None if tag is None else bag.values[tag]
    if tag is None or not isinstance(value, bytes) or not value:
        return
    page = bag.number(0x3FDE) if number == _HTML else bag.codepage()
    name = "utf-16-le" if tag & 0xFFFF == TEXT else codec_of_codepage(page or 0)
    start, end = bag.spans.get(tag, (0, 0))
    body.parts.append(
        {
            "media_type": media_type,
            "charset": None if number == _RTF else name,
            "byte_start": start,
            "byte_end": end,
        }
    )


_PROPERTIES = {
    0x001A: "message_class",
    0x3007: "creation_time",
    0x3008: "last_modification_time",
    0x0039: "client_submit_time",
    0x0E06: "message_delivery_time",
    0x0032: "report_time",
    0x0060: "start_time",
    0x0061: "end_time",
    0x3FF8: "creator_name",
    0x3FFA: "last_modifier_name",
    0x0070: "conversation_topic",
    0x0071: "conversation_index",
    0x300B: "search_key",
    0x0E07: "message_flags",
    0x0017: "importance",
    0x0036: "sensitivity",
    0x0C1A: "sender_name",
    0x0C1F: "sender_address",
    0x0042: "sent_representing_name",
    0x0065: "sent_representing_address",
    0x0075: "received_by_name",
    0x0076: "received_by_address",
    0x0040: "received_for_name",
    0x0078: "received_for_address",
    0x0E04: "display_to",
    0x0E03: "display_cc",
    0x0E02: "display_bcc",
    0x0050: "reply_to_names",
    0x10F3: "content_location_name",
    0x3FFD: "message_codepage",
    0x3FDE: "internet_codepage",
    0x3FF1: "language_number",
    0x65E2: "change_key",
}
# Words that a contact or an appointment says: names, firms, titles, telephones, places.
_SPOKEN = {
    *(0x3001, 0x3003, 0x39FE, 0x3A02, 0x3A05, 0x3A06, 0x3A07, 0x3A08, 0x3A09, 0x3A0A, 0x3A0B),
    *(0x3A0F, 0x3A10, 0x3A11, 0x3A15, 0x3A16, 0x3A17, 0x3A18, 0x3A19, 0x3A1A, 0x3A1B, 0x3A1C),
    *(0x3A1D, 0x3A1E, 0x3A1F, 0x3A21, 0x3A22, 0x3A23, 0x3A24, 0x3A25, 0x3A26, 0x3A27, 0x3A28),
    *(0x3A29, 0x3A2A, 0x3A2B, 0x3A2C, 0x3A2D, 0x3A2E, 0x3A2F, 0x3A44, 0x3A45, 0x3A46, 0x3A47),
    *(0x3A48, 0x3A4E, 0x3A4F, 0x3A50, 0x3A51, 0x3A54, 0x3A57, 0x3A59, 0x3A5A, 0x3A5B, 0x3A5C),
    *(0x3A5D, 0x3A5E, 0x3A5F, 0x3A60, 0x3A61, 0x3A62, 0x3A63, 0x3A64, 0x0E02, 0x0E03, 0x0E04),
}
