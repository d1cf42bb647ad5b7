"""What the standard library's two mail readers show of a message: a judge that is not tamis."""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

FIELDS = ("From", "To", "Subject", "Date")
OPEN = ("Cc",)  # shown, but left unsigned by many: may differ where the verdict names it
_MOST = 20
_TAG = re.compile(r"<[^>]*>")
_HIDDEN = re.compile(r"(?is)<(style|script|title)\b.*?</\1>")
PARTS = ("parts", "words")


def shown(raw: bytes) -> dict[str, Any]:
    """What each of the two readers shows, by reader and place; white space runs are one."""
    found: dict[str, Any] = {}
    for name, chosen in (("compat32", policy.compat32), ("default", policy.default)):
        try:
            message = message_from_bytes(raw, policy=chosen)
        except Exception as error:  # noqa: BLE001  the reader shows nothing then
            found[name] = f"cannot read it: {type(error).__name__}"
            continue
        found[name] = {
            **{field: _field(message, field) for field in (*FIELDS, *OPEN)},
            "parts": _parts(message),
            "words": _words(message),
        }
    return found


def differs(one: dict[str, Any], other: dict[str, Any], *, fields: tuple[str, ...]) -> list[str]:
    """The places in which a reader shows something else."""
    found = set()
    for reader, told in one.items():
        if isinstance(told, str) or isinstance(other[reader], str):
            if told != other[reader]:
                found.add("message")
            continue
        found.update(name for name in fields if told[name] != other[reader][name])
    return sorted(found)


def _field(message: Message, name: str) -> list[str]:
    """Every instance, as it is shown; a reader that fails shows its failure."""
    try:
        values = message.get_all(name, [])
    except Exception as error:  # noqa: BLE001
        return [f"cannot show it: {type(error).__name__}"]
    return [_flat(_decoded(one)) for one in values]


def _decoded(value: Any) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except Exception:  # noqa: BLE001  shown as it stands
        return str(value)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _words(message: Message) -> list[list[str]]:
    """The words on the screen of readers that take the first, or the last, of alternatives."""
    return [sorted(_visible(message, pick, 0)) for pick in (0, -1)]


def _visible(message: Message, pick: int, depth: int) -> set[str]:
    if depth > _MOST:
        return set()
    if message.is_multipart():
        inner: Any = message.get_payload()
        if message.get_content_type() == "multipart/alternative":
            inner = [inner[pick]]
        return {word for one in inner for word in _visible(one, pick, depth + 1)}
    if message.get_content_disposition() == "attachment":
        return set()
    text = _text(message)
    if message.get_content_type() == "text/html":
        text = html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", text)))
    return set(re.findall(r"\w+", text))


def _parts(message: Message) -> list[tuple[str, ...]]:
    """What stands in each part that holds no others: type, disposition, name, content."""
    found: list[tuple[str, ...]] = []
    for rank, part in enumerate(message.walk()):
        if rank > _MOST * 10:
            break
        try:
            found.append(_part(part, is_inner=rank > 0))
        except Exception as error:  # noqa: BLE001
            found.append((f"cannot show it: {type(error).__name__}",))
    return found


def _part(part: Message, *, is_inner: bool) -> tuple[str, ...]:
    kind = part.get_content_type()
    head = (kind, part.get_content_disposition() or "", _flat(part.get_filename() or ""))
    if is_inner and part.get("From"):
        head += tuple(str(_field(part, name)) for name in (*FIELDS, *OPEN))
    if part.is_multipart():
        return head if kind.startswith("message/") else ()
    if kind.startswith("text/"):
        return (*head, _flat(_text(part)))
    data = part.get_payload(decode=True)
    return (*head, hashlib.sha256(data if isinstance(data, bytes) else b"").hexdigest())


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    charset = part.get_content_charset() or "us-ascii"
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):  # no such charset, or a NUL in its name
        return f"{charset}:" + data.decode("latin-1")


def header_changes(one: bytes, other: bytes) -> set[str]:
    """Lower-case names of fields whose values differ, were added or taken out (compat32)."""
    told = []
    for raw in (one, other):
        message = message_from_bytes(raw)
        told.append(Counter((name.lower(), _flat(str(value))) for name, value in message.items()))
    return {name for name, _ in (told[0] - told[1]) + (told[1] - told[0])}
