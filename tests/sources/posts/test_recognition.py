"""No reader takes another's file: every invented export before every recogniser."""

from __future__ import annotations

import importlib
import json
import random
from typing import Any

import pytest
from post_reading import glimpse, read
from tables import table

from tamis import registry
from tamis.errors import TamisError

MADE: dict[str, tuple[str, Any]] = {
    "x_v1": ("test_x_v1", lambda m: m.lines(m.streamed(0), m.status(1))),
    "x_v2": ("test_x_v2", lambda m: m.lines(m.post(0))),
    "x_twarc_csv": ("test_twarc_csv", lambda m: table(m.row(0))),
    "x_io_archive": ("test_io_archive", lambda m: table(m.row(0))),
    "x_ira_csv": ("test_ira_csv", lambda m: table(m.row(0))),
    "fourcat": ("test_fourcat", lambda m: table(m.row(), m.row("2", is_retweet="no"))),
    "crowdtangle": ("test_crowdtangle", lambda m: table(m.row())),
    "tiktok": ("test_tiktok", lambda m: json.dumps(m.video()).encode()),
    "youtube": ("test_youtube", lambda m: table(m.row("a"))),
    "zeeschuimer": ("test_zeeschuimer", lambda m: m.lines(m.line("x.com", m.x_object(1)))),
    "meta_library": ("test_meta_library", lambda m: json.dumps(m.record()).encode()),
    "feed": ("test_feed", lambda m: m.rss("Fri, 05 May 2017 18:49:00 GMT")),
    "gdelt": ("test_gdelt", lambda m: m.line()),
    "warc": ("test_warc", lambda m: m.record(m.answer(m.PAGE))),
    "excel": ("test_excel", lambda m: m.workbook(m.sheet(m.HEAD))),
    "table": ("test_table", lambda m: m.NAIVE),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("file", ["export.csv", "export.json", "export"])
def test_each_export_is_taken_by_its_own_reader_and_by_a_margin(name: str, file: str) -> None:
    module, make = MADE[name]
    shown = glimpse(make(importlib.import_module(module)), file)
    scores = {one.name: one.recognises(shown) for one in registry.plugins("posts").values()}
    best, second = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
    assert best[0] == name, scores
    assert best[1] - second[1] >= 10, scores


@pytest.mark.parametrize(
    "data", [b"", b"From: a@b.example\r\n\r\nx", b"%PDF-1.7", b"<html><p>x", b"{}", b"PK\x03\x04"]
)
def test_what_is_no_export_is_taken_by_none(data: bytes) -> None:
    readers = registry.plugins("posts").values()
    assert max(one.recognises(glimpse(data, "file")) for one in readers) <= 5


@pytest.mark.parametrize("name", MADE)
def test_changed_bytes_never_stop_a_reader(name: str) -> None:
    module, make = MADE[name]
    whole, dice = make(importlib.import_module(module)), random.Random(12)
    reader = registry.plugins("posts")[name]
    for _ in range(150):
        changed = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            way = dice.randrange(3)
            if way == 0:
                changed[at] = dice.choice(b'{}[]",:0-\\nt\x00\xff<>&')
            elif way == 1:
                del changed[at : at + dice.randint(1, 30)]
            else:
                changed[at:at] = changed[at : at + dice.randint(1, 60)]
        try:
            read(reader, bytes(changed), assume_zone="UTC")
        except TamisError as error:
            assert str(error)  # noqa: PT017 - a refusal says why; anything else is a crash
