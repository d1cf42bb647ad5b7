from __future__ import annotations

import random
import struct
import time
from typing import TYPE_CHECKING

import pytest
from document_rows import Rows, read, score

from tamis.sources.leak.documents import rtf_groups
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.documents.rtf import READER

if TYPE_CHECKING:
    from pathlib import Path

HEAD = rb"{\rtf1\ansi\ansicpg1251\deflang1049"
INFO = (
    rb"{\info{\title Plan}{\author \'d0\'ee\'f8\'ea\'e0}{\operator \u1025?va}"
    rb"{\creatim\yr2017\mo3\dy27\hr10\min5}{\version4}{\edmins3}}"
    rb"{\*\generator Msftedit 5.41;}{\*\rsidtbl \rsid15\rsid255}"
    rb"{\*\revtbl {Unknown;}{Eve;}}"
)
FIELD = rb'{\field{\*\fldinst INCLUDEPICTURE "http://beacon.example/x.png"}{\fldrslt pic}}'


def ole1(class_name: bytes, data: bytes) -> bytes:
    name = class_name + b"\0"
    return (
        struct.pack("<III", 0x501, 2, len(name))
        + name
        + bytes(8)
        + struct.pack("<I", len(data))
        + data
    )


def test_what_the_groups_state() -> None:
    raw = HEAD + INFO + rb"\pard Hello \revised\revauth1 added\revised0 \par " + FIELD + b"}"
    assert score(READER, raw) == 90
    found = read(READER, raw, "a.rtf")
    assert found.item["status"] == "read"
    assert "Hello" in found.document["text"]
    info = found.values("info")
    assert (info["title"], info["creator"], info["last_author"]) == ("Plan", "Рошка", "Ёva")
    assert (info["created"], info["revision"], info["edit_minutes"]) == (
        "2017-03-27T10:05",
        "4",
        "3",
    )
    assert (info["codepage"], info["software"]) == ("1251", "Msftedit 5.41")
    assert found.at("info", "created") is None, "no zone, no moment"
    assert found.values("revision") == {"author": "Eve", "insertion_count": "1"}
    sessions = [row["value"] for row in found.properties if row["namespace"] == "rsid"]
    assert sessions == ["0000000F", "000000FF"]
    assert found.values("link") == {"includepicture": '"http://beacon.example/x.png"'}


def test_a_page_that_outlook_wrapped_is_asked_what_it_would_load() -> None:
    raw = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag84 <img src=\"https://t.example/p.gif\">}"
        rb"\htmlrtf {\htmlrtf0 hello\htmlrtf }\htmlrtf0 }"
    )
    assert read(READER, raw, "body.rtf").values("loads") == {"img": "https://t.example/p.gif"}


def test_objects_come_out_as_files() -> None:
    packed = b"\x02\0a.txt\0C:\\ann\\a.txt\0\0\0\x03\0" + struct.pack("<I", 4) + b"C:\\\0"
    packed += struct.pack("<I", 6) + b"inside"
    objects = b"".join(
        rb"{\object\objemb{\*\objdata " + ole1(name, data).hex().encode() + b"}}"
        for name, data in ((b"Package", packed), (b"PBrush", b"BMdata"))
    )
    found = read(READER, HEAD + objects + b"text}", "a.rtf")
    assert found.children == {"object1/a.txt": b"inside", "object2.bin": b"BMdata"}
    embedded = found.values("embedded")
    assert embedded["original_path"] == "C:\\ann\\a.txt"
    assert embedded["object_class"] == "PBrush"
    assert found.ledger["emitted_count"] == 2


def test_binary_data_is_skipped_and_a_starred_style_is_text() -> None:
    raw = HEAD + rb"{\pict\bin6 {{{}}}}{\*\cs7 starred}{\*\unknown aside}}"
    assert rtf_groups.tell(raw, Facts(Rows())).strip() == "starred"


def test_deep_and_endless_groups_end() -> None:
    started = time.monotonic()
    for raw in (
        HEAD + b"{" * 300_000,
        HEAD + rb"{\info{\author " * 50_000 + b"x",
        HEAD + rb"\u" * 99,
    ):
        assert read(READER, raw, "a.rtf").item["status"] in {"read", "partly"}
    assert time.monotonic() - started < 20


def test_mutated_files_never_raise() -> None:
    chance = random.Random(11)
    raw = HEAD + INFO + FIELD + rb"{\object{\*\objdata 0105}}\'e9\u8364?text}"
    for _ in range(300):
        data = bytearray(raw)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        assert read(READER, bytes(data), "a.rtf").item["status"] in {"read", "partly"}


@pytest.mark.shared_data
def test_real_files_give_text(shared_data: Path) -> None:
    paths = sorted((shared_data / "leak/docs/tika").glob("*.rtf"))
    texts = [read(READER, path.read_bytes(), path.name).document["text"] for path in paths]
    assert len(paths) == 15
    assert sum(1 for text in texts if text) >= 14
