"""What kind of file bytes are, by their first bytes, in a media type and in words for people."""

from __future__ import annotations

import mimetypes
import re
from functools import cache

_ZIP_NAMES = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.presentation",
    ),
)
_OLE_NAMES = (
    ("__substg1.0_", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"!BDN", "application/vnd.ms-outlook-pst"),
    (0, b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"BEGIN:VCARD", "text/vcard"),
    (0, b"BEGIN:VCALENDAR", "text/calendar"),
    (0, b"-----BEGIN ", "application/pem-certificate-chain"),
    (0, b"AT&TFORM", "image/vnd.djvu"),
    (0, b"<?xml", "application/xml"),
)
_HTML = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FAMILIES = (
    ("wordprocessing", "a text document (office format)"),
    ("opendocument.text", "a text document (office format)"),
    ("spreadsheet", "a spreadsheet (office format)"),
    ("presentation", "a presentation (office format)"),
)
_WORDS = {
    "application/pdf": "a PDF document",
    "application/rtf": "an RTF document",
    "application/msword": "a Word document",
    "application/vnd.ms-excel": "an Excel workbook",
    "application/vnd.ms-powerpoint": "a PowerPoint presentation",
    "application/vnd.ms-outlook": "an Outlook message (MSG)",
    "application/vnd.ms-outlook-pst": "an Outlook mailbox (PST or OST)",
    "application/vnd.ms-tnef": "an Outlook attachment bundle (TNEF)",
    "application/x-ole-storage": "an old Microsoft Office file (OLE)",
    "application/zip": "a ZIP archive",
    "application/x-7z-compressed": "a 7-Zip archive",
    "application/vnd.rar": "a RAR archive",
    "application/x-tar": "a TAR archive",
    "application/gzip": "a gzip-compressed file",
    "application/x-bzip2": "a bzip2-compressed file",
    "application/x-xz": "an xz-compressed file",
    "application/zstd": "a zstd-compressed file",
    "application/json": "a JSON file",
    "application/xml": "an XML file",
    "application/pem-certificate-chain": "a key or certificate (PEM)",
    "application/vnd.microsoft.portable-executable": "a Windows program",
    "application/x-elf": "a Linux program",
    "application/vnd.apache.parquet": "a Parquet table",
    "text/html": "a web page",
    "text/plain": "a plain text",
    "text/csv": "a table of values (CSV)",
    "text/vcard": "address cards (VCF)",
    "text/calendar": "calendar entries (ICS)",
}


def media_type(head: bytes, tail: bytes = b"") -> str | None:
    """The media type found in a file's first bytes; None when nothing is recognised.

    Limits    `tail`, the last bytes, tells apart what is a ZIP archive by form.
    """
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(head, tail)
    if head.startswith(b"PK\x05\x06"):
        return "application/zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_type(head + tail)
    for offset, magic, found in _MAGIC:
        if head.startswith(magic, offset):
            return found
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")[:4096]):
        return "text/html"
    return _text_type(head)


def words(found: str | None) -> str:
    """What a file is, in words for people."""
    if found is None:
        return "a file of unknown format"
    for mark, told in _FAMILIES:
        if mark in found and found not in _WORDS:
            return told
    if found.startswith("image/"):
        return f"an image ({found.partition('/')[2]})"
    return _WORDS.get(found, f"a file of type {found}")


def claimed_type(name: str) -> str | None:
    """The media type that a file name claims by its ending; None when it claims nothing."""
    return _by_name().guess_type(name.rpartition("/")[2][-200:], strict=False)[0]


@cache
def _by_name() -> mimetypes.MimeTypes:
    # The list built in, not the ones of this machine, which the first use would read and which
    # the cell does not let a worker open.
    mimetypes.inited = True
    known = mimetypes.MimeTypes()
    known.add_type("application/vnd.ms-outlook", ".msg")
    known.add_type("message/rfc822", ".eml")
    known.add_type("application/mbox", ".mbox")
    return known


def _zip_type(head: bytes, tail: bytes) -> str:
    seen = head[:200] + tail
    for mark, found in _ZIP_NAMES:
        if mark in seen or mark in head:
            return found
    return "application/zip"


def _ole_type(seen: bytes) -> str:
    for name, found in _OLE_NAMES:
        if name.encode("utf-16-le") in seen:
            return found
    return "application/x-ole-storage"


def _text_type(head: bytes) -> str | None:
    sample = head[:4096]
    if not sample or b"\0" in sample:
        return None
    controls = len(sample) - len(sample.translate(None, bytes([*range(8), *range(14, 27)])))
    if controls:
        return None
    if sample.lstrip()[:1] in {b"{", b"["} and b'"' in sample:
        return "application/json"
    return "text/plain"
