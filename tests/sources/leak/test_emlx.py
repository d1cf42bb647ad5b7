from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tamis.registry import Glimpse
from tamis.sources.leak.containers import emlx as reader

Open = Callable[..., Any]
MAIL = b"From: a@example.org\nSubject: apple\nDate: Fri, 5 May 2017 10:00:00 +0200\n\nhello\n"
PLIST = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>'
    b"<key>date-received</key><integer>1493971200</integer>"
    b"<key>flags</key><integer>8590195713</integer></dict></plist>\n"
)


def emlx(mail: bytes = MAIL, plist: bytes = PLIST, length: int | None = None) -> bytes:
    return b"%d\n" % (len(mail) if length is None else length) + mail + plist


def test_the_message_is_a_span_and_the_list_are_properties(opened: Open) -> None:
    found = opened(emlx(), "12345.emlx")
    assert found.bytes("12345.eml") == MAIL
    assert found.rows["message"][0]["subject"] == "apple"
    told = {row["name"]: row for row in found.rows["property"]}
    assert told["date-received"]["noted_at"].isoformat() == "2017-05-05T08:00:00+00:00"
    assert told["flags"]["value"] == "8590195713"
    assert told["flags"]["noted_at"] is None
    start, end = told["flags"]["byte_start"], told["flags"]["byte_end"]
    assert found.raw[start:end] == PLIST
    assert found.top["status"] == "read"


def test_a_cut_message_and_a_wrong_length_are_told(opened: Open) -> None:
    cut = opened(emlx(plist=b"")[:-3], "1.emlx")
    assert cut.bytes("1.eml") == MAIL[:-3]
    assert cut.status("1.eml") == "partly"
    assert "cut off" in cut.reason("1.eml")
    wrong = opened(emlx(length=len(MAIL) - 6), "1.emlx")
    assert wrong.bytes("1.eml") == MAIL
    assert "the length is wrong" in wrong.top["reason"]


def test_entities_in_the_list_are_refused(opened: Open) -> None:
    bad = (
        b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<plist><dict><key>a</key><string>&x;</string></dict></plist>"
    )
    found = opened(emlx(plist=bad), "1.emlx")
    assert found.bytes("1.eml") == MAIL
    assert "property list cannot be read" in found.top["reason"]
    assert not found.rows["property"]


def test_recognition() -> None:
    raw = emlx()
    assert reader.recognises(Glimpse("1.emlx", raw, len(raw))) == 96
    assert reader.recognises(Glimpse("1", raw, len(raw))) == 75
    assert reader.recognises(Glimpse("1.emlx", MAIL, len(MAIL))) == 0
    assert reader.recognises(Glimpse("x.csv", b"1234\nplain words\n", 17)) == 0


@pytest.mark.shared_data
def test_a_real_file(opened: Open, shared_data: Path) -> None:
    raw = (shared_data / "leak/mime/tika/test-documents__testEMLX.emlx").read_bytes()
    found = opened(raw, "testEMLX.emlx")
    assert found.top["status"] == "read"
    assert "TIKA-461" in found.rows["message"][0]["subject"]
