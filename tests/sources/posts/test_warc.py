from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import UTC, datetime

import pytest
from post_reading import glimpse, read
from tables import START, kinds

from tamis.sources.posts.warc import READER, http_answer

SEEN = datetime(2017, 5, 5, 20, 0, tzinfo=UTC)


def record(
    block: bytes, kind: str = "response", address: str = "https://www.paper.example/a", **more: str
) -> bytes:
    fields = {"WARC-Type": kind, "WARC-Target-URI": address, "WARC-Date": "2017-05-05T20:00:00Z",
              "Content-Length": str(len(block)), **more}  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def answer(
    body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, more: str = ""
) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body


PAGE = b"""<html lang="fr"><head><title>A title</title><script>x = "unseen"</script></head><body>
<p>Words &eacute;t&eacute;</p><a href="/other#x">o</a> <a href="https://dump.example/x">d</a>
<a href="javascript:x">j</a></body></html>"""


def test_a_page_as_the_crawler_saw_it() -> None:
    data = (
        record(b"x", "warcinfo")
        + record(answer(PAGE))
        + record(b"GET / HTTP/1.1\r\n\r\n", "request")
    )
    found = read(READER, data)
    (post,) = found["post"]
    assert (post["post_id"], post["account_id"]) == (
        "web:https://paper.example/a",
        "web:paper.example",
    )
    assert post["text"] == "A title\nWords été\no d\nj"
    assert post["language_declared"] == "fr"
    assert post["posted_high_at"] == SEEN.replace(microsecond=999_999)
    assert (post["posted_at"], post["posted_low_at"]) == (None, None), "a sighting is no posting"
    assert (post["clock"], post["collected_at"]) == ("archive", SEEN)
    digest = hashlib.sha256(PAGE).hexdigest()
    assert kinds(found, post["post_id"]) == {
        "url:https://paper.example/a": "card", "domain:paper.example": "card",
        "url:https://paper.example/other": "in_text", "url:https://dump.example/x": "in_text",
        "domain:dump.example": "in_text", f"file_sha256:{digest}": "attachment"}  # fmt: skip
    start, end = post["byte_start"], post["byte_end"]
    assert data[start:end].startswith(b"WARC/1.0\r\nWARC-Type: response")
    assert data[start:end].endswith(b"</html>")
    count = found["intake_count"][0]
    assert (count["used_count"], count["skipped_count"]) == (1, 2)
    assert "1 request records" in count["note"]


def test_a_page_that_states_its_own_time() -> None:
    body = b'<meta property="article:published_time" content="2017-05-05T20:49:00+02:00"><p>x'
    (post,) = read(READER, record(answer(body)))["post"]
    assert (post["posted_at"], post["clock"]) == (START, "client_claimed")
    for stated in (b"2030-01-01T00:00:00Z", b"2017-05-05 20:49:00", b"soon"):
        later = body.replace(b"2017-05-05T20:49:00+02:00", stated)
        assert read(READER, record(answer(later)))["post"][0]["clock"] == "archive"


@pytest.mark.parametrize("coding", ["plain", "chunked", "joined", "gzip", "deflate", "raw deflate"])
def test_codings_give_the_same_bytes(coding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    body, more = {
        "plain": (PAGE, ""),
        "chunked": (b"5\r\n" + PAGE[:5] + b"\r\n" + b"%x;e=1\r\n" % len(PAGE[5:]) + PAGE[5:]
                    + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
        "joined": (PAGE, "Transfer-Encoding: chunked\r\n"),
        "gzip": (gzip.compress(PAGE), "Content-Encoding: gzip\r\n"),
        "deflate": (zlib.compress(PAGE), "Content-Encoding: deflate\r\n"),
        "raw deflate": (raw.compress(PAGE) + raw.flush(), "Content-Encoding: deflate\r\n"),
    }[coding]  # fmt: skip
    assert http_answer(answer(body, more=more))[2] == PAGE


def test_a_file_is_known_by_its_hash_and_what_is_no_page_is_counted() -> None:
    data = (record(answer(b"%PDF-1.4 x", "application/pdf"), address="https://p.example/a.pdf")
            + record(answer(b"", status=302)) + record(b"", "revisit")
            + record(b"x", "resource", "dns:p.example"))  # fmt: skip
    found = read(READER, data)
    (post,) = found["post"]
    assert post["text"] is None
    digest = hashlib.sha256(b"%PDF-1.4 x").hexdigest()
    assert kinds(found, post["post_id"])[f"file_sha256:{digest}"] == "attachment"
    assert found["intake_count"][0]["skipped_count"] == 3


def test_damage_costs_what_it_hits() -> None:
    good = record(answer(PAGE))
    wrong = good.replace(b"Content-Length: ", b"Content-Length: x")
    bomb = record(answer(gzip.compress(bytes(80 << 20)), more="Content-Encoding: gzip\r\n"))
    brotli = record(answer(b"x", more="Content-Encoding: br\r\n"))
    cut = record(answer(PAGE))[:-40]
    found = read(READER, b"noise\r\n" + wrong + bomb + brotli + record(b"no answer") + good + cut)
    assert len(found["post"]) == 1
    reasons = " ".join(r["reason"] for r in found["rejected"])
    for part in ("no record begins", "how long", "64 MiB", "'br'", "no HTTP", "ends inside"):
        assert part in reasons


def test_recognition() -> None:
    assert READER.recognises(glimpse(record(b""))) == 99
    assert READER.recognises(glimpse(b"HTTP/1.1 200 OK")) == 0
