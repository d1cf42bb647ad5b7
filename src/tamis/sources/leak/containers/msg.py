"""MSG: one Outlook item in a compound file, with its recipients and attachments."""

from __future__ import annotations

import importlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.errors import InputError
from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.outlook import MESSAGE_TYPE
from tamis.syntax.mapi import rebuilt as form
from tamis.syntax.mapi.bag import BINARY, FIXED, MANY, NUMBERS, OBJECT, TEXT, TEXT8, Bag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_DEPTH = 40
MAX_MESSAGES = 5_000
_MARKS = tuple(
    name.encode("utf-16-le") for name in ("__properties_version1.0", "__substg1.0_", "__nameid_")
)
_PROPERTIES = "__properties_version1.0"
_RECIPIENT, _ATTACHMENT, _VALUE = "__recip_version1.0_#", "__attach_version1.0_#", "__substg1.0_"
_METHOD, _DATA = 0x3705, 0x3701
_LINKS = {2, 3, 4, 7}
_HEADS = {"top": 32, "embedded": 24, "part": 8}
_ENTRY = struct.Struct("<HHI8s")
_STORAGE, _STREAM = 1, 2
_OLE_STREAMS = 1_000
_SPARE_BYTES = 1 << 20


def recognises(glimpse: Glimpse) -> int:
    """How surely a compound file is a message: by Outlook's names in its directory, or its own."""
    if not glimpse.head.startswith(MAGIC):
        return 0
    if any(mark in glimpse.head or mark in glimpse.tail for mark in _MARKS):
        return 95
    return 60 if glimpse.name.lower().endswith((".msg", ".oft")) else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The one message as a child: rebuilt, because the file holds no message as such."""
    try:
        messages = _Compound(stream, source.size_bytes)
        content = form.write(_tree(messages))
    except (InputError, OSError, ValueError, RecursionError, struct.error) as problem:
        why = f"it is a damaged or cut-off Outlook message: {str(problem)[:300]}"
        sink.row("item", {"status": "failed", "media_type": READER.media_types[0], "reason": why})
        sink.row("ledger", {"expected_count": 1, "emitted_count": 0, "failed_count": 1})
        return
    sink.child("message", content=content, position=0, claimed_type=MESSAGE_TYPE, is_member=True)
    note = "; ".join(dict.fromkeys(messages.notes))[:1000] or None
    sink.row("ledger", {"expected_count": 1, "emitted_count": 1, "failed_count": 0, "note": note})
    sink.row("item", {"status": "read", "media_type": READER.media_types[0]})


@dataclass(slots=True)
class _Node:
    """One message in the file: its storage, where it hangs, and what is attached to it."""

    entry: Any
    kind: str
    depth: int
    parent: tuple[int, int] | None
    message: form.Rebuilt = field(default_factory=lambda: form.Rebuilt("msg", Bag()))


class _Compound:
    """The compound file: its streams, each read once and no more than the file can hold."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        olefile: Any = importlib.import_module("olefile")
        self.notes: list[str] = []
        stream.seek(0)
        if not olefile.isOleFile(stream):
            raise InputError("the compound file has no valid header")
        stream.seek(0)
        self.ole = olefile.OleFileIO(stream)
        self.left = size + _SPARE_BYTES

    def children(self, entry: Any) -> dict[str, Any]:
        """The entries of a storage by name."""
        return {str(one.name): one for one in entry.kids}

    def read(self, entry: Any) -> bytes:
        """The bytes of a stream.

        Errors    InputError when all streams together claim more than the file holds
        """
        self.left -= max(0, int(entry.size))
        if self.left < 0:
            raise InputError("its streams together claim more bytes than the file has")
        data: bytes = self.ole._open(entry.isectStart, entry.size).read()  # noqa: SLF001 (by entry)
        return data


def _tree(file: _Compound) -> form.Rebuilt:
    """The message of the file, with the messages inside rebuilt before those around them."""
    nodes = [_Node(file.ole.root, "top", 0, None)]
    index = 0
    while index < len(nodes):
        for rank, storage in _fill(file, nodes[index]):
            attachment = nodes[index].message.attachments[rank]
            if nodes[index].depth >= MAX_DEPTH or len(nodes) >= MAX_MESSAGES:
                attachment.kind = "lost"
                attachment.problem = (
                    f"more than {MAX_DEPTH} messages lie inside one another, or more than "
                    f"{MAX_MESSAGES:,} in one file: not opened"
                )
            else:
                nodes.append(_Node(storage, "embedded", nodes[index].depth + 1, (index, rank)))
        index += 1
    for node in reversed(nodes):
        if node.parent is not None:
            holder, rank = node.parent
            nodes[holder].message.attachments[rank].content = form.write(node.message)
    return nodes[0].message


def _fill(file: _Compound, node: _Node) -> Iterator[tuple[int, Any]]:
    """Fill in one message; the storages of messages attached to it, with their rank, come back."""
    children = file.children(node.entry)
    message = node.message
    if _PROPERTIES not in children:
        raise InputError("it has no list of properties")
    head = _bag(file, node.entry, node.kind, message.bag, message.problems)
    if len(head) >= 24:
        message.recipient_count, message.attachment_count = struct.unpack_from("<II", head, 16)
    page = message.bag.codepage()
    found: list[tuple[int, Any]] = []
    for name in sorted(children):
        entry = children[name]
        if entry.entry_type != _STORAGE:
            continue
        if name.startswith(_RECIPIENT):
            bag = Bag(page=page)
            _bag(file, entry, "part", bag, message.problems)
            message.recipients.append(bag)
        elif name.startswith(_ATTACHMENT):
            found += _attachments(file, entry, message, page)
    return iter(found)


def _attachments(
    file: _Compound, entry: Any, message: form.Rebuilt, page: int
) -> Iterator[tuple[int, Any]]:
    """Add what one attachment storage holds; the storage of an attached message comes back."""
    bag = Bag(page=page)
    _bag(file, entry, "part", bag, message.problems)
    method = bag.number(_METHOD)
    data = bag.tag(_DATA, BINARY, TEXT, TEXT8)
    content = None if data is None else bag.values.pop(data)
    inner = file.children(entry).get(f"{_VALUE}{_DATA:04X}{OBJECT:04X}")
    if inner is not None and inner.entry_type == _STORAGE:
        if _PROPERTIES in file.children(inner):
            message.attachments.append(form.Attachment(bag, "message"))
            yield len(message.attachments) - 1, inner
        else:
            message.attachments.extend(_ole(file, inner, bag))
    elif isinstance(content, bytes):
        message.attachments.append(form.Attachment(bag, "value", content))
    elif method in _LINKS:
        problem = "it is a link to a file elsewhere: its bytes are not in the message"
        message.attachments.append(form.Attachment(bag, "reference", None, problem))
    elif data is None and method in {None, 0}:
        problem = "the message says that it has no content"
        message.attachments.append(form.Attachment(bag, "lost", None, problem))
    else:
        problem = "its bytes are missing from the file"
        message.attachments.append(form.Attachment(bag, "lost", None, problem))


def _ole(file: _Compound, storage: Any, bag: Bag) -> list[form.Attachment]:
    """The streams of an OLE object, each as an attachment named below it."""
    found: list[form.Attachment] = []
    stack = [("", storage)]
    while stack and len(found) < _OLE_STREAMS:
        path, entry = stack.pop()
        for name, child in sorted(file.children(entry).items()):
            shown = f"{path}{name}"
            if child.entry_type == _STREAM:
                content = file.read(child)
                kind = "more" if found else "stream"
                found.append(form.Attachment(bag, kind, content, label=shown))
            elif len(stack) < _OLE_STREAMS:
                stack.append((f"{shown}/", child))
    if not found:
        found.append(form.Attachment(bag, "lost", None, "an OLE object without any content"))
    return found


def _bag(file: _Compound, storage: Any, kind: str, bag: Bag, problems: list[str]) -> bytes:
    """Fill `bag` with the properties of a storage; the head of its property stream.

    Source    MS-OXMSG 2.4: entries of 16 bytes; longer values in streams named by their tags.
    """
    children = file.children(storage)
    if _PROPERTIES not in children:
        problems.append(f"{storage.name}: it has no list of properties")
        return b""
    data = file.read(children[_PROPERTIES])
    size = _HEADS[kind]
    whole = (len(data) - size) // _ENTRY.size * _ENTRY.size
    for code, number, _, value in _ENTRY.iter_unpack(data[size : size + max(0, whole)]):
        tag = number << 16 | code
        if code in NUMBERS or code in FIXED:
            fixed = NUMBERS.get(code) or FIXED.get(code, 8)
            raw: bytes | list[bytes] | None = value[:fixed]
        else:
            raw = _value(file, children, tag, problems)
        if raw is not None:
            bag.put(tag, raw)
    return data[:size]


def _value(
    file: _Compound, children: dict[str, Any], tag: int, problems: list[str]
) -> bytes | list[bytes] | None:
    """The value of a property that has a stream, or several, of its own."""
    name = f"{_VALUE}{tag:08X}"
    entry = children.get(name)
    if tag & 0xFFFF == OBJECT or (entry is not None and entry.entry_type != _STREAM):
        return None
    try:
        if entry is None:
            if tag >> 16 not in {_DATA, 0x3702}:
                problems.append(f"property {tag:08X} has no value in the file")
            return None
        if tag & MANY and tag & 0xFFF in {TEXT, TEXT8, BINARY}:
            listed = [one for key, one in sorted(children.items()) if key.startswith(f"{name}-")]
            return [file.read(one) for one in listed]
        return file.read(entry)
    except OSError as problem:
        problems.append(f"property {tag:08X} could not be read ({str(problem)[:100]})")
        return None


READER = LeakReader(
    name="msg",
    media_types=("application/vnd.ms-outlook",),
    recognises=recognises,
    read=read,
    keeps=(
        "the message with all its properties, recipients, transport headers, attachments and "
        "attached messages, as an item of its own, rebuilt and marked so"
    ),
    cannot_know=(
        "the bytes that were sent; whether Outlook, or somebody else, changed a property after "
        "the message arrived"
    ),
)
