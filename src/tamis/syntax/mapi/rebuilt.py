"""A message rebuilt from an Outlook store: the bytes that stand for what has none of its own.

A PST holds no message as one run of bytes, and an MSG file spreads it over many streams. What is
written here instead is the same on every run:

    tamis-outlook-message 1 LF
    one line of JSON (ASCII, keys sorted, no blanks) LF
    the payload

The JSON lists every property as found, by tag in hexadecimal and sorted: whole numbers, truth
values and times (100 ns since 1601) as integers; short texts as text; other short values as
{"hex": …}; anything longer, and every body, as {"at": [start, end]} in the payload. The transport
headers (007D) stand in the payload at `headers`, as bytes: UTF-8 where the store kept UTF-16.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tamis.errors import InputError
from tamis.syntax.mapi.bag import TEXT, TEXT8, Bag, Value

MAGIC = b"tamis-outlook-message 1\n"
HEADERS = 0x007D
_BODIES = {0x1000, 0x1009, 0x1013}
_INLINE_BYTES = 1024
_MAX_PARTS = 100_000


@dataclass(slots=True)
class Attachment:
    """What is attached: its properties, its bytes, or why there are none.

    `kind` is value, message (rebuilt like its parent), stream (the first stream of an OLE object),
    more (another stream of it), reference (a link), or lost.
    """

    bag: Bag
    kind: str
    content: bytes | None = None
    problem: str | None = None
    label: str | None = None
    span: tuple[int, int] | None = None


@dataclass(slots=True)
class Rebuilt:
    """One message of an Outlook store, with everything that was found in it.

    `attachment_count` is what the store declares; `headers` are the transport headers, with
    `headers_start` where they stand in the rebuilt bytes.
    """

    origin: str
    bag: Bag
    recipients: list[Bag] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    attachment_count: int | None = None
    recipient_count: int | None = None
    headers: bytes | None = None
    headers_start: int = 0
    problems: list[str] = field(default_factory=list)


def write(message: Rebuilt) -> bytes:
    """The bytes that stand for a message; equal for equal messages."""
    payload = _Payload()
    headers = _headers_of(message.bag)
    told: dict[str, Any] = {
        "origin": message.origin,
        "headers": None if headers is None else payload.add(headers),
        "properties": _listed(message.bag, payload),
        "recipients": [_listed(one, payload) for one in message.recipients],
        "attachments": [],
        "page": message.bag.page,
        "attachment_count": message.attachment_count,
        "recipient_count": message.recipient_count,
        "problems": message.problems,
    }
    for one in message.attachments:
        content = None if one.content is None else payload.add(one.content)
        told["attachments"].append(
            {
                "kind": one.kind,
                "content": content,
                "problem": one.problem,
                "label": one.label,
                "properties": _listed(one.bag, payload),
            }
        )
    line = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return b"".join((MAGIC, line.encode("ascii"), b"\n", *payload.pieces))


def read(data: bytes) -> Rebuilt:
    """The message that rebuilt bytes stand for; attachments by their spans.

    Errors    InputError when they are no such bytes, which a leak may hold as well as anything.
    """
    if not data.startswith(MAGIC):
        raise InputError("not a message rebuilt by tamis: it does not begin with the mark")
    try:
        end = data.index(b"\n", len(MAGIC))
        told = json.loads(data[len(MAGIC) : end])
        return _message(told, data, end + 1)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise InputError(f"not a message rebuilt by tamis ({problem})") from None


class _Payload:
    """The bytes behind the JSON line."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0

    def add(self, data: bytes) -> list[int]:
        """Where `data` stands from now on."""
        self.pieces.append(data)
        self.size += len(data)
        return [self.size - len(data), self.size]


def _headers_of(bag: Bag) -> bytes | None:
    raw = bag.raw(HEADERS, TEXT)
    if raw is not None:
        shown = raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass").rstrip("\0")
        return shown.encode("utf-8", "surrogatepass")
    return bag.raw(HEADERS, TEXT8)


def _listed(bag: Bag, payload: _Payload) -> list[list[Any]]:
    return [
        [f"{tag:08X}", _told(tag, bag.values[tag], payload)]
        for tag in sorted(bag.values)
        if tag >> 16 != HEADERS
    ]


def _told(tag: int, value: Value, payload: _Payload) -> Any:
    if isinstance(value, int):
        return value
    if isinstance(value, list):
        return [_told(tag & 0xFFF, one, payload) for one in value]
    if len(value) > _INLINE_BYTES or tag >> 16 in _BODIES:
        return {"at": payload.add(value)}
    if tag & 0xFFFF == TEXT and not len(value) % 2:
        try:
            return value.decode("utf-16-le")
        except UnicodeDecodeError:
            pass
    return {"hex": value.hex()}


def _message(told: dict[str, Any], data: bytes, base: int) -> Rebuilt:
    page = int(told["page"])
    listed = told["recipients"], told["attachments"]
    if any(len(one) > _MAX_PARTS for one in listed):
        raise ValueError("too many parts")
    message = Rebuilt(
        origin=str(told["origin"]),
        bag=_bag(told["properties"], data, base, page),
        recipients=[_bag(one, data, base, page) for one in listed[0]],
        attachment_count=_count(told["attachment_count"]),
        recipient_count=_count(told["recipient_count"]),
        problems=[str(one) for one in told["problems"]],
    )
    # The code page that the message states is that of its parts too.
    for one in message.recipients:
        one.page = message.bag.codepage()
    if told["headers"] is not None:
        start, end = _span(told["headers"], data, base)
        message.headers, message.headers_start = data[start:end], start
    for one in listed[1]:
        span = None if one["content"] is None else _span(one["content"], data, base)
        bag = _bag(one["properties"], data, base, message.bag.codepage())
        message.attachments.append(
            Attachment(bag, str(one["kind"]), None, one["problem"], one["label"], span)
        )
    return message


def _count(stated: Any) -> int | None:
    return None if stated is None else int(stated)


def _span(stated: Any, data: bytes, base: int) -> tuple[int, int]:
    start, end = (int(one) + base for one in stated)
    if not base <= start <= end <= len(data):
        raise ValueError("a span lies outside")
    return start, end


def _bag(listed: Any, data: bytes, base: int, page: int) -> Bag:
    bag = Bag(page=page)
    for name, value in listed:
        tag = int(name, 16)
        if isinstance(value, dict) and "at" in value:
            span = _span(value["at"], data, base)
            bag.spans[tag] = span
            bag.values[tag] = data[slice(*span)]
        else:
            bag.values[tag] = _value(value, data, base)
    return bag


def _value(value: Any, data: bytes, base: int) -> Value:
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass")
    if isinstance(value, dict):
        if "at" in value:
            return data[slice(*_span(value["at"], data, base))]
        return bytes.fromhex(value["hex"])
    elements = [_value(one, data, base) for one in value]
    return [one for one in elements if isinstance(one, bytes)]
