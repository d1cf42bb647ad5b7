"""The task of the cell that reads leaked files: batches of files, or of spans of one file."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis import registry
from tamis.errors import TamisError
from tamis.registry import Glimpse, LeakReader, Source
from tamis.run.intake_sink import Collector, ItemSink
from tamis.run.intake_spool import DEFER_BYTES, TogetherError, digest
from tamis.run.intake_work import Origin, Work, mailbox_of, part_of_path, window
from tamis.sources.leak.documents.text_extraction import unpacked_in
from tamis.sources.leak.magic import claimed_type
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TASK = "tamis.run.intake_leak:parse"
ALL = "*"  # every item inside is to be avoided
MAX_DEPTH = 50
MAX_CHILDREN = 200_000
MAX_IN_MEMORY = 256 << 20
_HEAD_BYTES = 1 << 16
_TAIL_BYTES = 4096
_MAIL = "message/rfc822"


def parse(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,
) -> dict[str, Any]:
    """The mailboxes met, and how many items came out; everything else is in Arrow files.

    Input     an item names its input, and is a file or (with byte_start) a span of a container
              `avoid` in args: items inside, by id, that are not opened, each with the reason
    Output    item, place, message, header, part, ledger; `span` for a container that is large
    """
    readers = registry.plugins("leak")
    collector = Collector(
        out,
        args["kind"],
        limit_bytes=args.get("total_bytes", 1 << 31),
        is_alone=len(items) == 1,
    )
    options = args.get("options") or {}
    unpacked_in(options.get("extractor"))
    members: dict[str, Callable[[int], bytes]] = {}
    for item in items:
        stream = inputs[item["input"]]
        if name := item.get("member_of"):
            if name not in members:
                members[name] = readers[name].members(stream)
            work = _member(item, members[name], collector, args)
        else:
            work = _work(item, stream, args)
        reading = _Reading(collector, readers, options, args.get("avoid") or {})
        reading.take(work, item)
    collector.flush(is_last=True)
    return {"mailboxes": collector.mailboxes, "names": collector.spool.names}


def _work(item: Mapping[str, Any], stream: BinaryIO, args: Mapping[str, Any]) -> Work:
    span = None
    data: bytes | None = None
    origin = None
    is_deferred = bool(args.get("is_deferred"))
    if "byte_start" in item:
        span = (item["byte_start"], item["byte_end"])
        origin = Origin(window(stream), *span)
        if span[1] - span[0] <= DEFER_BYTES:
            stream.seek(span[0])
            data = stream.read(span[1] - span[0])
    elif not is_deferred:
        data = stream.read()
    size = item["size_bytes"] if span is None else span[1] - span[0]
    item_id = item.get("item_id")
    if item_id is None:
        item_id = digest(stream, *span) if span and data is None else _hash(data)
    parent = item.get("parent_item_id")
    return Work(
        item_id=item_id,
        root=args["root"],
        path=item["path"],
        name=item["name"],
        data=data,
        size_bytes=len(data) if data is not None else size,
        parent_item_id=parent,
        position=item.get("position", 0),
        depth=item.get("depth", 0),
        claimed_type=item.get("claimed_type") or claimed_type(item["name"]),
        mailbox_id=item["mailbox_id"],
        mailbox_path=item["mailbox_path"],
        is_member=bool(item.get("is_member", True)),
        span=span,
        stream=stream if is_deferred else None,
        origin=None if data is not None else origin,
        is_deferred=is_deferred,
        around=(parent,) if parent else (),
        folder=item.get("folder"),
        modified_us=item.get("modified_us"),
    )


def _member(
    item: Mapping[str, Any],
    fetch: Callable[[int], bytes],
    collector: Collector,
    args: Mapping[str, Any],
) -> Work:
    """One entry of a container whose entries are no spans of it, made here from its position."""
    holder = Work(
        item_id=item["parent_item_id"],
        root=args["root"],
        path=item["holder_path"],
        name="",
        data=None,
        size_bytes=0,
        mailbox_id=item["mailbox_id"],
        mailbox_path=item["mailbox_path"],
    )
    sink = ItemSink(collector, holder)
    names = ("position", "claimed_type", "is_member", "is_path")
    place = {name: item[name] for name in names}
    sink.child(item["name"], content=(fetch(one) for one in (item["position"],)), **place)
    return sink.children[0]


def _hash(data: bytes | None) -> str:
    return hashlib.sha256(data or b"").hexdigest()


class _Reading:
    """One file and all that is inside it, on a stack: nothing here calls itself."""

    def __init__(
        self,
        collector: Collector,
        readers: Mapping[str, LeakReader],
        options: Mapping[str, Any],
        avoid: Mapping[str, str],
    ) -> None:
        self.avoid = avoid
        self.collector = collector
        self.readers = readers
        self.options = options
        self.count = 0
        collector.listed_count = 0

    def take(self, top: Work, item: Mapping[str, Any]) -> None:
        """Read `top`, then its children depth first, in order."""
        stack = [top]
        while stack:
            work = stack.pop()
            if work.is_held:
                self.collector.spool.release(work.data)
            self.collector.place(work)
            self.count += 1
            if work is top:
                sink = self._read(_opened(work), item.get("reader"))
            else:
                sink = self._inner(work)
            self._children(work, sink)
            stack.extend(reversed(sink.children))
            self.collector.flush()

    def _inner(self, work: Work) -> ItemSink:
        """Read an item inside another; should that kill the parser, the parent learns of which."""
        out = self.collector.out
        out.mark(work.item_id)
        try:
            return self._read(
                _opened(work), None, self.avoid.get(work.item_id, self.avoid.get(ALL))
            )
        finally:
            out.mark("")

    def _read(self, work: Work, reader_name: str | None, avoided: str | None = None) -> ItemSink:
        collector = self.collector
        sink = ItemSink(collector, work)
        reader = self.readers["file"]
        if refusal := self._refusal(work) or (("failed", avoided) if avoided else None):
            status, reason = refusal
            sink.row("item", {"status": status, "reason": storable(reason)})
        else:
            reader = self.readers[reader_name] if reader_name else self._choose(work)
            sink.item["reader"] = reader.name
            self._run(reader, work, sink)
        is_read = sink.item.get("status") in {"read", "partly"}
        if work.item_id not in collector.seen:
            collector.seen.add(work.item_id)
            self._item(work, sink, reader.name if is_read else None)
            sink.keep()
        if work.stream is not None and not work.is_deferred:
            work.stream.close()
        if sink.is_message and work.is_member:
            collector.member(work, sink.sent_at)
        return sink

    def _refusal(self, work: Work) -> tuple[str, str] | None:
        """Why an item is not opened, and its status."""
        if work.absent is not None:
            status, reason = work.absent
            return status, f"{reason}; the id stands for the place, not for content"
        if work.item_id in work.around:
            return "refused", "it is the same as a container that lies around it: not opened again"
        if work.depth > MAX_DEPTH:
            return "refused", f"it lies more than {MAX_DEPTH} containers deep and was not opened"
        if self.count > MAX_CHILDREN:
            why = f"the file around it holds more than {MAX_CHILDREN:,} items: not opened"
            return "refused", why
        return None

    def _run(self, reader: LeakReader, work: Work, sink: ItemSink) -> None:
        stream = work.stream or io.BytesIO(work.data or b"")
        source = Source(work.item_id, work.own_name, work.size_bytes, work.path, self.options)
        is_too_large = work.stream is not None and work.size_bytes > MAX_IN_MEMORY
        if is_too_large and not reader.is_streaming:
            reader = self.readers["file"]
        try:
            reader.read(stream, source, sink)
        except (MemoryError, TogetherError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever a reader raises is this item's failure)
            sink.drop()
            told = (
                str(error) if isinstance(error, TamisError) else f"{type(error).__name__}: {error}"
            )
            status = "partly" if sink.children or sink.cuts.count else "failed"
            why = f"its reader ({reader.name}) stopped on something unexpected ({told[:300]})"
            sink.item.update(status=status, reason=storable(why))

    def _item(self, work: Work, sink: ItemSink, reader: str | None) -> None:
        given = sink.item
        if work.damage:
            reason = f"{work.damage}; {given['reason']}" if given.get("reason") else work.damage
            is_read = given.get("status") in {"read", "partly"}
            given.update(reason=storable(reason), status="partly" if is_read else "failed")
        row = (
            work.item_id,
            self.collector.kind,
            work.size_bytes,
            given.get("media_type"),
            reader,
            given.get("status", "failed"),
            given.get("reason") if "status" in given else "its reader said nothing about it",
        )
        self.collector.add("item", row)

    def _choose(self, work: Work) -> LeakReader:
        name = work.own_name
        if work.claimed_type == _MAIL and not name.endswith(".eml"):
            name = f"{name}.eml"  # declared as mail: as good as called so
        if work.data is not None:
            head, tail = bytes(work.data[:_HEAD_BYTES]), bytes(work.data[-_TAIL_BYTES:])
        else:
            head, tail = ends(work.stream, work.size_bytes)
        is_cut_out = work.is_member and work.depth and work.folder is None
        if work.claimed_type == _MAIL and is_cut_out and head:
            return self.readers["eml"]  # cut out of a mailbox: a message, whatever it looks like
        glimpse = Glimpse(name, head, work.size_bytes, tail)
        return self.readers[best(self.readers, glimpse)[0]]

    def _children(self, work: Work, sink: ItemSink) -> None:
        """Say in which mailbox the children lie, and hand bytes and spans over."""
        members = [child for child in sink.children if child.is_member]
        if any(child.folder is not None for child in sink.children):
            sink.children = [_in_folder(child, work) for child in sink.children]
        elif len(members) > 1:
            box = mailbox_of(work.item_id, work.path)
            sink.children = [_in_mailbox(child, box, work) for child in sink.children]
        sink.cuts.write()


def _in_mailbox(child: Work, box: str, holder: Work) -> Work:
    shown = f"{holder.mailbox_path}/{part_of_path(holder.name)}"
    return replace(child, mailbox_id=box, mailbox_path=shown)


def _in_folder(child: Work, holder: Work) -> Work:
    """The child of an archive: each folder in it counts as a mailbox for its messages."""
    box = mailbox_of(holder.item_id, f"{holder.path}/{child.folder}")
    shown = f"{holder.mailbox_path}/{part_of_path(holder.own_name)}/{child.folder or ''}"
    return replace(child, mailbox_id=box, mailbox_path=shown.rstrip("/"))


def _opened(work: Work) -> Work:
    """The item with its bytes, or with its stream when they are many."""
    if work.origin is None:
        return work
    stream = work.origin.open()
    if work.size_bytes > DEFER_BYTES:
        return replace(work, stream=stream)
    with stream:
        return replace(work, data=stream.read(), origin=None)


def ends(stream: BinaryIO | None, size: int) -> tuple[bytes, bytes]:
    """The first 64 KiB and the last 4 KiB of a stream, which is left at its start."""
    if stream is None:
        return b"", b""
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    stream.seek(max(0, size - _TAIL_BYTES))
    tail = stream.read(_TAIL_BYTES)
    stream.seek(0)
    return head, tail


def best(readers: Mapping[str, Any], glimpse: Glimpse) -> tuple[str, int]:
    """The name of the reader that recognises a file best, with its score; ties by name."""
    scored = [(-int(reader.recognises(glimpse)), name) for name, reader in readers.items()]
    score, name = min(scored, default=(0, ""))
    return name, -score
