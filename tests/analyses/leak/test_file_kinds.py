"""How attached files of two copies differ: notices and packing by their bytes, swaps by theirs."""

from __future__ import annotations

import hashlib

import pytest

from gateway_letters import File, pdf, png
from gateway_ways import office, zipped
from tamis.analyses.leak.file_kinds import MAX_NOTICE_BYTES, Attached, kinds


def file(data: bytes, kind: str = "application/pdf", *, is_inline: bool = False) -> Attached:
    return Attached(hashlib.sha256(data).hexdigest(), kind, data, is_inline)


PDF, OTHER = file(pdf("one")), file(pdf("two"))
NOTICE = file("La pièce jointe a été retirée.".encode(), "text/plain")
CSV = file(b"name;sum\r\nhall;1200\r\nposters;300\r\n", "text/csv")
LONG = file(b"word " * (MAX_NOTICE_BYTES // 5 + 1), "text/plain")
PICTURE, OTHER_PICTURE = file(png(1), "image/png"), file(png(2), "image/png")
PACKED = (File("a.pdf", "application/pdf", PDF.data),)
LOCKED = file(zipped(PACKED, is_locked=True), "application/zip")
ZIPPED = file(zipped(PACKED, is_locked=False), "application/zip")
OFFICE = file(office(), "application/zip")


@pytest.mark.parametrize(
    ("original", "leaked", "expected"),
    [
        ([PDF], [PDF], []),
        ([PDF, OTHER], [OTHER, PDF], []),
        ([PDF], [], ["missing"]),
        ([PDF], [file(b"")], ["missing"]),
        ([PDF, PDF], [PDF], ["missing"]),
        ([PDF], [NOTICE], ["missing", "stand_in"]),
        ([PDF], [file(NOTICE.data, "application/pdf")], ["missing", "stand_in"]),
        ([PDF], [file(NOTICE.data.decode().encode("latin-1"))], ["missing", "stand_in"]),
        ([], [NOTICE], ["stand_in"]),
        ([CSV], [NOTICE], ["missing", "stand_in"]),
        ([CSV], [file(CSV.data.replace(b"1200", b"9200"), "text/csv")], ["edited", "missing"]),
        ([PDF], [OTHER], ["missing", "swapped"]),
        ([PDF], [OFFICE], ["missing", "swapped"]),
        ([PDF], [file(OTHER.data, "text/plain")], ["missing", "swapped"]),
        ([PDF], [LONG], ["missing", "swapped"]),
        ([], [PDF], ["added"]),
        ([PDF], [ZIPPED], ["missing", "packed"]),
        ([PDF], [LOCKED], ["missing", "packed"]),
        ([OTHER], [ZIPPED], ["missing", "swapped"]),
        ([ZIPPED], [PDF], ["added", "missing"]),
        ([ZIPPED], [OTHER], ["missing", "swapped"]),
        ([], [ZIPPED], ["added"]),
        ([PICTURE], [OTHER_PICTURE], ["missing", "picture"]),
        ([], [PICTURE], ["picture"]),
        ([PDF], [PICTURE], ["missing", "swapped"]),
        ([PDF], [file(PICTURE.data, "image/png", is_inline=True)], ["missing", "picture"]),
        ([PDF], [PDF, file(b"0\x82\1", "application/pkcs7-signature")], ["wrapper"]),
        ([PDF], [PDF, file(b"From: a@b\r\n\r\nx", "message/rfc822")], ["message"]),
        ([PDF], [NOTICE, OTHER], ["missing", "stand_in", "swapped"]),
    ],
)
def test_each_kind(original: list[Attached], leaked: list[Attached], expected: list[str]) -> None:
    assert kinds(original, leaked) == expected
