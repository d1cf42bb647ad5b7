"""What libpff finds in a PST or OST: folders, and items rebuilt one by one."""

from __future__ import annotations

import ctypes
import importlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from tamis.syntax.mapi import rebuilt as form
from tamis.syntax.mapi.bag import Bag

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FOLDERS = 50_000
MAX_DEPTH = 40
MAX_MESSAGES = 2_000
MAX_ITEM_BYTES = 192 << 20
# What libpff raises; MemoryError is also its word for an item type it does not know.
TROUBLE = (OSError, ValueError, OverflowError, MemoryError, TypeError, AttributeError)
_METHOD, _DATA = 0x3705, 0x3701
_EMBEDDED = 5
_LINKS = {2, 3, 4, 7}
_CONTENT_COUNT, _HIDDEN_COUNT = 0x3602, 0x3617
_SEARCH_FOLDER = 0x03
_PIECE_BYTES = 1 << 20


class Folder(NamedTuple):
    """One folder: its path, libpff's object, what it declares and what it lists."""

    path: str
    handle: Any
    declared: int | None
    listed: int
    hidden: int
    problem: str | None


def open_store(stream: BinaryIO) -> Any:
    """Libpff's file over a seekable stream.

    Errors    OSError when it is no readable store
    """
    pypff: Any = importlib.import_module("pypff")
    file = pypff.file()
    file.open_file_object(stream)
    return file


def folders(file: Any) -> Iterator[Folder]:
    """Every folder, parents first, in the order of the file; what cannot be opened says why."""
    stack: list[tuple[str, Any, int]] = [("", file.root_folder, 0)]
    seen: set[int] = set()
    count = 0
    while stack:
        path, handle, depth = stack.pop()
        count += 1
        if count > MAX_FOLDERS or depth > MAX_DEPTH:
            yield Folder(path, None, None, 0, 0, "too many folders, or too deep: not opened")
            if count > MAX_FOLDERS:
                return
            continue
        below: list[tuple[str, Any, int]] = []
        try:
            if handle.identifier in seen:
                yield Folder(path, None, None, 0, 0, "the folder lies inside itself: not opened")
                continue
            seen.add(handle.identifier)
            yield _folder(path, handle)
            for rank in range(handle.number_of_sub_folders):
                try:
                    one = handle.get_sub_folder(rank)
                    below.append((_below(path, one, rank), one, depth + 1))
                except TROUBLE as problem:
                    yield Folder(f"{path}/{rank + 1}", None, None, 0, 0, said(problem))
        except TROUBLE as problem:
            yield Folder(path, None, None, 0, 0, said(problem))
        stack.extend(reversed(below))


def _below(path: str, folder: Any, rank: int) -> str:
    name = (folder.name or f"folder {rank + 1}").replace("/", "_")
    return f"{path}/{name}" if path else name


def _folder(path: str, handle: Any) -> Folder:
    bag = Bag()
    problems: list[str] = []
    fill(bag, handle, problems)
    is_search = handle.identifier & 0x1F == _SEARCH_FOLDER
    declared = None if is_search else bag.number(_CONTENT_COUNT)
    hidden = bag.number(_HIDDEN_COUNT) or 0
    try:
        listed = handle.number_of_sub_messages
    except TROUBLE as problem:
        return Folder(path, handle, declared, 0, hidden, said(problem))
    return Folder(path, handle, declared, listed, hidden, None)


def said(problem: BaseException) -> str:
    """Libpff's complaint in one short line: the outermost sentence, then the innermost."""
    pieces = [one.strip() for one in str(problem).split(". ") if one.strip()]
    shown = [one.partition(": ")[2] or one for one in pieces[:2]]
    return f"libpff: {'; '.join(shown)[:300]}" if shown else f"libpff: {type(problem).__name__}"


def fill(bag: Bag, item: Any, problems: list[str], *, without: int | None = None) -> None:
    """Put the properties of a libpff item into `bag`; the one `without` is left to the caller."""
    for rank in range(item.number_of_record_sets):
        record = item.get_record_set(rank)
        for place in range(record.number_of_entries):
            try:
                entry = record.get_entry(place)
                number, kind = entry.entry_type, entry.value_type
                if number is None or kind is None or number == without:
                    continue
                bag.put(number << 16 | kind, entry.data or b"")
            except TROUBLE as problem:
                problems.append(f"a property could not be read ({said(problem)})")
        if rank == 0 and not bag.values:
            problems.append("it has no properties")


@dataclass(slots=True)
class _Node:
    """One item on the way: libpff's object, and what it hangs on."""

    handle: Any
    depth: int
    parent: tuple[int, int] | None
    message: form.Rebuilt = field(default_factory=lambda: form.Rebuilt("pst", Bag()))


def rebuild(item: Any) -> bytes:
    """The bytes that stand for one item of the store, with the messages attached to it inside.

    Errors    what libpff raises (TROUBLE) when the item itself cannot be read
    """
    nodes = [_Node(item, 0, None)]
    left = MAX_ITEM_BYTES
    index = 0
    while index < len(nodes):
        node = nodes[index]
        left = _fill(node, index, nodes, left)
        node.handle = None
        index += 1
    for node in reversed(nodes):
        if node.parent is not None:
            holder, rank = node.parent
            nodes[holder].message.attachments[rank].content = form.write(node.message)
    return form.write(nodes[0].message)


def _fill(node: _Node, index: int, nodes: list[_Node], left: int) -> int:
    """Fill in one message; what remains of the bytes that all of them may take."""
    message, handle = node.message, node.handle
    try:
        fill(message.bag, handle, message.problems)
    except TROUBLE as problem:
        if node.parent is None:
            raise
        message.problems.append(said(problem))
        return left
    _recipients(message, handle)
    try:
        count = handle.number_of_attachments
    except TROUBLE as problem:
        # Contacts and notes are items without the notion of an attachment.
        if not isinstance(problem, AttributeError):
            message.problems.append(f"attachments: {said(problem)}")
        return left
    message.attachment_count = count
    for rank in range(count):
        bag = Bag()
        try:
            one = handle.get_attachment(rank)
            attachment, inner = _attachment(one, bag, message.problems, left)
        except TROUBLE as problem:
            attachment, inner = form.Attachment(bag, "lost", None, said(problem)), None
        if inner is not None:
            if node.depth >= MAX_DEPTH or len(nodes) >= MAX_MESSAGES:
                attachment.kind = "lost"
                attachment.problem = "too many messages lie inside one another: not opened"
            else:
                place = len(message.attachments)
                nodes.append(_Node(inner, node.depth + 1, (index, place)))
        left -= len(attachment.content or b"")
        message.attachments.append(attachment)
    return left


def _recipients(message: form.Rebuilt, handle: Any) -> None:
    try:
        listed = getattr(handle, "recipients", None)
        if listed is None:
            return
        message.recipient_count = listed.number_of_record_sets
        for rank in range(listed.number_of_record_sets):
            bag = Bag()
            record = listed.get_record_set(rank)
            for place in range(record.number_of_entries):
                entry = record.get_entry(place)
                if entry.entry_type is not None and entry.value_type is not None:
                    bag.put(entry.entry_type << 16 | entry.value_type, entry.data or b"")
            message.recipients.append(bag)
    except TROUBLE as problem:
        message.problems.append(f"recipients: {said(problem)}")


def _attachment(
    handle: Any, bag: Bag, problems: list[str], left: int
) -> tuple[form.Attachment, Any | None]:
    """One attachment, and the message inside when it is one."""
    fill(bag, handle, problems, without=_DATA)
    method = bag.number(_METHOD)
    if method == _EMBEDDED:
        return form.Attachment(bag, "message"), _embedded(handle)
    if method in _LINKS:
        why = "it is a link to a file elsewhere: its bytes are not in the store"
        return form.Attachment(bag, "reference", None, why), None
    size = handle.size or 0
    if size > left:
        why = f"it holds {size:,} bytes: more than tamis rebuilds for one message"
        return form.Attachment(bag, "lost", None, why), None
    handle.seek_offset(0, 0)
    pieces: list[bytes] = []
    missing = size
    while missing and (piece := handle.read_buffer(min(missing, _PIECE_BYTES))):
        pieces.append(piece)
        missing -= len(piece)
    if missing:
        problems.append(f"an attachment is cut off: {missing:,} of {size:,} bytes are missing")
    return form.Attachment(bag, "value", b"".join(pieces)), None


class _Bridge(NamedTuple):
    """The two functions of libpff and its Python binding that reach an attached message."""

    find: Any
    wrap: Any
    kind: Any


@cache
def _bridge() -> _Bridge | None:
    """None where the binding's library does not show them."""
    pypff: Any = importlib.import_module("pypff")
    try:
        library = ctypes.PyDLL(pypff.__file__)
        find, wrap = library.libpff_attachment_get_item, library.pypff_item_new
    except (OSError, AttributeError):
        return None
    find.restype = ctypes.c_int
    find.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)
    wrap.restype = ctypes.py_object
    wrap.argtypes = (ctypes.py_object, ctypes.c_void_p, ctypes.py_object)
    return _Bridge(find, wrap, pypff.message)


def _embedded(handle: Any) -> Any:
    """The message that an attachment is; the Python binding has no call for it, its library has.

    Errors    OSError when there is none, or this build of libpff does not hand it over
    """
    bridge = _bridge()
    if bridge is None:
        raise OSError("this build of libpff does not hand over attached messages")
    # The binding keeps its pointer right behind the head that all Python objects have.
    pointer = ctypes.c_void_p.from_address(id(handle) + object.__basicsize__).value
    found = ctypes.c_void_p()
    if pointer is None or bridge.find(pointer, ctypes.byref(found), None) != 1 or not found.value:
        raise OSError("unable to retrieve the attached message")
    return bridge.wrap(bridge.kind, found, handle)
