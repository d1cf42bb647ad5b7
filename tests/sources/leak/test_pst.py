from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from gathering import Gathered, gather

from tamis.errors import MemberError
from tamis.registry import Glimpse
from tamis.sources.leak import libpff
from tamis.sources.leak.containers import outlook, pst

if TYPE_CHECKING:
    from pathlib import Path

COMPLAINT = "pypff_x: unable to retrieve item: 4. libpff_table_read: unsupported value type: 0x52."


@dataclass
class Entry:
    """What libpff's record entry shows."""

    entry_type: int
    value_type: int
    data: bytes | None


@dataclass
class Item:
    """What libpff's folders, messages and attachments show, as far as it is asked."""

    identifier: int = 2
    properties: dict[int, bytes] = field(default_factory=dict)
    name: str | None = None
    folders: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    attachments: list[Any] = field(default_factory=list)
    content: bytes = b""
    number_of_record_sets: int = 1
    recipients: Any = None

    def get_record_set(self, _: int) -> Item:
        return self

    @property
    def number_of_entries(self) -> int:
        return len(self.properties)

    def get_entry(self, rank: int) -> Entry:
        tag, raw = list(self.properties.items())[rank]
        return Entry(tag >> 16, tag & 0xFFFF, raw)

    @property
    def number_of_sub_folders(self) -> int:
        return len(self.folders)

    @property
    def number_of_sub_messages(self) -> int:
        return len(self.messages)

    @property
    def number_of_attachments(self) -> int:
        return len(self.attachments)

    def get_sub_folder(self, rank: int) -> Item:
        return _given(self.folders[rank])

    def get_sub_message(self, rank: int) -> Item:
        return _given(self.messages[rank])

    def get_attachment(self, rank: int) -> Item:
        return _given(self.attachments[rank])

    @property
    def size(self) -> int:
        return len(self.content)

    def seek_offset(self, _: int, __: int) -> None:
        self.rest = io.BytesIO(self.content)

    def read_buffer(self, size: int) -> bytes:
        return self.rest.read(size)


def _given(one: Any) -> Any:
    if isinstance(one, Exception):
        raise one
    return one


def text(value: str) -> bytes:
    return value.encode("utf-16-le")


def mail(subject: str, **more: Any) -> Item:
    return Item(properties={0x0037001F: text(subject), 0x1000001F: text("т")}, **more)


def count(number: int) -> dict[int, bytes]:
    return {0x36020003: number.to_bytes(4, "little")}


def store(monkeypatch: pytest.MonkeyPatch, root: Item, orphans: tuple[Any, ...] = ()) -> Gathered:
    """What the reader says about a store with these folders."""

    class File:
        root_folder = root
        encryption_type = 1
        message_store = Item(properties={0x3001001F: text("Мой архив")})
        number_of_orphan_items = len(orphans)

        def get_orphan_item(self, rank: int) -> Any:
            return _given(orphans[rank])

    monkeypatch.setattr(libpff, "open_store", lambda _: File())
    return gather(pst.read, b"!BDN0123SM" + bytes(100), "a.pst")


def test_one_bad_message_costs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Item(4, count(3), "Входящие", messages=[mail("один"), OSError(COMPLAINT), mail("три")])
    sink = store(monkeypatch, Item(2, count(0), None, folders=[inbox]))
    assert [one["name"] for one in sink.children] == ["Входящие/1", "Входящие/2", "Входящие/3"]
    assert all(one["is_path"] and one["is_member"] for one in sink.children)
    bad = sink.children[1]["problem"]
    assert isinstance(bad, MemberError)
    assert bad.status == "failed"
    assert "unable to retrieve item: 4" in str(bad)
    assert "unsupported value type: 0x52" in str(bad)
    assert [
        gather(outlook.read, one["content"]).rows["message"][0]["subject"]
        for one in (sink.children[0], sink.children[2])
    ] == ["один", "три"]
    (ledger,) = sink.rows["ledger"]
    assert (ledger["expected_count"], ledger["emitted_count"], ledger["failed_count"]) == (3, 2, 1)
    named = {row["name"]: row["value"] for row in sink.rows["property"]}
    assert named["name of the store"] == "Мой архив"
    assert named["kind of store"] == "PST"


def test_messages_that_a_folder_declares_and_does_not_list_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inbox = Item(4, count(5), "Inbox", messages=[mail("a"), mail("b")])
    search = Item(3, count(9), "Search")
    stale = Item(6, count(0), "Stale", messages=[mail("c")])
    sink = store(monkeypatch, Item(2, folders=[inbox, search, stale]))
    (ledger,) = sink.rows["ledger"]
    assert (ledger["expected_count"], ledger["emitted_count"], ledger["failed_count"]) == (6, 3, 3)
    assert "Inbox: it declares 5 items and lists 2" in ledger["note"]
    assert "Stale: it declares 0 items and lists 1" in ledger["note"]
    assert "Search" not in ledger["note"]
    assert sink.rows["item"][0]["status"] == "partly"


def test_a_folder_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Item(4, {}, "Inbox", messages=[mail("a")])
    sink = store(monkeypatch, Item(2, folders=[OSError(COMPLAINT), good]))
    assert len(sink.children) == 1
    (item,) = sink.rows["item"]
    assert item["status"] == "partly"
    assert "unable to retrieve item" in item["reason"]


def test_folders_that_lie_inside_themselves_end(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Item(4, {}, "A/B", messages=[mail("a")])
    loop.folders = [loop]
    sink = store(monkeypatch, Item(2, folders=[loop]))
    assert [one["name"] for one in sink.children] == ["A_B/1"]
    assert "lies inside itself" in sink.rows["item"][0]["reason"]


def test_items_outside_all_folders_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = store(monkeypatch, Item(2), (mail("lost"), MemoryError("pypff_x: unable to create")))
    assert [one["name"] for one in sink.children] == [
        "outside all folders/1",
        "outside all folders/2",
    ]
    (ledger,) = sink.rows["ledger"]
    assert (ledger["expected_count"], ledger["emitted_count"], ledger["failed_count"]) == (2, 1, 1)


def test_attachments_and_what_is_lost_of_them() -> None:
    method = {0x37050003: (1).to_bytes(4, "little"), 0x3707001F: text("отчёт.doc")}
    link = {0x37050003: (2).to_bytes(4, "little")}
    item = mail(
        "x",
        attachments=[
            Item(properties=method, content=b"doc" * 999_999),
            Item(properties=link),
            OSError(COMPLAINT),
        ],
    )
    sink = gather(outlook.read, libpff.rebuild(item))
    (child,) = sink.children
    assert (child["name"], child["content"]) == ("отчёт.doc", b"doc" * 999_999)
    assert sink.rows["ledger"] == [{"expected_count": 3, "emitted_count": 1, "failed_count": 2}]
    assert "link to a file elsewhere" in sink.rows["item"][0]["reason"]
    assert "unsupported value type" in sink.rows["item"][0]["reason"]


def test_an_attachment_larger_than_a_message_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libpff, "MAX_ITEM_BYTES", 10)
    method = {0x37050003: (1).to_bytes(4, "little")}
    parts = [Item(properties=method, content=bytes(one)) for one in (6, 6, 4)]
    sink = gather(outlook.read, libpff.rebuild(mail("x", attachments=parts)))
    assert [len(one["content"]) for one in sink.children] == [6, 4]
    assert "it holds 6 bytes" in sink.rows["item"][0]["reason"]


def test_a_property_that_cannot_be_read_is_said_and_the_rest_kept() -> None:
    class Broken(Item):
        def get_entry(self, rank: int) -> Entry:
            if rank == 1:
                raise OSError(COMPLAINT)
            return super().get_entry(rank)

    sink = gather(outlook.read, libpff.rebuild(Broken(properties=mail("да").properties)))
    assert sink.rows["message"][0]["subject"] == "да"
    assert "a property could not be read" in sink.rows["item"][0]["reason"]


@pytest.mark.parametrize("head", [b"", b"!BDN", b"!BDN0123XX", b"x" * 600])
def test_what_is_no_store_is_not_taken(head: bytes) -> None:
    assert pst.recognises(Glimpse("a.pst", head, len(head))) == 0


def test_bytes_that_only_begin_like_a_store_fail_with_a_reason() -> None:
    sink = gather(pst.read, b"!BDN0123SM" + bytes(600), "a.pst")
    (item,) = sink.rows["item"]
    assert item["status"] == "failed"
    assert item["reason"].startswith("it could not be opened as an Outlook mailbox (libpff: ")


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "subjects"),
    [
        ("mixed/ingest-file/fixtures__testPST.pst", 6),
        ("outlook/tika/test-documents__testPST.pst", 7),
        ("outlook/tika/test-documents__testPST_variousBodyTypes.pst", 4),
    ],
)
def test_real_stores_give_what_they_declare(shared_data: Path, name: str, subjects: int) -> None:
    data = (shared_data / "leak" / name).read_bytes()
    assert pst.recognises(Glimpse("x", data[:65536], len(data))) == 100
    first, second = gather(pst.read, data), gather(pst.read, data)
    assert first.rows["ledger"][0]["expected_count"] == subjects
    assert first.rows["ledger"][0]["failed_count"] == 0
    assert [one["content"] for one in first.children] == [one["content"] for one in second.children]
    read = [gather(outlook.read, one["content"]) for one in first.children]
    assert all(one.rows["item"][0]["status"] == "read" for one in read)
    assert all(one.rows["message"][0]["subject"] for one in read)


@pytest.mark.shared_data
def test_a_message_attached_to_a_message_comes_out_of_a_real_store(shared_data: Path) -> None:
    data = (shared_data / "leak/outlook/tika/test-documents__testPST.pst").read_bytes()
    last = gather(outlook.read, gather(pst.read, data).children[-1]["content"])
    (inner,) = last.children
    held = gather(outlook.read, inner["content"])
    assert held.rows["message"][0]["subject"] == "First email"
    (document,) = held.children
    assert document["name"] == "attachment.docx"
    assert document["content"].startswith(b"PK\x03\x04")
