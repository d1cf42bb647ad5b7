from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from document_rows import read, score

from tamis.sources.leak.documents import html_tags
from tamis.sources.leak.documents.html import READER

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """<!DOCTYPE html>
<!-- saved from url=(0023)https://intranet.test/x -->
<html lang="fr"><head><meta charset="utf-8"><title>Réunion &amp; suite</title>
<meta name="generator" content="Editor 5"><meta name=author content='A. Author'>
<meta property="article:published_time" content="2017-04-24T10:15:00+02:00">
<meta http-equiv="refresh" content="3; url=https://next.test/">
<link rel="stylesheet" href="//cdn.test/a.css"><style>p{background:url(http://t.test/bg.png)}</style>
<script src="https://s.test/a.js">var hidden = 1;</script></head>
<body onload="go()"><p>Bonjour à tous, la réunion de demain est reportée à jeudi.</p>
<img src="http://beacon.test/1.gif?u=7" width="1" height="1"><img src="local.png">
<img srcset="https://i.test/a.jpg 1x, https://i.test/b.jpg 2x"><iframe src=file://server/share/x></iframe>
<form action="https://collect.test/login"><input name=p></form>
<a href="https://example.test/page">une page</a></body></html>"""


def test_text_metadata_and_what_would_be_loaded() -> None:
    rows = read(READER, PAGE.encode())
    assert rows.item == {"status": "read", "media_type": "text/html", "reason": None}
    assert rows.document["kind"] == "web"
    assert "Bonjour à tous" in rows.document["text"]
    assert "hidden" not in rows.document["text"]
    assert rows.document["has_macros"] is True
    told = rows.values("html")
    assert told["saved from"] == "https://intranet.test/x"
    assert told["title"] == "Réunion & suite"
    assert told["language"] == "fr"
    assert told["meta generator"] == "Editor 5"
    assert told["meta author"] == "A. Author"
    assert rows.at("html", "meta article:published_time") == "2017-04-24T08:15:00+00:00"
    loads = {(row["name"], row["value"]) for row in rows.properties if row["namespace"] == "loads"}
    assert loads == {
        ("refresh", "https://next.test/"),
        ("link", "//cdn.test/a.css"),
        ("style", "http://t.test/bg.png"),
        ("script", "https://s.test/a.js"),
        ("img of one pixel", "http://beacon.test/1.gif?u=7"),
        ("img", "https://i.test/a.jpg"),
        ("img", "https://i.test/b.jpg"),
        ("iframe", "file://server/share/x"),
        ("form", "https://collect.test/login"),
    }
    assert rows.values("link") == {"a": "https://example.test/page"}


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        (PAGE.encode(), "utf-8 (declared)"),
        (PAGE.replace("utf-8", "iso-8859-1").encode("cp1252"), "cp1252 (declared)"),
        (PAGE.encode("utf-16"), "utf-16-le (byte order mark)"),
        (PAGE.encode("utf-8-sig"), "utf-8 (byte order mark)"),
        (PAGE.replace("utf-8", "no-such").encode(), "utf-8 (fits)"),
    ],
)
def test_charsets(page: bytes, charset: str) -> None:
    assert score(READER, page) == 35
    rows = read(READER, page)
    assert rows.values("text")["charset"] == charset
    assert rows.values("html")["title"] == "Réunion & suite"


def test_a_declared_charset_that_does_not_fit_is_said() -> None:
    page = PAGE.encode("cp1252")
    told = read(READER, page).values("text")["charset"] or ""
    assert "declared utf-8 does not fit" in told


def test_office_pages_keep_what_office_noted() -> None:
    page = "<html xmlns:o='x'><xml><o:Author>A. Author</o:Author></xml><body>x</body></html>"
    assert read(READER, page.encode()).values("html")["office Author"] == "A. Author"


def test_what_is_recognised() -> None:
    assert score(READER, b"<html><body>x") == 35
    assert score(READER, b"<p>only a piece</p>", "a.html") == 30
    assert score(READER, b"words alone", "a.html") == 0
    assert score(READER, b"From: a@b\nSubject: <html>\n\n<html>") == 0
    assert score(READER, b"\x89PNG\0\0<html>", "a.html") == 0


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<", '<img src="', "<img src='\"", "a =", "<!--", "url(", "<title ", "<a b" + " " * 50],
)
def test_hostile_pages_take_linear_time(piece: str) -> None:
    page = "<html>" + piece * (1_000_000 // len(piece))
    start = time.process_time()
    read(READER, page.encode())
    assert time.process_time() - start < 5


def test_mutated_pages_never_raise() -> None:
    dice = random.Random(1866)
    for _ in range(1_000):
        raw = list(PAGE)
        for _ in range(dice.randrange(1, 8)):
            place = dice.randrange(len(raw))
            raw[place : place + dice.randrange(5)] = dice.choice(
                ["<", ">", '"', "'", "=", "\0", ""]
            )
        html_tags.survey("".join(raw))


@pytest.mark.shared_data
def test_real_files(shared_data: Path) -> None:
    paths = sorted((shared_data / "leak").rglob("*.html"))
    assert len(paths) >= 14
    for path in paths:
        data = path.read_bytes()
        assert score(READER, data, path.name) >= 30
        assert read(READER, data).item["status"] == "read"
    arabic = next(path for path in paths if "ArabicMisleading" in path.name)
    assert "قرية" in read(READER, arabic.read_bytes()).document["text"]
