from __future__ import annotations

import random
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from gathering import Gathered, gather

from cfb_writer import attachment, compound_file, message
from tamis.registry import Glimpse
from tamis.sources.leak.containers import msg, outlook
from tamis.syntax.mapi import rebuilt

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from a by b; Fri, 5 May 2017 10:00:00 +0200\r\n"
    "From: Иван Петров <ivan@example.org>\r\n"
    "Date: Fri, 5 May 2017 10:00:00 +0200\r\n"
    "List-Id: <x.example>\r\n\r\n"
)
SUBMITTED = int(
    (datetime(2017, 5, 5, 8, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
)
CYRILLIC: dict[int, Any] = {
    0x001A001F: "IPM.Note",
    0x0037001F: "\x01\x05RE: Отчёт за март",
    0x1000001F: "Здравствуйте,\r\n数据在附件里。\r\n",
    0x0042001F: "Иван Петров",
    0x0064001F: "SMTP",
    0x0065001F: "ivan@example.org",
    0x007D001F: HEADERS,
    0x1035001F: "<1@example.org>",
    0x00390040: SUBMITTED * 10_000_000,
}
TO = {0x0C150003: 1, 0x3001001F: "B", 0x3002001F: "SMTP", 0x3003001F: "b@c.example"}
CC = {0x0C150003: 2, 0x3002001F: "EX", 0x3003001F: "/o=x/cn=y", 0x39FE001F: "y@c.example"}
FILE = attachment({0x37050003: 1, 0x3707001F: "отчёт.pdf", 0x37010102: b"%PDF-1.4 x"})


def one_of(storage: Any) -> tuple[Gathered, Gathered]:
    """What is said of the file, and of the message in it."""
    outer = gather(msg.read, compound_file(storage), "a.msg")
    (child,) = outer.children
    return outer, gather(outlook.read, child["content"])


def test_a_message_by_hand() -> None:
    outer, inner = one_of(message(CYRILLIC, (TO, CC), (FILE,)))
    assert outer.rows["item"] == [{"status": "read", "media_type": "application/vnd.ms-outlook"}]
    assert outer.rows["ledger"][0]["expected_count"] == 1
    (row,) = inner.rows["message"]
    assert row["subject"] == "RE: Отчёт за март"
    assert row["body_text"] == "Здравствуйте,\r\n数据在附件里。\r\n"
    assert (row["from_address"], row["from_name"]) == ("ivan@example.org", "Иван Петров")
    assert (row["to_addresses"], row["cc_addresses"]) == (["b@c.example"], ["y@c.example"])
    assert row["message_id"] == "1@example.org"
    assert row["sent_at"] == datetime(2017, 5, 5, 8, tzinfo=UTC)
    assert (row["sent_offset_s"], row["received_count"], row["is_bulk"]) == (7200, 1, True)
    assert row["line_ends"] == "crlf"
    (item,) = inner.rows["item"]
    assert item == {
        "status": "read",
        "media_type": "application/vnd.tamis.outlook-message",
        "reason": None,
    }
    (pdf,) = inner.children
    assert (pdf["name"], pdf["content"]) == ("отчёт.pdf", b"%PDF-1.4 x")


def test_transport_headers_stand_where_the_rows_say() -> None:
    _, inner = one_of(message(CYRILLIC))
    fields = inner.rows["header"]
    assert [row["name"] for row in fields] == ["Received", "From", "Date", "List-Id"]
    for row in fields:
        found = inner.data[row["byte_start"] : row["byte_end"]]
        assert found.startswith(row["name"].encode() + b": ")
        assert found.endswith(b"\r\n")
    assert fields[1]["value"] == "Иван Петров <ivan@example.org>"


def test_body_parts_stand_where_the_rows_say() -> None:
    for text in ("т", "текст " * 500):
        _, inner = one_of(message({**CYRILLIC, 0x1000001F: text}))
        top, part = inner.rows["part"]
        assert (top["byte_start"], top["byte_end"]) == (0, len(inner.data))
        assert (part["media_type"], part["charset"]) == ("text/plain", "utf-16-le")
        assert inner.data[part["byte_start"] : part["byte_end"]].decode("utf-16-le") == text


@pytest.mark.parametrize(
    ("page", "text", "codec"),
    [
        ({0x3FFD0003: 1251}, "Привет, мир", "cp1251"),
        ({0x3FFD0003: 936}, "数据分析报告", "gbk"),
        ({0x3FF10003: 0x0419}, "Привет, мир", "cp1251"),
        ({0x3FF10003: 0x0404}, "格式測試", "cp950"),
        ({0x3FDE0003: 20866}, "Привет, мир", "koi8-r"),
        ({}, "élève", "cp1252"),
    ],
)
def test_8_bit_texts_are_read_in_the_code_page_stated(
    page: dict[int, int], text: str, codec: str
) -> None:
    raw = text.encode(codec)
    _, inner = one_of(message({**page, 0x0037001E: raw, 0x1000001E: raw}, ({0x3003001E: raw},)))
    (row,) = inner.rows["message"]
    assert (row["subject"], row["body_text"]) == (text, text)


def test_bytes_are_the_same_on_every_run() -> None:
    storage = message(CYRILLIC, (TO, CC), (FILE,))
    first, second = (gather(msg.read, compound_file(storage)).children[0] for _ in "12")
    assert first["content"] == second["content"]
    assert first["content"].startswith(rebuilt.MAGIC)


def test_a_message_inside_a_message_inside_a_message() -> None:
    deep: Any = message({0x0037001F: "innermost"}, head=24)
    for name in ("middle", "outer"):
        held = attachment({0x37050003: 5, 0x3001001F: f"in {name}"}, deep)
        deep = message({0x0037001F: name}, (), (held,), head=32 if name == "outer" else 24)
    _, inner = one_of(deep)
    seen = []
    while True:
        seen.append(inner.rows["message"][0]["subject"])
        if not inner.children:
            break
        (child,) = inner.children
        assert child["claimed_type"] == "application/vnd.tamis.outlook-message"
        inner = gather(outlook.read, child["content"])
    assert seen == ["outer", "middle", "innermost"]


def test_messages_too_deep_are_listed_and_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(msg, "MAX_DEPTH", 1)
    deep: Any = message({0x0037001F: "x"}, head=24)
    for _ in range(3):
        deep = message({0x0037001F: "x"}, (), (attachment({0x37050003: 5}, deep),), head=24)
    top = message({0x0037001F: "top"}, (), (attachment({0x37050003: 5}, deep),))
    _, inner = one_of(top)
    last = gather(outlook.read, inner.children[0]["content"])
    (item,) = last.rows["item"]
    assert item["status"] == "partly"
    assert "lie inside one another" in item["reason"]
    assert last.rows["ledger"] == [{"expected_count": 1, "emitted_count": 0, "failed_count": 1}]


def test_what_has_no_bytes_is_counted_and_said() -> None:
    link = attachment({0x37050003: 2, 0x370D001F: "\\\\server\\x"})
    lost = attachment({0x37050003: 1, 0x3707001F: "a.doc"})
    ole = attachment({0x37050003: 6, 0x3001001F: "chart"}, {"CONTENTS": b"abc", "\x01Ole": b"d"})
    _, inner = one_of(message({0x0037001F: "x"}, (), (link, lost, ole)))
    assert [(one["name"], one["content"]) for one in inner.children] == [
        ("chart/\x01Ole", b"d"),
        ("chart/CONTENTS", b"abc"),
    ]
    (item,) = inner.rows["item"]
    assert "link to a file elsewhere" in item["reason"]
    assert "bytes are missing" in item["reason"]
    assert inner.rows["ledger"][0]["failed_count"] == 2


def test_a_count_that_the_file_does_not_keep_is_said() -> None:
    storage = message(CYRILLIC)
    listed = bytearray(storage["__properties_version1.0"])
    listed[20:24] = struct.pack("<I", 3)
    storage["__properties_version1.0"] = bytes(listed)
    _, inner = one_of(storage)
    assert inner.rows["ledger"] == [{"expected_count": 3, "emitted_count": 0, "failed_count": 3}]
    assert "declares 3 attachments and lists 0" in inner.rows["item"][0]["reason"]


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        ("IPM.Contact", "contact"),
        ("IPM.Appointment", "appointment"),
        ("IPM.Task", "task"),
        ("IPM.StickyNote", "note"),
    ],
)
def test_what_is_no_mail_is_no_message(stated: str, kind: str) -> None:
    texts = {0x001A001F: stated, 0x0037001F: "Иванова", 0x3A16001F: "Société", 0x1000001F: "тел."}
    _, inner = one_of(message(texts))
    assert "message" not in inner.rows
    assert inner.rows["item"][0]["media_type"] == f"application/vnd.tamis.outlook-{kind}"
    (document,) = inner.rows["document"]
    assert document["text"] == "Иванова\nSociété\nтел."  # noqa: RUF001
    named = {row["name"]: row["value"] for row in inner.rows["property"]}
    assert named["message_class"] == stated


def test_html_and_rtf_stand_in_where_there_is_no_plain_text() -> None:
    page = "<html><p>Привет</p><script>x</script>".encode("cp1251")
    _, inner = one_of(message({0x10130102: page, 0x3FDE0003: 1251}))
    assert inner.rows["message"][0]["body_text"] == "Привет"
    rich = rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\par}"
    stored = struct.pack("<IIII", len(rich) + 12, len(rich), 0x414C454D, 0) + rich
    _, inner = one_of(message({0x10090102: stored}))
    assert inner.rows["message"][0]["body_text"] == "При\r\n"


def test_a_page_inside_rtf_is_asked_what_it_would_load() -> None:
    rich = (
        rb"{\rtf1\ansi\fromhtml1 "
        rb"{\*\htmltag84 <img src=\"https://t.example/p.gif\" width=1 height=1>}"
        rb"\htmlrtf {\htmlrtf0 hello\htmlrtf }\htmlrtf0 }"
    )
    stored = struct.pack("<IIII", len(rich) + 12, len(rich), 0x414C454D, 0) + rich
    for more in ({}, {0x1000001F: "plain"}):
        _, inner = one_of(message({0x10090102: stored, **more}))
        assert inner.rows["message"][0]["body_text"] == ("plain" if more else "hello")
        loads = [row for row in inner.rows["property"] if row["namespace"] == "loads"]
        assert [(one["name"], one["value"], one["part_name"]) for one in loads] == [
            ("img of one pixel", "https://t.example/p.gif", "HTML in the RTF body")
        ]


def test_streams_that_claim_more_than_the_file_are_refused() -> None:
    data = bytearray(compound_file(message({0x10000102: b"x" * 5000, 0x0037001F: "s"})))
    entry = data.index("__substg1.0_10000102".encode("utf-16-le"))
    data[entry + 120 : entry + 124] = struct.pack("<I", 0x7FFFFFFF)
    sink = gather(msg.read, bytes(data))
    assert sink.rows["item"][0]["status"] == "failed"
    assert sink.children == []


def test_recognised_by_what_stands_in_it() -> None:
    data = compound_file(message(CYRILLIC))
    assert msg.recognises(Glimpse("x", data[:65536], len(data), data[-4096:])) == 95
    plain = compound_file({"WordDocument": b"x"})
    assert msg.recognises(Glimpse("x.doc", plain, len(plain), b"")) == 0
    assert msg.recognises(Glimpse("x.msg", b"From: a@b\r\n\r\n", 12, b"")) == 0


def test_bytes_that_claim_to_be_rebuilt_are_judged_like_any() -> None:
    for tail in (b"", b"{}\n", b"[1]\n", b'{"headers":[0,99]}\n', b"[" * 100_000 + b"\n"):
        with pytest.raises(outlook.form.InputError):
            gather(outlook.read, rebuilt.MAGIC + tail)


def test_mutated_files_give_one_outcome_each() -> None:
    whole = compound_file(message(CYRILLIC, (TO, CC), (FILE, FILE)))
    dice = random.Random(7)
    statuses = set()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        sink = gather(msg.read, bytes(data[: dice.choice((len(data), dice.randrange(len(data))))]))
        (item,) = sink.rows["item"]
        statuses.add(item["status"])
        assert (item["status"] == "read") == (len(sink.children) == 1)
        for child in sink.children:
            assert gather(outlook.read, child["content"]).rows["item"]
    assert statuses == {"read", "failed"}


@pytest.mark.shared_data
def test_real_messages(shared_data: Path) -> None:
    seen = {}
    for path in sorted((shared_data / "leak" / "outlook").rglob("*.msg")):
        data = path.read_bytes()
        sink = gather(msg.read, data, path.name)
        assert sink.rows["item"][0]["status"] == "read", path
        inner = gather(outlook.read, sink.children[0]["content"])
        assert inner.rows["item"][0]["status"] == "read", path
        rows = inner.rows.get("message", [{"subject": None, "body_text": None}])
        seen[path.name.rpartition("__")[2]] = rows[0]
    assert seen["testMSG_chinese.msg"]["subject"] == "Alfresco MSG format testing ( MSG 格式測試 )"
    assert "豐泰產業工會" in seen["testMSG_chinese.msg"]["body_text"]
    assert seen["testMSG_att_doc.msg"]["subject"] == "test pièce jointe 1"
    assert seen["testMSG_Task.msg"]["subject"] is None
